"""Use cases of protection."""

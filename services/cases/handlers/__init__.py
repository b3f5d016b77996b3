"""Use cases of the case."""

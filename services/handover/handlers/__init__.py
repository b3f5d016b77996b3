"""Use cases of both ends, and what arrives from the other."""

"""Use cases of the first contact and of what others report."""

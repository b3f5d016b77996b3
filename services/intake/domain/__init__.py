"""Pure rules of the first contact and of what others report."""

"""Pure rules of staff."""

"""Pure rules of decisions."""

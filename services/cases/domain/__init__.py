"""Pure rules of a case: no I/O, clock, chance or framework."""

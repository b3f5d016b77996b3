"""All SQL of cases: what comes in and goes out is plain or still sealed, never half."""

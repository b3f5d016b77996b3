"""The HTTP API: one row for each operation, problem+json for every refusal."""

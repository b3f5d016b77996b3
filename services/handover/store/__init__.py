"""The rows of both ends; SQL and nothing else."""

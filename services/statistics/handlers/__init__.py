"""Counting, sending, collecting, ordering and adding: each use case in one transaction."""

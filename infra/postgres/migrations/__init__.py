"""The schema of a node, one line of forward steps: `NNNN_{pre|post}_<service>_<what>.py`."""

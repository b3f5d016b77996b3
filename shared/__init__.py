"""The kernel: what every service stands on, and what knows no service."""

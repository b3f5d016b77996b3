"""The demo: scenarios played against the running system."""

"""What is agreed, followed up and reported: pure."""

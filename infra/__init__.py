"""The command line, the supervisor, and what is needed to run on one machine or many."""

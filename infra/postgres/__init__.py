"""PostgreSQL on one machine: the server, each node's database and roles, and its migrations."""

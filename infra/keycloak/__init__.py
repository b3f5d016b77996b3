"""Sign-in: the server's process, and a realm for each authority made from `tenants/`."""

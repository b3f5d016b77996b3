"""What touches the outside: the composition root, pages, HTTP API, sign-in and worker."""

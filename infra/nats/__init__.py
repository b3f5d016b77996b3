"""The exchange: the NATS server, who may do what on it, and the operator's command."""

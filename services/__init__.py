"""What a node does: one package a service, on a ladder that only reaches down."""

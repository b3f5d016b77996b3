"""The rows of the national statistics: a municipality's, a collector's, the coordinator's."""

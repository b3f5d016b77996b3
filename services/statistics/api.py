"""What others may use of the national statistics."""

from services.statistics.domain.table import Cell, Table, TableKind

__all__ = ["Cell", "Table", "TableKind"]

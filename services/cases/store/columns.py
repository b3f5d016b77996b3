"""Columns that the case's tables share."""

from sqlalchemy import Column, DateTime, ForeignKey, LargeBinary, Uuid


def at(name: str, *, nullable: bool = False) -> Column[object]:
    """A moment, aware."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def sealed() -> Column[bytes]:
    """What stands under the case's key."""
    return Column("sealed", LargeBinary, nullable=False)


def of_case() -> Column[object]:
    """Which case the row belongs to."""
    return Column("case_id", Uuid, ForeignKey("case_header.case_id"), nullable=False)

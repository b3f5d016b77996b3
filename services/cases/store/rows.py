"""A row as the database gave it, for those above who may not know the database."""

from typing import Any

from sqlalchemy import Row

Record = Row[Any]

"""Plain SQL with typed parameters, for what Core cannot say or a hot loop says faster.

PostgreSQL must know a parameter's type before it has seen a value; `:now - :first` alone tells it
nothing. Names that always mean the same carry their type here, the rest is said where used.
"""

import re
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import (
    BigInteger,
    DateTime,
    Integer,
    Interval,
    Text,
    TypeEngine,
    UserDefinedType,
    Uuid,
)

MOMENT = DateTime(timezone=True)
SPAN = Interval()
IDS = ARRAY(Uuid)


class XID8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id: grows for ever, unlike the 32-bit one."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Its name in PostgreSQL."""
        return "xid8"


_KNOWN: dict[str, TypeEngine[Any]] = {"now": MOMENT, "batch": Integer()}
_NAME = re.compile(r"(?<![:\w]):([a-z_]+)")

__all__ = ["IDS", "MOMENT", "SPAN", "XID8", "BigInteger", "Text", "Uuid", "sql"]


def sql(words: str, **types: TypeEngine[Any]) -> TextClause:
    """A statement whose named parameters have these types; `now` and `batch` are known."""
    used = set(_NAME.findall(words))
    typed = {name: kind for name, kind in (_KNOWN | types).items() if name in used}
    if unused := types.keys() - used:
        raise ValueError(f"no parameter is called {unused}")
    return text(words).bindparams(*(bindparam(name, type_=kind) for name, kind in typed.items()))

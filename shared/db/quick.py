"""Runs statements on the driver's own connection: what SQLAlchemy says, without its way there.

SQLAlchemy's asynchronous engine takes three times the processor time of the driver below it, most of
it between the compiled statement and the driver: a greenlet, an execution context and a cursor for
each statement. Here SQLAlchemy still writes the SQL, once for each form of statement, and its types
still convert what goes in and comes out; the rest is a prepared statement of the driver.

What the short way does not know goes the long way, on the same connection and in the same
transaction: lists that expand (`in_`) and defaults that Python fills in.

Three of SQLAlchemy's own names, with an underscore before them, are used here: how its engine asks
for the compiled form of a statement, and that form's two tables of types. There is no public way to
them. The package is pinned by hash, and `tests/integration/db/test_quick.py` runs each kind of
statement both ways and compares.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement
from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.util import LRUCache

Convert = Callable[[Any], Any]

_FORMS: Final = 1_000
"""More than the forms of statements in the program."""


class Rows(IteratorResult[Any]):
    """Rows that have been fetched.

    Args:
        rowcount: of the server's own word: rows found or changed.
    """

    def __init__(self, meta: SimpleResultMetaData, rows: Sequence[Any], rowcount: int) -> None:
        super().__init__(meta, iter(rows))
        self.rowcount = rowcount
        self.returns_rows = bool(meta.keys)


class Form:
    """One form of statement, compiled.

    Args:
        text: with `$1` for the first parameter.
        order: names of the parameters.
        convert: by name, what must be converted before it goes to the driver.
        back: by place, what must be converted when it comes back; None where nothing must.
    """

    def __init__(self, compiled: SQLCompiler, dialect: Dialect) -> None:
        self.compiled = compiled
        self.text = compiled.string
        self.order = tuple(compiled.positiontup or ())
        processors: Mapping[str, Any] = compiled._bind_processors  # noqa: SLF001 - see the module
        self.convert = {name: processors[name] for name in self.order if name in processors}
        found = [column.type.dialect_impl(dialect) for column in _columns(compiled)]
        back = [each.result_processor(dialect, None) for each in found]
        self.back = back if any(back) else None
        self.meta: SimpleResultMetaData | None = None

    def arguments(self, given: Mapping[str, Any]) -> list[Any]:
        """The parameters as the driver takes them."""
        convert = self.convert
        return [
            convert[name](given[name]) if name in convert else given[name] for name in self.order
        ]

    def rows(self, records: Sequence[Any], names: Sequence[str], count: int) -> Rows:
        """What came back."""
        if self.meta is None:
            self.meta = SimpleResultMetaData(names)
        if self.back is None:
            return Rows(self.meta, [tuple(record) for record in records], count)
        back = self.back
        return Rows(
            self.meta,
            [
                tuple(
                    value if convert is None else convert(value)
                    for value, convert in zip(record, back, strict=True)
                )
                for record in records
            ],
            count,
        )


class _Known:
    """A statement seen before: its form, and the values that it carries itself."""

    def __init__(self, form: Form | None, own: Any, collected: Any) -> None:
        self.form, self.own, self.collected = form, own, collected


class Quick:
    """The forms that a database's statements have had so far.

    Args:
        dialect: the engine's own, which has met the server.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._compiled: LRUCache[Any, Any] = LRUCache(_FORMS)
        self._forms: WeakKeyDictionary[SQLCompiler, Form | None] = WeakKeyDictionary()
        # Statements that are made once: looking up their form costs more than running them.
        self._made_once: WeakKeyDictionary[Any, dict[tuple[str, ...], _Known]] = WeakKeyDictionary()

    def find(
        self, statement: Any, parameters: Mapping[str, Any] | None
    ) -> tuple[Form, Mapping[str, Any]] | None:
        """The statement's form and all its values by name; None where the long way must be gone."""
        known = self._known(statement, parameters or {})
        if known.form is None:
            return None
        given = known.form.compiled.construct_params(
            parameters or None,
            escape_names=False,
            extracted_parameters=known.own,
            _collected_params=known.collected,
        )
        return known.form, given

    def _known(self, statement: Any, parameters: Mapping[str, Any]) -> _Known:
        keys = tuple(sorted(parameters))
        seen = self._made_once.get(statement)
        if seen is not None and keys in seen:
            return seen[keys]
        if not isinstance(statement, ClauseElement):
            return _Known(None, None, None)
        compiled, own, collected, _ = statement._compile_w_cache(  # noqa: SLF001 - see above
            self._dialect, compiled_cache=self._compiled, column_keys=list(keys)
        )
        assert isinstance(compiled, SQLCompiler)
        if compiled not in self._forms:
            self._forms[compiled] = Form(compiled, self._dialect) if _is_plain(compiled) else None
        known = _Known(self._forms[compiled], own, collected)
        self._made_once.setdefault(statement, {})[keys] = known
        return known


def _columns(compiled: SQLCompiler) -> Sequence[Any]:
    return compiled._result_columns  # noqa: SLF001 - see the module


def _is_plain(compiled: SQLCompiler) -> bool:
    return not (
        compiled.literal_execute_params
        or compiled.post_compile_params
        or compiled.insert_prefetch
        or compiled.update_prefetch
        or compiled.schema_translate_map
    )


class QuickConnection:
    """One of the driver's connections, with the statements prepared on it.

    Args:
        raw: taken out of the pool, and given back by whoever took it.
    """

    def __init__(self, raw: "asyncpg.Connection", quick: Quick) -> None:
        self.raw = raw
        self._quick = quick
        self._prepared: dict[str, tuple[PreparedStatement, tuple[str, ...]]] = {}

    async def execute(
        self, statement: Any, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
    ) -> Rows | None:
        """Run it; None where only the long way knows how, and nothing was done.

        Raises:
            asyncpg.PostgresError: the server refused.
            asyncpg.InterfaceError, OSError: the connection is gone.
        """
        many: Sequence[Mapping[str, Any]] = ()
        first: Mapping[str, Any] | None = None
        if isinstance(parameters, Mapping):
            first = parameters or None
        elif parameters:
            first, many = parameters[0], parameters
        found = self._quick.find(statement, first)
        if found is None:
            return None
        form, given = found
        if len(many) > 1:
            return await self._many(form, statement, many)
        prepared, names = await self._prepare(form.text)
        records = await prepared.fetch(*form.arguments(given))
        return form.rows(records, names, _count(prepared.get_statusmsg()))

    async def _many(
        self, form: Form, statement: Any, many: Sequence[Mapping[str, Any]]
    ) -> Rows | None:
        """The same statement for each, in one go."""
        prepared, names = await self._prepare(form.text)
        keys = set(many[0])
        if names or any(set(each) != keys for each in many):
            return None
        arguments = []
        for each in many:
            found = self._quick.find(statement, each)
            assert found is not None
            arguments.append(form.arguments(found[1]))
        await prepared.executemany(arguments)
        return form.rows((), (), -1)

    async def _prepare(self, text: str) -> tuple[PreparedStatement, tuple[str, ...]]:
        held = self._prepared.get(text)
        if held is None:
            prepared = await self.raw.prepare(text)
            names = tuple(each.name for each in prepared.get_attributes())
            if len(self._prepared) >= _FORMS:
                self._prepared.clear()
            held = self._prepared[text] = prepared, names
        return held


def _count(status: str) -> int:
    """`UPDATE 3`, `INSERT 0 1`, `SELECT 2`; -1 for what counts nothing."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdigit() else -1

"""Words for migrations: every table and column is explained, every grant and row policy stated.

A migration begins with `in_time()`, which bounds how long it may wait and run (Warehouse's values),
and says what is so; roles are named after the database, so that one migration serves all nodes::

    in_time()
    create_table("card", "A thing for a person to do.", {"id": ("uuid primary key", "UUIDv7.")})
    grant("card", web="select, insert", worker="select, insert")
    enable_rls("card", Policy("audience", to="web", command="select", using="app_has_role(audience)"))
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from alembic import op
from sqlalchemy import text

Role = Literal["owner", "web", "worker", "guard"]


@dataclass(frozen=True)
class Policy:
    """A row policy for one login role.

    Args:
        name: what it lets through, in a word or two.
        to: the role it is for.
        command: `all`, `select`, `insert`, `update` or `delete`.
        using: which rows are seen; None where the command has none.
        check: which rows may be written; as `using` where None.
    """

    name: str
    to: Role
    command: Literal["all", "select", "insert", "update", "delete"] = "all"
    using: str | None = None
    check: str | None = None


def in_time() -> None:
    """Give up rather than hold up the node: 4 s for a lock, 5 s for a statement."""
    op.execute("set local lock_timeout = '4s'")
    op.execute("set local statement_timeout = '5s'")


def role(name: Role) -> str:
    """The role's quoted name in this database."""
    database = op.get_bind().execute(text("select current_database()")).scalar_one()
    return f'"{database}_{name}"'


def create_table(
    name: str, about: str, columns: Mapping[str, tuple[str, str]], *constraints: str
) -> None:
    """Make a table.

    Args:
        about: what a row is, one or two sentences; kept as the table's comment.
        columns: name to type with column constraints, and what it holds.
        constraints: table constraints, each with a name.
    """
    lines = [f"{column} {kind}" for column, (kind, _) in columns.items()]
    lines += [f"constraint {constraint}" for constraint in constraints]
    op.execute(f"create table {name} ({', '.join(lines)})")
    op.execute(f"comment on table {name} is {_quoted(about)}")
    for column, (_, comment) in columns.items():
        op.execute(f"comment on column {name}.{column} is {_quoted(comment)}")


def grant(
    table: str, *, web: str | None = None, worker: str | None = None, guard: str | None = None
) -> None:
    """Say what each role may do: "select, insert"; what is not said is not allowed."""
    op.execute(f"revoke all on {table} from public")
    wanted: tuple[tuple[Role, str | None], ...] = (
        ("web", web),
        ("worker", worker),
        ("guard", guard),
    )
    for name, privileges in wanted:
        if privileges:
            op.execute(f"grant {privileges} on {table} to {role(name)}")


def enable_rls(table: str, *policies: Policy) -> None:
    """Hide every row but those that a policy lets through, from the owner too."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    for policy in policies:
        add_policy(table, policy)


def add_policy(table: str, policy: Policy) -> None:
    """One more way through; policies are alternatives."""
    statement = [
        f"create policy {table}_{policy.to}_{policy.name} on {table}",
        f"for {policy.command} to {role(policy.to)}",
    ]
    if policy.using is not None:
        statement.append(f"using ({policy.using})")
    check = policy.check
    if check is None and policy.command in {"all", "update", "insert"}:
        check = policy.using
    if check is not None:
        statement.append(f"with check ({check})")
    op.execute(" ".join(statement))


def append_only(table: str) -> None:
    """Refuse update, delete and truncate, whoever asks; needs `app_refuse_change` (0001)."""
    op.execute(
        f"create trigger {table}_append_only before update or delete or truncate on {table}"
        " for each statement execute function app_refuse_change()"
    )


def guarded_function(signature: str, body: str, *, returns: str, about: str) -> None:
    """A function that looks past row security and answers one question.

    Args:
        signature: `app_is_member(wanted uuid)`.
        body: one SQL query with schema-qualified tables; it runs with an empty search path.
        about: what it answers, and to whom.
    """
    op.execute(
        f"create function {signature} returns {returns} language sql stable security definer"
        f" set search_path = '' as $body$ {body} $body$"
    )
    plain = signature.split("(", maxsplit=1)[0]
    op.execute(f"comment on function {plain} is {_quoted(about)}")
    op.execute(f"alter function {plain} owner to {role('guard')}")


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"

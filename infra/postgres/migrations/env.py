"""Alembic's entry: runs the migrations on the connection that `infra.postgres.migrate` hands over."""

from alembic import context
from sqlalchemy import Connection


def run(connection: Connection) -> None:
    """One transaction a migration, so that a stopped run keeps what it finished."""
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])

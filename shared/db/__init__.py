"""The node's database: one transaction for each use case, run in somebody's name.

A handler writes::

    async with node.db.begin(actor, term=command.term) as uow:
        row = (await uow.execute(select(case).where(case.c.id == command.case_id))).one_or_none()
        ...
        await changed_one(uow, update(case).where(case.c.revision == row.revision).values(...))
        uow.audit("case.noted", case_id=command.case_id)
        await uow.commit()

What the block promises:

- **Who acts is told to PostgreSQL** in one statement at the start, for this transaction alone
  (`set_config(…, true)`), and row security answers with nothing of what the actor may not see. The
  login roles own nothing, so that no row policy can be passed by.
- **Leaving without `commit()` rolls back**, whatever the reason: an error, a cancelled request, a
  forgotten call. Nobody else commits, the web framework least of all.
- **What was done or read is logged in the same transaction**, or it did not happen: the rows that
  `audit()` gathers are written first thing in `commit()`. A use case that only reads commits too.
- **An update that row security hides changes no row and says nothing.** `changed_one` turns that
  silence, and a lost race, into a `Conflict`.
- **No network while a transaction is open.** The bus, the key store and every HTTP client call
  `assert_no_transaction()` first: keys first, then the transaction; messages after it, by outbox.
- **An error of the database never carries a value from a row**: see `shared.db.faults`.
"""

from shared.db.database import Database
from shared.db.faults import (
    StorageError,
    StorageShortError,
    StorageUnavailableError,
    conflict_when,
)
from shared.db.schema import metadata
from shared.db.work import UnitOfWork, add_row, assert_no_transaction, changed_one

__all__ = [
    "Database",
    "StorageError",
    "StorageShortError",
    "StorageUnavailableError",
    "UnitOfWork",
    "add_row",
    "assert_no_transaction",
    "changed_one",
    "conflict_when",
    "metadata",
]

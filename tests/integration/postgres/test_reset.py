"""What one test did to a database is gone for the next, and costs the next ones nothing."""

import pytest

pytestmark = pytest.mark.servers


async def fresh(postgres_server):
    """Which database it is, its policies, and whether the row of another test is there."""
    await postgres_server.fresh_node_databases("0580")
    async with postgres_server.admin("utvag_0580") as admin:
        return await admin.fetchrow(
            "select (select oid from pg_database where datname = current_database()) as place,"
            " (select count(*) from pg_policy) as policies,"
            " to_regclass('left_behind') is not null as is_soiled"
        )


async def test_a_database_that_lost_its_policies_is_made_anew_once_and_then_only_emptied(
    postgres_server,
):
    whole = await fresh(postgres_server)
    async with postgres_server.admin("utvag_0580") as admin:
        for row in await admin.fetch(
            "select format('drop policy %I on %s', polname, polrelid::regclass) from pg_policy"
        ):
            await admin.execute(row[0])
        await admin.execute("create table left_behind ()")
    anew = await fresh(postgres_server)
    assert whole["policies"] == anew["policies"] > 0
    assert not anew["is_soiled"]
    assert anew["place"] != whole["place"]
    assert (await fresh(postgres_server))["place"] == anew["place"]

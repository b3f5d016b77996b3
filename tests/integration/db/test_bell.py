"""The bell needs a server to be gone for real, so a socket."""

from shared.db.bell import Bell


async def test_a_bell_without_a_server_only_polls():
    async with Bell("postgresql://a:b@127.0.0.1:1/x", "outbox") as bell:
        assert await bell.wait(0.01) is False

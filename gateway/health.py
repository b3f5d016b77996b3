"""Whether this process can do its work: for the supervisor, and for who watches a node.

Says nothing about cases: no counts, no names, no versions of what runs beneath.
"""

from typing import Any

from litestar import Request, Response, get

from gateway.auth.access import PUBLIC
from shared.actor import worker
from shared.db import StorageError
from shared.node import Node


@get("/health", access=PUBLIC, include_in_schema=False)
async def health(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """200 when the database answers in the web's own role, 503 when it does not."""
    node: Node = request.app.state.node
    try:
        async with node.db.begin(worker(node.authority)):
            pass
    except StorageError:
        return Response({"status": "waiting", "for": "database"}, status_code=503)
    return Response({"status": "ready", "authority": node.authority}, status_code=200)

"""An API operation is a row: where it stands, who may, which command, which use case.

The command's own fields are the body, less those that the path names; so a field is written once,
beside the rule that reads it. Operations answer 201 with an id where something is made, 204 where
nothing is told, 200 where something is read.
"""

import dataclasses
import inspect
import types
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_type_hints
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from gateway.auth.access import bearer
from shared.actor import Actor
from shared.node import Node

UseCase = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Operation:
    """One row of the API.

    Args:
        method: HTTP method.
        path: below `/api/v1`; path parameters are `{name:uuid}` or `{name:str}`, and those that
            bear a command's field name fill that field.
        summary: what it does, in Swedish, for the API's readers.
        roles: who may call it at all; which objects are reached is the use case's own check.
        do: `do(node, actor, command)`, or `do(node, actor, *path values)` where there is none.
        command: the dataclass that the body becomes; None for operations without a body.
        media_type: of a file that the use case returns as bytes.
        quotes_law: whether it takes the book of law references, as `law`.
    """

    method: Literal["GET", "POST", "PUT"]
    path: str
    summary: str
    roles: Sequence[str]
    do: UseCase
    command: type[Any] | None = None
    media_type: str = "application/jsonl"
    quotes_law: bool = False


def path_names(path: str) -> dict[str, type]:
    """The path's parameters and their types, in order."""
    found: dict[str, type] = {}
    for part in path.split("/"):
        if part.startswith("{"):
            name, _, kind = part.strip("{}").partition(":")
            found[name] = UUID if kind == "uuid" else str
    return found


def body_type(operation: Operation) -> type[msgspec.Struct] | None:
    """The body's struct: the command's fields less the path's; unknown fields are refused."""
    if operation.command is None:
        return None
    in_path = path_names(operation.path)
    hints = get_type_hints(operation.command)
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for field in dataclasses.fields(operation.command):
        if field.name in in_path:
            continue
        if field.default is dataclasses.MISSING:
            fields.append((field.name, hints[field.name]))
        else:
            fields.append((field.name, hints[field.name], field.default))
    return msgspec.defstruct(
        f"{operation.command.__name__}Body",
        fields,
        kw_only=True,
        forbid_unknown_fields=True,
        namespace={"__doc__": operation.command.__doc__},
    )


def handler(operation: Operation, prefix: str) -> HTTPRouteHandler:
    """The Litestar handler of one row."""
    body = body_type(operation)
    names = path_names(operation.path)

    async def handle(request: Request[Actor, Any, Any], **given: Any) -> Response[Any]:
        node: Node = request.app.state.node
        data = given.pop("data", None)
        law = {"law": request.app.state.law} if operation.quotes_law else {}
        if operation.command is None:
            result = await operation.do(node, request.user, *given.values(), **law)
        else:
            values = msgspec.structs.asdict(data) if data is not None else {}
            command = operation.command(**given, **values)
            result = await operation.do(node, request.user, command, **law)
        return answer(operation, result)

    return HTTPRouteHandler(
        prefix + operation.path,
        http_method=operation.method,
        summary=operation.summary,
        operation_id=f"{operation.method.lower()}{operation.path}",
        access=bearer(*operation.roles),
        status_code=200,
    )(_with_signature(handle, names, body))


def answer(operation: Operation, result: Any) -> Response[Any]:
    """What a use case returned, as a response."""
    if result is None:
        return Response(None, status_code=204)
    if isinstance(result, bytes):
        return Response(result, status_code=200, media_type=operation.media_type)
    if isinstance(result, UUID):
        return Response({"id": result}, status_code=201)
    if isinstance(result, list):
        return Response({"items": result, "total": len(result)}, status_code=200)
    return Response(result, status_code=201 if operation.method == "POST" else 200)


def _with_signature(
    handle: Callable[..., Awaitable[Response[Any]]],
    names: dict[str, type],
    body: type[msgspec.Struct] | None,
) -> Callable[..., Awaitable[Response[Any]]]:
    """A copy of the function that says which parameters it takes: Litestar reads the signature."""
    kinds: dict[str, Any] = {"request": Request}
    for name, kind in names.items():
        kinds[name] = FromPath[kind]  # type: ignore[misc, valid-type]
    if body is not None:
        kinds["data"] = JSONBody[body]  # type: ignore[misc, valid-type]
    made = types.FunctionType(
        handle.__code__,
        handle.__globals__,
        "operation",
        None,
        handle.__closure__,
    )
    made.__annotations__ = {**kinds, "return": Response}
    made.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind)
            for name, kind in kinds.items()
        ],
        return_annotation=Response,
    )
    return made

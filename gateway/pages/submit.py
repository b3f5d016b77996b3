"""One way through every form: read, make the command, do it, lead on; or show it again, filled in."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import Response

from gateway.pages.form import FieldErrors, Form, Given, posted, to_command
from gateway.pages.frame import Page, node_of, see
from gateway.texts.errors import sentence
from shared.errors import Conflict, DomainError

Show = Callable[[Form], Awaitable[Any]]
"""Draws the page that holds the form."""


async def submit(
    request: Page,
    command: type[Any],
    do: Callable[..., Awaitable[Any]],
    show: Show,
    then: str | Callable[[Any], str] | Callable[[Any], Awaitable[Any]],
    *,
    at: Mapping[str, str] | None = None,
    fixed: Mapping[str, Any] | None = None,
    adapt: Callable[[Given], dict[str, Any]] | None = None,
) -> Response[Any] | Any:
    """Carry out what a form asks for.

    Args:
        command: the dataclass that the use case takes.
        do: `do(node, actor, command)`.
        show: the form's page; called with everything that was written when something is wrong.
        then: where to lead on, or how to make it from what `do` returned; a page of its own only
            for what no address may ever show.
        at: which field an error code belongs to, its facts in braces (`answer-{criterion}`); a code
            that is not named stands on top.
        fixed: fields that the address decides.
        adapt: makes the command's fields out of the form's where they do not match one to one; may
            raise `FieldErrors`.
    """
    given = await posted(request)
    form = Form(action=request.url.path, values=dict(given))
    fixed = dict(fixed or {})
    form.hidden = {name: value for name, value in given.items() if name in {"term", "revision"}}
    try:
        fields = {**given, **adapt(given)} if adapt else given
        result = await do(node_of(request), request.user, to_command(command, fields, **fixed))
    except FieldErrors as error:
        form.errors = error.errors
    except Conflict:
        raise
    except DomainError as error:
        name = (at or {}).get(error.code, "").format_map(error.facts)
        form.errors = {name: sentence(error.code, error.facts)}
    else:
        found = then if isinstance(then, str) else then(result)
        return see(found) if isinstance(found, str) else await found
    shown = await show(form)
    shown.status_code = 422
    return shown

"""From what a browser posts to a command, with every error beside its field and nothing lost."""

import dataclasses
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, get_type_hints

import msgspec
from litestar import Request

from gateway.auth.csrf import FIELD as CSRF_FIELD
from gateway.texts.errors import field_message
from shared.clock import STOCKHOLM

C = TypeVar("C")
Given = Mapping[str, str | list[str]]


@dataclass
class Form:
    """What the form macros read.

    Args:
        action: where it posts.
        hidden: fields that the person does not see, `term` among them.
        values: what the person wrote, by field; kept after an error.
        errors: the sentence for each field in error, in the order of the fields; key "" for what
            belongs to no field.
    """

    action: str
    hidden: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def field_of(
    kind: str,
    name: str,
    label: str,
    choices: Sequence[tuple[str, ...]] | None = None,
    *,
    hint: str | None = None,
    optional: bool = False,
) -> dict[str, Any]:
    """A field of the page `form.html`.

    Args:
        kind: `text`, `textarea`, `date`, `select`, `radios`, `checkboxes` or `tick`.
        choices: value and words of each, where the kind offers any.
    """
    return {
        "kind": kind,
        "name": name,
        "label": label,
        "hint": hint,
        "choices": choices,
        "optional": optional,
    }


class FieldErrors(Exception):  # noqa: N818 - it is several errors, told to a person
    """Some fields do not have the right form."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(sorted(errors))
        self.errors = errors


async def posted(request: Request[Any, Any, Any]) -> dict[str, str | list[str]]:
    """The form's fields, text only; a field that came more than once is a list."""
    given: dict[str, str | list[str]] = {}
    for name, value in (await request.form()).multi_items():
        if name == CSRF_FIELD or not isinstance(value, str):
            continue
        text = value.replace("\r\n", "\n").strip()
        known = given.get(name)
        if known is None:
            given[name] = text
        elif isinstance(known, list):
            known.append(text)
        else:
            given[name] = [known, text]
    request.state.given = given  # for the page of a conflict: nothing that was written is lost
    return given


def to_command(command: type[C], given: Given, **fixed: Any) -> C:
    """The command that the form means.

    An empty field is None where the command allows it; a tick that is not sent is no; a field of
    several choices is always a list.

    Args:
        fixed: fields that the address or the page decides; never read from the form.

    Raises:
        FieldErrors: with a sentence for each field that is missing or has the wrong form.
    """
    hints = get_type_hints(command)
    values: dict[str, Any] = dict(fixed)
    errors: dict[str, str] = {}
    for each in dataclasses.fields(command):  # type: ignore[arg-type]
        if each.name in fixed:
            continue
        raw = _raw(hints[each.name], given.get(each.name))
        if raw is None and each.default is not dataclasses.MISSING:
            continue
        try:
            values[each.name] = msgspec.convert(raw, hints[each.name], strict=False)
        except msgspec.ValidationError as error:
            errors[each.name] = "Fyll i fältet." if raw is None else field_message(str(error))
    if errors:
        raise FieldErrors(errors)
    return command(**values)


def _raw(hint: Any, value: str | list[str] | None) -> Any:
    """The posted text in the shape that the field's type expects."""
    origin = typing.get_origin(hint)
    if origin in {tuple, list, frozenset, set}:
        return value if isinstance(value, list) else [value] if value else []
    single = value[-1] if isinstance(value, list) else value
    if hint is bool:
        return single not in {None, "", "false"}
    if single or (hint is str and single == ""):
        return single
    return None


def local_moment(day: Any, clock: Any) -> str:
    """A day as `2026-11-22` and a time as `09.30`, in Stockholm, as an aware ISO time.

    Raises:
        ValueError: they are no day and time.
    """
    at = datetime.fromisoformat(f"{day}T{str(clock).replace('.', ':'):0>5}")
    return at.replace(tzinfo=STOCKHOLM).isoformat()

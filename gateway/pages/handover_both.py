"""Two people wrote in the same draft: what you wrote and what is saved, side by side."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.pages.form import Form, Given
from gateway.pages.frame import Page, page
from gateway.texts.days import day
from gateway.texts.errors import sentence
from gateway.texts.fields import FORM_LABELS
from gateway.texts.words import word
from services.handover import api as handover
from shared.errors import Conflict

_LABELS = FORM_LABELS | {
    "wish_is_followed": "Förslaget följer önskan",
    "urgency": "Brådska",
    "ground": "Rättslig grund",
    "consent_id": "Samtycket som valts",
    "statute": "Lagrum",
    "kinds": "Vad som lämnas ut",
}


def both_versions(
    request: Page, error: Conflict, view: handover.View, given: Given, mine: Mapping[str, Any]
) -> Any:
    """The page of a step that was saved by somebody else meanwhile.

    Saving your version anew writes this step alone: what stands in the others is not touched.

    Args:
        given: the form as it was posted; carried on whole, under the revision that is now saved.
        mine: the step's fields as the form means them.
    """
    assert view.draft is not None
    kept = {name: value for name, value in given.items() if name != "revision"}
    can_save = view.row.state is handover.SenderState.DRAFT
    rows = [
        (_LABELS[name], _words(name, value), _words(name, getattr(view.draft, name)))
        for name, value in mine.items()
    ]
    return page(
        request,
        "conflict",
        "Någon annan hann före",
        status=error.status,
        text=sentence(error.code, error.facts),
        by=None,
        at=None,
        rows=rows,
        form=Form(request.url.path, hidden={**kept, "revision": view.row.revision})
        if can_save
        else None,
        back=request.url.path if can_save else f"/handovers/{view.row.handover_id}",
    )


def _words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nej"
    return _IN_WORDS.get(name, str)(value) if value else "–"


_IN_WORDS: dict[str, Callable[[Any], str]] = {
    "urgency": lambda value: word(value, "urgency"),
    "ground": lambda value: word(value, "ground_kind"),
    "answer_on": day,
    "kinds": lambda value: ", ".join(sorted(word(kind, "section") for kind in value)),
}

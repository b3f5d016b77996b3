"""Who came too late finds again what was written, and the way to what is saved."""

import pytest
from litestar import Litestar, Request, post
from litestar.testing import AsyncTestClient

from gateway.pages import refusal
from gateway.pages.form import posted
from shared.errors import Conflict


@post("/cases/a-case/needs/housing")
async def too_late(request: Request) -> None:
    await posted(request)
    raise Conflict("db.changed_meanwhile")


@pytest.fixture
def shown(monkeypatch):
    contexts = []

    def page(request, name, title, **context):
        contexts.append((name, context))
        return refusal.Response("", status_code=context["status"])

    monkeypatch.setattr(refusal, "page", page)
    return contexts


async def test_what_was_written_is_shown_again_with_the_way_to_what_is_saved(shown):
    app = Litestar(
        [too_late], exception_handlers={Conflict: refusal.page_response}, logging_config=None
    )
    async with AsyncTestClient(app) as client:
        answer = await client.post(
            "/cases/a-case/needs/housing",
            data={"text": "Behöver en lägenhet.", "running_measure": "", "term": "1"},
        )
    assert answer.status_code == 409
    ((name, context),) = shown
    assert name == "conflict"
    assert context["rows"] == [("Text", "Behöver en lägenhet.", None)]
    assert context["back"] == "/cases/a-case"
    assert "Någon annan har ändrat" in context["text"]

"""What people establish about another authority's key: a telephone call, a meeting of two."""

from typing import Any

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.auth.access import require
from gateway.pages.form import Form, field_of
from gateway.pages.frame import Page, node_of, page
from gateway.pages.submit import submit
from services.directory import api as directory
from shared.errors import AccessDenied
from shared.ids import AuthorityCode

VOUCHERS = require("system_admin", "team_leader")
BACK = "/administration"
_AT = {
    "directory.other_fingerprint": "fingerprint",
    "directory.not_a_fingerprint": "fingerprint",
    "directory.spoken_with_missing": "spoken_with",
    "directory.meeting_in_future": "held_on",
}
_FINGERPRINT = field_of(
    "text",
    "fingerprint",
    "Fingeravtrycket, som du hörde det",
    hint="43 tecken. Mellanslag gör inget; stora och små bokstäver är olika.",
)


@get("/administration/authorities/{code:str}/fingerprint", access=VOUCHERS)
async def show_call(request: Page, code: FromPath[str]) -> Any:
    """The form: what was heard by telephone."""
    return await _call(request, code, Form(request.url.path))


@post("/administration/authorities/{code:str}/fingerprint", access=VOUCHERS)
async def call(request: Page, code: FromPath[str]) -> Any:
    """Believe the key, if it is the one that was heard."""

    async def again(form: Form) -> Any:
        return await _call(request, code, form)

    return await submit(
        request,
        directory.ConfirmFingerprint,
        directory.confirm_fingerprint,
        again,
        BACK,
        at=_AT,
        fixed={"authority": _known(request, code).code},
    )


@get("/administration/authorities/{code:str}/meeting", access=VOUCHERS)
async def show_meeting(request: Page, code: FromPath[str]) -> Any:
    """The form: a meeting about a key that nothing vouches for."""
    return await _meeting(request, code, Form(request.url.path))


@post("/administration/authorities/{code:str}/meeting", access=VOUCHERS)
async def meeting(request: Page, code: FromPath[str]) -> Any:
    """Keep the first person's record; nothing is believed before the second's."""

    async def again(form: Form) -> Any:
        return await _meeting(request, code, form)

    return await submit(
        request,
        directory.RecordMeeting,
        directory.record_meeting,
        again,
        BACK,
        at=_AT,
        fixed={"authority": _known(request, code).code},
    )


@get("/administration/authorities/{code:str}/meeting/second", access=VOUCHERS)
async def show_second(request: Page, code: FromPath[str]) -> Any:
    """The form: the second person says which key was compared."""
    return await _second(request, code, Form(request.url.path))


@post("/administration/authorities/{code:str}/meeting/second", access=VOUCHERS)
async def second(request: Page, code: FromPath[str]) -> Any:
    """Keep the second person's word: a list with this key may be accepted from now on."""

    async def again(form: Form) -> Any:
        return await _second(request, code, form)

    return await submit(
        request,
        directory.ConfirmMeeting,
        directory.confirm_meeting,
        again,
        BACK,
        at=_AT,
        fixed={"authority": _known(request, code).code},
    )


def _known(request: Page, code: str) -> directory.ListedAuthority:
    """The authority, as one of those with a key of its own; all others are nothing."""
    for each in directory.authorities(node_of(request)):
        if each.code == AuthorityCode(code) and each.fingerprint is not None:
            return each
    raise AccessDenied


async def _call(request: Page, code: str, form: Form) -> Any:
    other = _known(request, code)
    return _page(
        request,
        form,
        f"Jämför fingeravtrycket för {other.name}",
        "Ring myndigheten på ett nummer som du har från annat håll än härifrån, och be den som svarar "
        "läsa upp fingeravtrycket. Skriv det du hör; titta inte i listan. Stämmer det inte: lägg på "
        "och ring driften.",
        [
            _FINGERPRINT,
            field_of(
                "text",
                "spoken_with",
                "Vilken funktion talade du med?",
                hint="Till exempel Socialjouren. Skriv inte namn.",
            ),
        ],
        "Fingeravtrycket är bekräftat",
    )


async def _meeting(request: Page, code: str, form: Form) -> Any:
    other = _known(request, code)
    return _page(
        request,
        form,
        f"Möte om ny nyckel för {other.name}",
        "När en myndighet har förlorat alla sina nycklar går ingen att lita på förrän två personer "
        "härifrån har träffat den och jämfört den nya. Du antecknar mötet; en kollega bekräftar.",
        [
            _FINGERPRINT,
            field_of("date", "held_on", "När hölls mötet?"),
        ],
        "Anteckna mötet",
    )


async def _second(request: Page, code: str, form: Form) -> Any:
    other = _known(request, code)
    return _page(
        request,
        form,
        f"Bekräfta mötet om ny nyckel för {other.name}",
        "Du var med på mötet. Skriv fingeravtrycket som du själv läste det; titta inte i listan.",
        [_FINGERPRINT],
        "Bekräfta mötet",
    )


def _page(
    request: Page, form: Form, heading: str, intro: str, fields: list[dict[str, Any]], submit: str
) -> Any:
    return page(
        request,
        "form",
        heading,
        crumbs=[("Drift", BACK), (heading, None)],
        form=form,
        heading=heading,
        intro=intro,
        fields=fields,
        submit=submit,
        is_dangerous=False,
        back=BACK,
    )


vouching_handlers: list[HTTPRouteHandler] = [
    show_call,
    call,
    show_meeting,
    meeting,
    show_second,
    second,
]

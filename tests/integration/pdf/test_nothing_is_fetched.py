"""What people write in a letter is shown, never run, read or fetched."""

import io
import socket
from datetime import UTC, datetime

import pypdf
import pytest

from gateway.letters import TEMPLATES, Letter, Part, typeset

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

INJECTED = [
    "<img src=file:///etc/passwd>",
    '<img src="{url}">',
    '<script src="{url}"></script>',
    "<svg><image href='{url}'/></svg>",
    "<link rel=attachment href=file:///etc/passwd>",
    "@import url({url});",
    '#image("{url}")',
    '#image("/etc/passwd")',
    '#read("letter.typ")',
    '#read("/etc/passwd")',
    '#import "letter.typ": *',
    '#include "../../../../etc/passwd"',
    '#import "@preview/example:0.1.0": add',
    '#eval("1+41")',
    "#sys.inputs",
    "#{ 6 * 7 }",
    "#panic()",
    "$ 6 times 7 $",
    "*stark* _lutad_ `kod` = Rubrik",
    "@referens <etikett>",
    "\\input{/etc/passwd}",
    "\\write18{id}",
    "%PDF-1.7 (text) Tj",
    "{{ 6 * 7 }}",
    "{% include '/etc/passwd' %}",
    "${jndi:ldap://{host}/a}",
    "'; drop table cases; --",
    "exchange.*.0580.>",
    "\x1b[31mrött\x1b[0m",
    "a\r\nb: c",
    '=HYPERLINK("{url}")',
    "// kommentar /* och */ mer",
    '#link("{url}")[här]',
    "{url}",
    "javascript:alert(1)",
]


@pytest.fixture
def listener() -> socket.socket:
    """Where every planted address leads: a call would wait there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        yield server


async def test_what_is_written_is_shown_as_it_stands_and_fetches_nothing(
    listener: socket.socket,
) -> None:
    host = f"127.0.0.1:{listener.getsockname()[1]}"
    corpus = [
        text.replace("{url}", f"http://{host}/x").replace("{host}", host) for text in INJECTED
    ]
    pdf = await typeset(
        Letter(
            title="Ansökan",
            authority="Linköpings kommun",
            to=corpus[0],
            register_number=corpus[6],
            notice=corpus[7],
            parts=tuple(
                Part(heading=text, text=text, rows=((text, text),), items=(text,))
                for text in corpus
            ),
        ),
        AT,
    )

    with pytest.raises(TimeoutError):
        listener.accept()
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    said = "".join("".join(page.extract_text() for page in reader.pages).split())
    for text in corpus:
        shown = text.replace("\x1b", "[U+001B]").replace("\r", "[U+000D]")
        assert said.count("".join(shown.split())) >= 5, text
    assert "root:x:0" not in said
    assert "#setpage(" not in said  # the template's own source
    assert TEMPLATES.joinpath("letter.typ").read_text()[:40] not in said
    assert not reader.attachments
    assert all("/Annots" not in page for page in reader.pages)
    assert all(not page.images for page in reader.pages)

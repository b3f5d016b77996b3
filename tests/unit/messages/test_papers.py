"""Evidence of a handover on paper: what one end noted alone, exported and verified in broken forms."""

import json

import msgspec
import pytest

from shared.errors import WireError
from shared.ids import AuthorityCode, random_id
from shared.messages import Paper, read_paper, sign_paper, verify_evidence
from shared.messages.evidence import EvidencePaper
from shared.messages.evidence.document import Step
from tests.support.evidence import SPOILINGS, misjudged
from tests.support.messages import CONVERSATION, note
from tests.support.trust import NOW
from tests.unit.messages.test_evidence import (
    DIRECTORY,
    FIRST,
    LINKOPING,
    THEM,
    US,
    export,
    failures,
    hash_of,
    link,
)

JONKOPING = AuthorityCode("0680")
REQUEST = note(US, "begäran", kind="proposed", receiver=JONKOPING)
SIGNER = US.signing(NOW)


def paper(kind, *, by=US, **changes):
    is_ours = kind == "sent"
    has_words = kind not in {"sent", "receipt"}
    given = {
        "recorded_by": LINKOPING,
        "sender": LINKOPING if is_ours else JONKOPING,
        "receiver": JONKOPING if is_ours else LINKOPING,
        "message_id": random_id(),
        "conversation_id": CONVERSATION,
        "direction": "forward" if is_ours else "back",
        "number": 1 if has_words else 0,
        "kind": kind,
        "refers_to": None if has_words else REQUEST.message_id,
        "paper_on": NOW.date(),
        "paper_sha256": "ab" * 32,
        "content_hash": "cd" * 32 if has_words else None,
        "persons": 1 if is_ours else 2,
        "recorded_at": NOW,
    }
    return sign_paper(Paper(**given | changes), by.signing(NOW))


SENT, RECEIPT, ACCEPTED = paper("sent"), paper("receipt"), paper("accepted")
GIVEN = link(US, 2, hash_of(FIRST), kind="responsible", authority=JONKOPING, recorded_by=LINKOPING)
WHOLE = [SENT, RECEIPT, ACCEPTED]


def one_sided(papers=WHOLE, messages=(REQUEST,), **more):
    given = {"links": [[FIRST], [GIVEN]], "is_one_sided": True} | more
    return export(list(messages), papers=papers, **given)


def test_papers_that_one_end_noted_hold_and_are_told_apart_from_messages():
    report = verify_evidence(one_sided(), DIRECTORY)
    assert report.failures == ()
    assert [header.kind for header in report.headers] == ["proposed"]
    assert [each.kind for each in report.papers] == ["sent", "receipt", "accepted"]
    assert [json.loads(each).get("recorded_by") for each in report.links] == [None, LINKOPING]


def test_a_file_without_papers_is_spelt_as_before_there_were_any():
    assert b'"papers"' not in export()


@pytest.mark.parametrize("gone", range(3))
def test_a_paper_that_was_left_out_is_named(gone):
    lines = one_sided().splitlines(keepends=True)
    content = b"".join(line for at, line in enumerate(lines) if at != 2 + gone)
    assert (f"paper {gone + 1}", "evidence.step_missing") in failures(content)


def test_every_changed_byte_of_a_paper_is_blamed_on_it():
    ways = list(SPOILINGS)
    content = one_sided([SENT], links=())
    assert misjudged(content, DIRECTORY, lambda at: ways[at % len(ways)]) == []


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (one_sided(is_one_sided=False), ("paper 1", "evidence.paper_two_sided")),
        (
            one_sided([paper("receipt", refers_to=random_id())]),
            ("paper 1", "evidence.answers_nothing"),
        ),
        (
            one_sided([paper("accepted", conversation_id=random_id())]),
            ("paper 1", "evidence.other_conversation"),
        ),
        (
            one_sided([paper("accepted", by=THEM, recorded_by=THEM.authority)]),
            ("paper 1", "evidence.paper_of_another"),
        ),
        (
            one_sided([paper("accepted", sender="0581", receiver=JONKOPING)]),
            ("paper 1", "evidence.paper_of_another"),
        ),
        (one_sided([paper("accepted", by=THEM)]), ("paper 1", "wire.unknown_key")),
        (one_sided([ACCEPTED, paper("noted", number=3)]), ("back 2", "evidence.number_missing")),
        (one_sided([ACCEPTED, paper("noted")]), ("back 1", "evidence.number_twice")),
        (one_sided(links=[[FIRST], [link(US, 2, hash_of(FIRST), authority=JONKOPING)]]),
         ("link 2", "wire.unknown_sender")),
    ],
    ids=lambda each: each[1] if isinstance(each, tuple) else None,
)  # fmt: skip
def test_a_paper_that_proves_nothing_here_is_named(content, found):
    assert found in failures(content)


def test_the_protocol_judges_papers_behind_the_messages():
    def protocol(said, _links):
        assert [each.kind for each in said] == ["proposed", "sent", "receipt", "accepted"]
        return [(3, "handover.out_of_order")]

    (failure,) = verify_evidence(one_sided(), DIRECTORY, protocol).failures
    assert (failure.where, failure.name) == ("paper 3", "accepted back 1")


@pytest.mark.parametrize("payload", [b"{}", b"\xff"])
def test_a_statement_that_is_none_is_refused(payload):
    with pytest.raises(WireError) as refused:
        read_paper(SIGNER.sign(payload))
    assert refused.value.code == "wire.paper"


def test_a_paper_noted_under_a_key_that_was_not_valid_then_is_refused():
    late = NOW.replace(year=NOW.year + 30)
    assert ("paper 1", "wire.expired_key") in failures(
        one_sided([paper("accepted", recorded_at=late)])
    )


def test_a_step_is_read_by_its_own_name():
    line = msgspec.json.encode(EvidencePaper(SENT))
    assert msgspec.json.decode(line, type=Step) == EvidencePaper(SENT)

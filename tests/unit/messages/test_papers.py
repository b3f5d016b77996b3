"""Evidence of a handover on paper: what one end noted alone, exported and verified in broken forms."""

import json
from datetime import timedelta

import msgspec
import pytest

from shared.crypto import KeyRing, payload_of
from shared.errors import WireError
from shared.ids import AuthorityCode, random_id
from shared.messages import Paper, read_paper, sign_paper, verify_evidence
from shared.messages.evidence import EvidencePaper
from shared.messages.evidence.document import Step
from tests.support.evidence import SPOILINGS, misjudged
from tests.support.messages import CONVERSATION, note
from tests.support.trust import GOTEBORG, NOW, StaticDirectory
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
GIVEN = link(
    US,
    2,
    hash_of(FIRST),
    kind="responsible",
    authority=JONKOPING,
    recorded_by=LINKOPING,
    at=NOW.isoformat(),
)
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


def given(*before, to=GOTEBORG, **more):
    """The links before, and one by which we alone say that the other has taken over."""
    claims = {"kind": "responsible", "authority": to, "recorded_by": LINKOPING} | more
    previous = hash_of(before[-1]) if before else ""
    return [[each] for each in before] + [[link(US, len(before) + 1, previous, **claims)]]


def test_a_link_that_speaks_for_a_municipality_with_a_node_is_named():
    at = NOW.isoformat()
    fault = "evidence.paper_two_sided"
    assert failures(one_sided(links=given(FIRST, at=at))) == [("link 2", fault)]
    assert failures(one_sided(links=given(at=at))) == [("link 1", fault)]
    assert failures(one_sided(links=given(FIRST, to=JONKOPING))) == [("link 2", fault)]
    assert failures(one_sided(links=given(FIRST, at=at, to=JONKOPING))) == []


def test_a_handover_that_began_before_the_other_had_a_node_is_finished_on_paper():
    before, after = NOW - timedelta(days=1), NOW + timedelta(days=1)
    us, them = (KeyRing.in_memory(who, at) for who, at in ((LINKOPING, before), (JONKOPING, NOW)))
    directory = StaticDirectory([us, them])
    first = link(us, 1, "", kind="responsible")

    def verified(began):
        asked = link(
            us, 2, hash_of(first), kind="proposed", counterpart=JONKOPING, at=began.isoformat()
        )
        links = given(first, asked, to=JONKOPING, at=after.isoformat())
        return verify_evidence(
            one_sided(
                [],
                [note(us, kind="proposed", receiver=JONKOPING, now=began)],
                links=[*links[:2], [us.signing(NOW).sign(payload_of(links[2][0]))]],
                signer=us.signing(NOW),
            ),
            directory,
        )

    assert verified(NOW - timedelta(hours=1)).failures == ()
    assert [each.where for each in verified(after).failures] == ["manifest", "link 3"]


def test_a_signed_no_is_not_replaced_by_a_paper():
    request = note(US, kind="proposed")
    yes = paper("accepted", sender=GOTEBORG)
    found = failures(one_sided([yes], [request], links=()))
    fault = "evidence.paper_two_sided"
    assert found == [("manifest", fault), ("paper 1", fault)]


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

"""`utvag verify FILE`, from a state's own keys to the words a person reads."""

import json

import pytest
from click.testing import CliRunner

from infra.cli.proofs import verify
from infra.directory import bootstrap, trust_files
from infra.verify import FileReport, explain, verify_file
from shared.crypto import KeyRing
from shared.errors import DomainError
from shared.ids import OPERATOR
from shared.messages import EvidenceMessage, Failure, Ground, export_evidence
from shared.policy import load_tenants
from tests.support.messages import CONVERSATION, note, receipt
from tests.support.trust import GOTEBORG, LINKOPING, NOW


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    bootstrap(folder, load_tenants(), now=NOW)
    return folder


@pytest.fixture(scope="module")
def rings(state):
    return [KeyRing.load(trust_files(state, code).keys) for code in (LINKOPING, GOTEBORG)]


@pytest.fixture
def file(tmp_path, rings):
    return written(tmp_path / "bevis.utvag-evidence.jsonl", *conversation(rings))


def conversation(rings):
    us, them = rings
    proposed = note(us, kind="proposed")
    return us, [proposed, receipt(them, proposed)]


def written(path, us, messages, **fields):
    signed = us.signing(NOW).sign
    first = signed(
        json.dumps(
            {
                "number": 1,
                "authority": us.authority,
                "previous_hash": "",
                "kind": "responsible",
                "at": "2026-03-02T09:30:00Z",
            }
        ).encode()
    )
    path.write_bytes(
        export_evidence(
            [EvidenceMessage.of(each) for each in messages],
            conversation_id=CONVERSATION,
            exported_by=us.authority,
            directory_version=1,
            signer=us.signing(NOW),
            now=NOW,
            grounds=[Ground("policy", "0580 2026-01-01", "ab" * 32)],
            **{"links": [[first]]} | fields,
        )
    )
    return path


def test_evidence_that_holds_says_who_told_what_and_who_is_responsible(file, state):
    report = verify_file(file, trust_files(state, LINKOPING))
    assert report.holds
    text = report.as_text()
    assert "Bevis över" in text
    assert "utlämnat av 0580 2026-03-02 09:30 UTC, katalog 1." in text
    assert "0580 → 1480  proposed nr 1" in text
    assert "1480 → 0580  receipt\n" in text
    assert "Ansvarig: 0580 från 2026-03-02 09:30:00 UTC." in text
    assert "Grund: policy 0580 2026-01-01" in text
    assert text.endswith("Allt stämmer.")


def test_facts_for_a_program_hold_no_bodies(file, state):
    facts = verify_file(file, trust_files(state, LINKOPING)).as_facts()
    assert facts["holds"] is True
    assert [message["kind"] for message in facts["messages"]] == ["proposed", "receipt"]
    assert facts["responsible"][0]["authority"] == "0580"
    assert "hej" not in json.dumps(facts, default=str)


def test_a_dropped_step_is_named_in_words(file, state):
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:2] + lines[3:]))
    text = verify_file(file, trust_files(state, LINKOPING)).as_text()
    assert "FEL: meddelande 2 (receipt back 0) finns i förteckningen men saknas i filen." in text
    assert "FEL: meddelande 1 (proposed forward 1) är inte kvitterat." in text
    assert "Allt stämmer" not in text


def test_a_changed_byte_fails(file, state):
    raw = file.read_bytes()
    file.write_bytes(raw.replace(b"hej", b"nej"))
    text = verify_file(file, trust_files(state, LINKOPING)).as_text()
    assert "FEL: meddelande 1 (proposed forward 1) är ändrat" in text


def test_a_link_that_one_node_forged_for_another_is_named(tmp_path, rings, state):
    us, messages = conversation(rings)
    claims = {
        "number": 1,
        "authority": GOTEBORG,
        "previous_hash": "",
        "kind": "responsible",
        "at": "2026-03-02T09:30:00Z",
        "recorded_by": us.authority,
    }
    forged = us.signing(NOW).sign(json.dumps(claims).encode())
    path = written(tmp_path / "bevis", us, messages, links=[[forged]])
    report = verify_file(path, trust_files(state, LINKOPING))
    assert not report.holds
    assert "FEL: kedjans länk 1 är bara ena sidans ord, fast" in report.as_text()


def test_erased_bodies_and_one_side_are_told(tmp_path, rings, state):
    us, (proposed, _) = conversation(rings)
    path = written(tmp_path / "bevis", us, [proposed], is_one_sided=True)
    heading, first, *rest = path.read_bytes().splitlines()
    erased = json.loads(first) | {"body": None, "salt": None}
    bare = json.dumps(erased, separators=(",", ":")).encode()
    path.write_bytes(b"\n".join([heading, bare, *rest, b""]))
    text = verify_file(path, trust_files(state, LINKOPING)).as_text()
    assert "Ensidigt" in text
    assert "FEL: förteckningen är bara ena sidans ord, fast den andra myndigheten hade" in text
    assert "Allt stämmer" not in text
    assert "Innehållet i 1 meddelanden följer inte med" in text


@pytest.mark.parametrize(
    ("where", "code", "sentence"),
    [
        (
            "file",
            "evidence.unreadable",
            "filen går inte att läsa: något är ändrat eller avkortat, eller så är det inget bevis.",
        ),
        (
            "manifest",
            "wire.unknown_key",
            "förteckningen skrevs under med en nyckel som katalogen inte känner.",
        ),
        ("forward 2", "evidence.number_missing", "nummer framåt 2 saknas."),
        ("back", "evidence.other_sender", "nummer tillbaka har fel avsändare."),
        ("link 3", "evidence.link_broken", "kedjans länk 3 följer inte på länken före."),
        (
            "message 4",
            "handover.not_expected",
            "meddelande 4 bryter mot protokollet: handover.not_expected.",
        ),
    ],
)
def test_every_failure_is_a_sentence_that_names_the_step(where, code, sentence):
    assert explain(Failure(where, code)) == sentence


def test_without_a_directory_nothing_is_verified(file, tmp_path, state):
    with pytest.raises(DomainError, match=r"directory\.missing"):
        verify_file(file, trust_files(tmp_path, LINKOPING))
    spoilt = trust_files(tmp_path / "x", OPERATOR)
    spoilt.folder.mkdir(parents=True)
    spoilt.anchor.write_bytes(b"\xff")
    with pytest.raises(DomainError, match=r"directory\.unreadable"):
        verify_file(file, spoilt)


def test_a_link_of_another_form_is_passed_over_in_the_words(file, state):
    report = verify_file(file, trust_files(state, LINKOPING)).report
    import dataclasses

    proposed = b'{"kind":"proposed","authority":"0580","at":"2026-03-02T09:30:00Z"}'
    odd = dataclasses.replace(report, links=(b"{}", proposed, *report.links))
    assert FileReport(odd).as_text().count("Ansvarig:") == 1


def run(*words):
    return CliRunner().invoke(verify, [str(word) for word in words], standalone_mode=False)


def test_the_command_answers_0_when_all_holds_and_1_when_not(file, state):
    told = run(file, "--state", state)
    assert (told.return_value, told.exception) == (0, None), told.output
    assert "Allt stämmer." in told.output
    assert run(file, "--trust", trust_files(state, GOTEBORG).folder).return_value == 0
    file.write_bytes(file.read_bytes()[:-1])
    assert run(file, "--state", state).return_value == 1


def test_the_command_answers_programs(file, state):
    assert json.loads(run(file, "--state", state, "--json").output)["holds"] is True


def test_the_command_says_what_is_missing(file, state, tmp_path):
    assert "kan inte läsas" in str(run(tmp_path / "ingen", "--state", state).exception)
    assert "--trust" in str(run(file, "--state", tmp_path / "tom").exception)

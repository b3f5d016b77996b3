from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain.chain import (
    Link,
    check_chain,
    current_term,
    link_bytes,
    link_hash,
    next_link,
    responsible,
)
from shared.errors import DomainError
from shared.ids import AuthorityCode, FederationCaseId

CASE = FederationCaseId(UUID("8d4f2f5e-6a4c-4c0b-9a53-0a4f6f0a1111"))
LINKOPING, GOTEBORG = AuthorityCode("0580"), AuthorityCode("1480")
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def signer(authority):
    return lambda payload: f"{authority}|{payload.hex()}"


def is_signed_by(jws, payload, authority):
    return jws == signer(authority)(payload)


def could_sign(authority, at):
    return authority in {LINKOPING, GOTEBORG}


def extend(chain, kind, authority, counterpart=None):
    link = next_link(
        chain,
        federation_case_id=CASE,
        kind=kind,
        authority=authority,
        counterpart=counterpart,
        at=AT + timedelta(minutes=len(chain)),
        sign=signer(authority),
    )
    return [*chain, link]


def moved():
    """Linköping had it, proposed it, Göteborg accepted and took over."""
    chain = extend([], "responsible", LINKOPING)
    chain = extend(chain, "proposed", LINKOPING, GOTEBORG)
    chain = extend(chain, "accepted", GOTEBORG, LINKOPING)
    return extend(chain, "responsible", GOTEBORG, LINKOPING)


def check(chain, case=CASE, could_sign=could_sign):
    check_chain(chain, federation_case_id=case, is_signed_by=is_signed_by, could_sign=could_sign)


def test_the_term_rises_only_where_responsibility_changes():
    assert [link.term for link in moved()] == [1, 1, 1, 2]
    assert [link.number for link in moved()] == [1, 2, 3, 4]


def test_the_last_responsible_link_says_who_answers():
    assert responsible(moved()[:3]) == LINKOPING
    assert responsible(moved()) == GOTEBORG
    assert responsible([]) is None
    assert current_term([]) == 0


def test_a_whole_chain_verifies():
    check(moved())
    check([])


def test_a_chain_begins_with_who_is_responsible():
    with pytest.raises(DomainError) as refusal:
        extend([], "proposed", LINKOPING, GOTEBORG)
    assert refusal.value.code == "chain.not_started"


def test_an_authority_does_not_follow_itself():
    with pytest.raises(DomainError) as refusal:
        extend(moved(), "responsible", GOTEBORG)
    assert refusal.value.code == "chain.already_responsible"


def test_a_link_of_another_case_does_not_join():
    with pytest.raises(DomainError) as refusal:
        next_link(
            moved(),
            federation_case_id=FederationCaseId(uuid4()),
            kind="proposed",
            authority=GOTEBORG,
            counterpart=LINKOPING,
            at=AT,
            sign=signer(GOTEBORG),
        )
    assert refusal.value.code == "chain.other_case"


def broken(chain, case=CASE, could_sign=could_sign):
    with pytest.raises(DomainError) as refusal:
        check(chain, case, could_sign)
    assert refusal.value.code == "chain.broken"
    return refusal.value.facts["number"]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize(
    "change",
    [
        {"number": 9},
        {"federation_case_id": uuid4()},
        {"term": 7},
        {"kind": "withdrawn"},
        {"authority": "0581"},
        {"counterpart": "0581"},
        {"at": AT - timedelta(days=1)},
        {"previous_hash": "00" * 32},
        {"signatures": ()},
        {"signatures": ("0580|00",)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_link_is_named(number, change):
    chain = moved()
    chain[number] = msgspec.structs.replace(chain[number], **change)
    assert broken(chain) == number + 1


@pytest.mark.parametrize("number", range(3))
def test_a_dropped_link_is_named(number):
    chain = moved()
    del chain[number]
    assert broken(chain) == number + 1


def test_a_chain_of_another_case_is_refused():
    assert broken(moved(), FederationCaseId(uuid4())) == 1


def test_a_chain_that_starts_without_responsibility_is_refused():
    link = Link(1, CASE, 0, "proposed", LINKOPING, GOTEBORG, AT, "")
    signed = msgspec.structs.replace(link, signatures=(signer(LINKOPING)(link_bytes(link)),))
    assert broken([signed]) == 1


def test_a_chain_in_which_an_authority_follows_itself_is_refused():
    chain = extend([], "responsible", LINKOPING)
    link = Link(2, CASE, 2, "responsible", LINKOPING, None, AT, link_hash(chain[0]))
    chain.append(msgspec.structs.replace(link, signatures=(signer(LINKOPING)(link_bytes(link)),)))
    assert broken(chain) == 2


def test_hash_and_signature_do_not_cover_the_signatures():
    link = moved()[0]
    assert link_hash(link) == link_hash(msgspec.structs.replace(link, signatures=("x",)))


def test_the_bytes_of_a_link_never_change():
    link = Link(1, CASE, 1, "responsible", LINKOPING, None, AT, "")
    assert link_bytes(link) == (
        b'{"number":1,"federation_case_id":"8d4f2f5e-6a4c-4c0b-9a53-0a4f6f0a1111","term":1,'
        b'"kind":"responsible","authority":"0580","counterpart":null,'
        b'"at":"2026-11-22T08:00:00Z","previous_hash":"","signatures":[]}'
    )


@given(
    st.lists(
        st.sampled_from(["proposed", "accepted", "declined", "withdrawn", "responsible"]),
        max_size=12,
    )
)
def test_whatever_is_appended_verifies_and_has_one_responsible(kinds):
    chain = extend([], "responsible", LINKOPING)
    for kind in kinds:
        mine = responsible(chain)
        other = GOTEBORG if mine == LINKOPING else LINKOPING
        chain = extend(chain, kind, other if kind == "responsible" else mine, None)
    check(chain)
    assert current_term(chain) == 1 + kinds.count("responsible")


JONKOPING = AuthorityCode("0680")


def noted(chain, authority, by, counterpart=None, kind="responsible"):
    """A link that another signed in its stead: it has no node."""
    link = next_link(
        chain,
        federation_case_id=CASE,
        kind=kind,
        authority=authority,
        counterpart=counterpart,
        at=AT + timedelta(minutes=len(chain)),
        sign=signer(by),
        recorded_by=by,
    )
    return [*chain, link]


def test_who_has_a_case_may_note_alone_that_one_without_a_node_has_taken_it():
    chain = noted(moved(), JONKOPING, GOTEBORG, GOTEBORG)
    check(chain)
    assert responsible(chain) == JONKOPING
    assert [link.is_one_sided for link in chain] == [False, False, False, False, True]
    assert chain[-1].term == 3


def test_a_chain_may_begin_with_one_without_a_node_as_the_next_noted_it():
    chain = extend(noted([], JONKOPING, LINKOPING), "responsible", LINKOPING, JONKOPING)
    check(chain)
    assert [link.term for link in chain] == [1, 2]


@pytest.mark.parametrize(
    ("authority", "by", "kind"),
    [
        (
            LINKOPING,
            LINKOPING,
            "responsible",
        ),  # one takes it from who has it, by a note of one's own
        (JONKOPING, LINKOPING, "responsible"),  # one gives away what another has
        (JONKOPING, GOTEBORG, "accepted"),  # another word than that it has the case
    ],
)
def test_nobody_notes_more_than_that_one_gave_a_case_away(authority, by, kind):
    with pytest.raises(DomainError) as refused:
        noted(moved(), authority, by, GOTEBORG, kind)
    assert refused.value.code == "chain.not_theirs_to_record"


def test_a_note_that_another_made_breaks_the_chain_where_it_stands():
    chain = noted(moved(), JONKOPING, GOTEBORG, GOTEBORG)
    stolen = msgspec.structs.replace(chain[-1], recorded_by=LINKOPING, signatures=())
    stolen = msgspec.structs.replace(stolen, signatures=(signer(LINKOPING)(link_bytes(stolen)),))
    assert broken([*chain[:-1], stolen]) == 5
    without = msgspec.structs.replace(chain[-1], recorded_by=msgspec.UNSET)
    assert broken([*chain[:-1], without]) == 5


def test_a_link_that_its_maker_signed_is_spelt_as_before_there_were_papers():
    assert b"recorded_by" not in link_bytes(moved()[-1])


MOTALA = AuthorityCode("0583")


def test_nobody_speaks_for_an_authority_that_could_sign():
    """Göteborg alone says that Linköping had it, and that Motala has it now; all run nodes."""
    chain = noted([], LINKOPING, GOTEBORG)
    chain = extend(chain, "responsible", GOTEBORG, LINKOPING)
    chain = noted(chain, MOTALA, GOTEBORG, GOTEBORG)
    nodes = {LINKOPING, GOTEBORG, MOTALA}
    assert broken(chain, could_sign=lambda who, _: who in nodes) == 1
    assert broken(chain, could_sign=lambda who, _: who in nodes - {LINKOPING}) == 3
    check(chain, could_sign=lambda who, _: who == GOTEBORG)


def keys_from(at):
    """Jönköping's first key is valid from then on; the others always had one."""
    return lambda who, then: who != JONKOPING or then >= at


def test_who_got_a_node_since_the_paper_handover_began_may_still_be_noted():
    chain = extend(moved(), "proposed", GOTEBORG, JONKOPING)
    chain = noted(chain, JONKOPING, GOTEBORG, GOTEBORG)
    proposed, taken = chain[-2].at, chain[-1].at
    check(chain, could_sign=keys_from(taken))
    assert broken(chain, could_sign=keys_from(proposed)) == 6
    assert broken(noted(moved(), JONKOPING, GOTEBORG), could_sign=keys_from(AT)) == 5


def test_a_proposal_before_the_case_was_ones_own_dates_no_note():
    chain = extend([], "responsible", GOTEBORG)
    chain = extend(chain, "proposed", GOTEBORG, JONKOPING)
    chain = extend(chain, "responsible", LINKOPING, GOTEBORG)
    chain = extend(chain, "responsible", GOTEBORG, LINKOPING)
    chain = noted(chain, JONKOPING, GOTEBORG, GOTEBORG)
    assert broken(chain, could_sign=keys_from(chain[2].at)) == 5


def test_a_note_is_not_dated_back_to_before_its_own_maker_had_a_node():
    chain = noted(extend([], "responsible", GOTEBORG), JONKOPING, GOTEBORG, GOTEBORG)
    assert broken(chain, could_sign=lambda who, at: at > chain[-1].at) == 2


def test_a_note_without_a_time_zone_breaks_the_chain():
    chain = noted(extend([], "responsible", GOTEBORG), JONKOPING, GOTEBORG, GOTEBORG)
    naive = msgspec.structs.replace(chain[-1], at=chain[-1].at.replace(tzinfo=None), signatures=())
    naive = msgspec.structs.replace(naive, signatures=(signer(GOTEBORG)(link_bytes(naive)),))
    assert broken([chain[0], naive]) == 2

"""What is tried and broken is drawn from the seed, all of it."""

from itertools import islice, pairwise

from infra.faults.plan import (
    DISPUTED,
    KILLED,
    WEIGHTS,
    Branch,
    Pace,
    blows,
    fingerprint,
    intents,
)

CODES = ("0580", "0581", "1480")
SERVERS = ("postgres-a", "postgres-b")


def test_the_same_seed_gives_the_same_schedule_and_another_gives_another() -> None:
    pace = Pace()
    assert fingerprint(3, CODES, SERVERS, pace) == fingerprint(3, CODES, SERVERS, pace)
    assert fingerprint(3, CODES, SERVERS, pace) != fingerprint(4, CODES, SERVERS, pace)


def test_even_a_short_run_goes_through_every_branch() -> None:
    drawn = intents(1, CODES, len(WEIGHTS))
    assert {one.branch for one in drawn} == set(Branch)
    assert set(Branch) >= DISPUTED


def test_nobody_hands_over_to_oneself_and_a_consent_is_there_to_be_withdrawn() -> None:
    drawn = intents(1, CODES, 1_000)
    assert all(one.sender != one.receiver for one in drawn)
    assert all(one.by_consent for one in drawn if one.branch is Branch.CONSENT)
    assert [one.number for one in drawn] == list(range(1_000))


def test_the_branches_occur_by_their_weights() -> None:
    drawn = intents(2, CODES, 5_000)
    for branch, weight in WEIGHTS.items():
        share = sum(1 for one in drawn if one.branch is branch) / len(drawn)
        assert abs(share - weight / sum(WEIGHTS.values())) < 0.03


def test_everything_breaks_and_never_more_often_than_the_pace_says() -> None:
    pace = Pace(0.5, 3.0)
    struck = list(islice(blows(1, CODES, SERVERS, pace), 1_000))
    assert {blow.part for blow in struck} == set(pace.shares)
    gaps = [after.at_s - before.at_s for before, after in pairwise(struck)]
    assert min(gaps) >= 0.5
    assert max(gaps) <= 3.0
    assert {blow.target for blow in struck if blow.part == "postgres"} == set(SERVERS)
    assert all((blow.lasts_s > 0) is (blow.part not in KILLED) for blow in struck)

"""R3 for the handover's own messages: one end's worker dies at one place in every step of a story."""

from shared.db import failpoints
from tests.support.stories import STORIES, chains_of, play, settle_with_a_death, state_of

PLACES = sorted(name for name in failpoints.POINTS if not name.startswith("audit."))
ENDS = ("sender", "receiver")
EVERYWHERE = [(place, end, story) for place in PLACES for end in ENDS for story in STORIES]


_ENDINGS: dict[tuple[int, str], object] = {}


async def undisturbed(pair, name):
    """How the story ends when nobody dies; played once for a pair."""
    if (id(pair), name) not in _ENDINGS:
        story = await play(pair, name, pair.settle)
        _ENDINGS[id(pair), name] = await state_of(pair, story)
    return _ENDINGS[id(pair), name]


async def demand_the_same_with_deaths(pair, place: str, end: str, name: str) -> int:
    """Play with a death after each act; the end must be what it is without. How many deaths."""
    deaths = 0

    async def between() -> None:
        nonlocal deaths
        deaths += await settle_with_a_death(pair, place, end)

    expected = await undisturbed(pair, name)
    story = await play(pair, name, between)
    found = await state_of(pair, story)
    assert found == expected
    ours, theirs = await chains_of(pair, story)
    assert theirs is None or theirs == ours
    is_ours, is_theirs = await pair.responsible(story.handover_id)
    assert is_ours is not is_theirs
    return deaths

"""Every byte of an evidence file spoilt: the report names the step it stands in, first of all."""

from tests.support.evidence import SPOILINGS, misjudged
from tests.unit.messages.test_evidence import DIRECTORY, WHOLE

WAYS = list(SPOILINGS)


def test_each_byte_spoilt_in_any_way_names_the_step_it_stands_in():
    assert misjudged(WHOLE, DIRECTORY, lambda at: WAYS[at % len(WAYS)]) == []

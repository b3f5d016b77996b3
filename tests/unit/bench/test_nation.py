from infra.bench import nation
from infra.demo.nation import SimulatedNation
from services.statistics.api import HalfYear
from services.statistics.handlers.bodies import groups


def test_a_release_is_timed_step_by_step_for_every_size(monkeypatch):
    monkeypatch.setattr(nation, "NODES", (6,))
    monkeypatch.setattr(nation, "TIMES", (1, 2))
    few = [*groups()["13"]]
    monkeypatch.setattr(nation, "SimulatedNation", lambda seed: SimulatedNation(seed, few))
    said = []
    figures = nation.measure(said.append)
    assert [(each.nodes, each.times) for each in figures] == [(6, 1), (6, 2)]
    assert figures[1].sent_kb > 1.5 * figures[0].sent_kb
    assert all(each.whole_s > 0 for each in figures)
    assert len(said) == 2
    assert nation.as_text(figures).count("kommuner") == 1


def test_the_same_seed_draws_the_same_nation_and_a_handover_moves_one_person():
    def drawn(seed):
        return list(SimulatedNation(seed, [*groups()["01"]]).half_years(HalfYear(2026, 1), 3))

    assert drawn(1) == drawn(1) != drawn(2)
    for _, happened in drawn(1):
        events = [each for events in happened.values() for each in events]
        gone = [e for e in events if e.attributes.get("ended_reason") == "TRANSFERRED"]
        assert len(gone) == sum(e.series == "received" for e in events)

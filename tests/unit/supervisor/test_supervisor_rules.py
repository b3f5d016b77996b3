"""The supervisor's small rules, without any process."""

import msgspec
import pytest

from gateway.settings import load_settings
from infra.nats.server import NATSServerError, config, refuse_old
from infra.ports import PortBook, PortTakenError
from infra.postgres.databases import NodeDsns
from infra.supervisor import logs
from infra.supervisor.child import CALM_AFTER_S, LONGEST_PAUSE_S, pause_s
from infra.supervisor.settings import node_settings, write_settings
from infra.supervisor.state import State
from infra.supervisor.status import ProcessStatus, Status
from shared.ids import AuthorityCode
from shared.policy import load_tenants


def test_pauses_double_from_a_fifth_of_a_second_to_half_a_minute():
    pauses = [pause_s(crashes) for crashes in range(1, 11)]
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]
    assert pause_s(100_000) == LONGEST_PAUSE_S < CALM_AFTER_S


def status(*conditions, phase="running"):
    return Status(
        phase=phase,
        state="/s",
        processes=tuple(
            ProcessStatus(name=f"p{number}", condition=condition, pid=number)
            for number, condition in enumerate(conditions)
        ),
    )


def test_a_system_is_healthy_only_when_all_of_it_is():
    assert status("ready", "ready").is_healthy
    for condition in ("waiting", "starting", "unwell", "restarting", "stopping", "stopped"):
        assert not status("ready", condition).is_healthy
    for phase in ("starting", "stopping", "stopped"):
        assert not status("ready", phase=phase).is_healthy
    assert not status().is_healthy


def test_a_status_is_the_same_after_its_way_through_json():
    found = status("ready", "restarting")
    facts = found.as_facts()
    assert facts["healthy"] is False
    assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(found)), Status) == found


def test_a_status_reads_as_swedish():
    text = status("ready", "restarting").as_text()
    assert "p0  frisk" in text
    assert "p1  kraschade, startas om" in text
    assert status("ready").as_text().startswith("Allt är friskt.")


def test_a_large_log_is_cut_off_and_three_old_ones_are_kept(tmp_path):
    file = tmp_path / "it.log"
    with file.open("ab") as opened:
        for number in range(6):
            opened.write(b"%d" % number * 100)
            opened.flush()
            assert logs.rotate(file, max_bytes=50)
            assert file.stat().st_size == 0
    kept = {path.name: path.read_bytes()[:1] for path in tmp_path.iterdir()}
    assert kept == {"it.log": b"", "it.log.1": b"5", "it.log.2": b"4", "it.log.3": b"3"}
    assert not logs.rotate(file, max_bytes=50)
    assert not logs.rotate(tmp_path / "none.log")


def test_the_end_of_a_log_is_read_in_lines(tmp_path):
    file = tmp_path / "it.log"
    assert logs.tail(file, 3) == []
    file.write_text("".join(f"line {number}\n" for number in range(10)))
    assert logs.tail(file, 2) == ["line 8", "line 9"]
    assert logs.tail(file, 0) == []
    assert logs.names(tmp_path) == ["it"]


def test_a_torn_port_book_is_a_new_one(tmp_path):
    (tmp_path / "ports.json").write_text('{"a": ')
    assert PortBook(tmp_path / "ports.json")._known == {}


def test_the_sentence_about_a_taken_port_names_it_and_the_way_out():
    assert str(PortTakenError("nats", 4222)) == (
        "Porten 4222 (för nats) används redan av ett annat program. "
        "Stoppa det programmet, eller välj en annan port för nats."
    )


@pytest.mark.parametrize("version", ["2.9.0", "2.14.2", "2.12.99"])
def test_a_nats_server_with_known_holes_is_refused(version):
    with pytest.raises(NATSServerError, match="kända säkerhetshål"):
        refuse_old(version)


@pytest.mark.parametrize("version", ["2.14.3", "2.15.1", "2.16.0-RC.1", "3.0.0"])
def test_a_nats_server_without_them_is_taken(version):
    refuse_old(version)


def test_each_node_has_an_account_that_imports_only_its_own(tmp_path):
    users = {AuthorityCode(code): f"U{code}" for code in ("0580", "1480", "9000")}
    accounts = config(1, 2, tmp_path, users)["accounts"]
    assert set(accounts) == {"EXCHANGE", "NODE0580", "NODE1480", "SYS"}
    assert accounts["SYS"] == {"users": []}
    assert [user["nkey"] for user in accounts["EXCHANGE"]["users"]] == ["U9000"]
    for code in ("0580", "1480"):
        account = accounts[f"NODE{code}"]
        assert [user["nkey"] for user in account["users"]] == [f"U{code}"]
        subjects = [entry["service"]["subject"] for entry in account["imports"]]
        assert len(subjects) == 8
        assert all(code in subject.split(".") for subject in subjects)
    for export in accounts["EXCHANGE"]["exports"]:
        (account,) = export["accounts"]
        assert account.removeprefix("NODE") in export["service"].split(".")


@pytest.mark.parametrize("code", ["0580", "9002"])
def test_settings_are_written_so_that_the_node_reads_the_same(tmp_path, code):
    tenants = load_tenants()
    state = State.of(tmp_path / 'en mapp med "citat" och å')
    ports = {"nats": 1, "keycloak": 2, f"web-{code}": 3}
    dsns = NodeDsns(*(f"postgresql://{role}:p@127.0.0.1:4/d" for role in ("o", "w", "k", "s")))
    tenant = tenants[AuthorityCode(code)]
    settings = node_settings(state, tenant, tmp_path, dsns, ports, "secret")
    file = write_settings(state, settings)
    assert load_settings(file) == settings
    assert settings.identity.police_realm == ("9001" if code == "0580" else None)

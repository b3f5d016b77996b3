"""Ports that a process may come back to."""

from infra import ports


def test_ports_are_drawn_below_those_of_outgoing_connections(tmp_path, monkeypatch):
    place = tmp_path / "range"
    place.write_text("30000\t60999\n")
    monkeypatch.setattr(ports, "_RANGE", place)
    monkeypatch.setattr(ports, "is_free", lambda port: port % 2 == 0)
    found = ports.free_ports(50)
    assert len(set(found)) == 50
    assert all(20_000 <= port < 30_000 and port % 2 == 0 for port in found)


def test_a_range_that_cannot_be_read_is_linux_own(tmp_path, monkeypatch):
    for content in ("", "1024 65535", "none"):
        place = tmp_path / "range"
        place.write_text(content)
        monkeypatch.setattr(ports, "_RANGE", place)
        monkeypatch.setattr(ports, "is_free", lambda _: True)
        assert max(ports.free_ports(900)) < 32_768

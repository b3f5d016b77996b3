"""One file fetched from a server that cuts, lies or is away."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from infra.setup.fetch import fetch
from infra.setup.trouble import Trouble

CONTENT = bytes(range(256)) * 4096  # 1 MiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Registry:
    """A file server that does as it is told, and remembers what was asked."""

    def __init__(self):
        self.cut_after = []  # bytes sent before each connection is cut; then whole
        self.knows_ranges = True
        self.status = 200
        self.content = CONTENT
        self.asked = []
        outer = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self):
                wanted = self.headers.get("Range")
                outer.asked.append(wanted)
                start = 0
                if wanted and outer.knows_ranges:
                    start = int(wanted.removeprefix("bytes=").rstrip("-"))
                self.send_response(206 if start and outer.status == 200 else outer.status)
                rest = outer.content[start:]
                self.send_header("Content-Length", str(len(rest)))
                self.end_headers()
                if outer.cut_after:
                    rest = rest[: outer.cut_after.pop(0)]
                    self.close_connection = True
                self.wfile.write(rest)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self.server.server_port}/file.zip"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def registry():
    server = Registry()
    yield server
    server.close()


def _fetch(registry, folder, sha256=SHA256):
    return fetch(
        registry.address, folder / "file.zip", sha256=sha256, size_bytes=len(CONTENT), what="Filen"
    )


def test_a_whole_download_is_checked_and_moved_into_place(registry, tmp_path):
    assert _fetch(registry, tmp_path).read_bytes() == CONTENT
    assert [file.name for file in tmp_path.iterdir()] == ["file.zip"]


def test_what_is_there_and_right_is_not_fetched_again(registry, tmp_path):
    (tmp_path / "file.zip").write_bytes(CONTENT)
    _fetch(registry, tmp_path)
    assert registry.asked == []


def test_a_cut_download_goes_on_where_it_ended(registry, tmp_path):
    registry.cut_after = [300_000, 200_000]
    assert _fetch(registry, tmp_path).read_bytes() == CONTENT
    assert registry.asked == [None, "bytes=300000-", "bytes=500000-"]


def test_a_download_cut_for_good_says_how_far_it_came_and_the_next_call_goes_on(registry, tmp_path):
    registry.cut_after = [100_000] * 3
    with pytest.raises(Trouble) as trouble:
        _fetch(registry, tmp_path)
    assert "Filen bröts" in trouble.value.sentence
    assert "Kör samma kommando igen" in trouble.value.way_out
    assert (tmp_path / "file.zip.part").stat().st_size == 300_000
    assert _fetch(registry, tmp_path).read_bytes() == CONTENT
    assert registry.asked[-1] == "bytes=300000-"


def test_a_server_that_knows_no_ranges_sends_it_all_again(registry, tmp_path):
    registry.knows_ranges = False
    registry.cut_after = [100_000]
    assert _fetch(registry, tmp_path).read_bytes() == CONTENT


def test_the_wrong_content_is_thrown_away_and_named(registry, tmp_path):
    registry.content = b"x" + CONTENT[1:]
    with pytest.raises(Trouble, match="inte den kontrollsumma som är nålad"):
        _fetch(registry, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_part_longer_than_the_whole_is_begun_anew(registry, tmp_path):
    (tmp_path / "file.zip.part").write_bytes(CONTENT + b"more")
    assert _fetch(registry, tmp_path).read_bytes() == CONTENT
    assert registry.asked == [None]


def test_a_registry_that_refuses_is_named_with_its_answer(registry, tmp_path):
    registry.status = 404
    with pytest.raises(Trouble, match="svarade 404 på Filen"):
        _fetch(registry, tmp_path)


def test_a_registry_that_is_away_leads_to_the_way_out(registry, tmp_path):
    registry.close()
    with pytest.raises(Trouble) as trouble:
        _fetch(registry, tmp_path)
    assert "nåddes inte" in trouble.value.sentence
    assert "SSL_CERT_FILE" in trouble.value.way_out

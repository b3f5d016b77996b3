"""What the sampler of a running process takes down."""

import subprocess
import sys

import msgspec

from infra.bench.sampling import Sampled
from infra.setup import paths

_SAMPLED = """
import signal, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from infra.bench.sampling import Sampler
from shared.crypto import SigningKey
file = Path(sys.argv[1])
Sampler(file)
key = SigningKey.create(datetime.now(UTC), timedelta(days=1))
until = time.process_time() + 0.2
while time.process_time() < until:
    key.sign(b"text")
signal.raise_signal(signal.SIGUSR1)
file.rename(file.with_name("first"))
signal.raise_signal(signal.SIGUSR1)
"""


def test_the_sampler_sees_crypto_as_crypto_and_begins_anew_when_asked(tmp_path):
    file = tmp_path / "samples.json"
    subprocess.run([sys.executable, "-c", _SAMPLED, file], check=True, cwd=paths.ROOT)
    first, second = (
        msgspec.json.decode(one.read_bytes(), type=Sampled) for one in (tmp_path / "first", file)
    )
    assert first.costs["crypto"] > 20
    assert any("crypto/" in place or "_rfc" in place for place in first.places)
    assert second.costs.get("crypto", 0) < 10

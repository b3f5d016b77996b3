"""Parts of the tests that run beside each other, and what they cost."""

import sys
import threading

from infra.cli import testing
from infra.cli.parts import Part
from infra.cli.programs import Programs

BUSY = "import time\nwhile time.process_time() < 0.3: pass"
NESTED = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"


def programs(folder, *codes, heard=None):
    commands = [[sys.executable, "-c", code] for code in codes]
    return Programs(commands, folder, {}, heard, to_stderr=False)


def test_what_a_program_started_itself_counts_too(tmp_path):
    run = programs(tmp_path, NESTED, "raise SystemExit(3)")
    assert run.wait(60) == [0, 3]
    assert run.cpu_seconds >= 0.3


def test_what_stands_still_is_ended_at_its_limit(tmp_path):
    run = programs(tmp_path, "import time; time.sleep(600)")
    assert run.wait(0.1) is None


def test_one_thread_may_end_what_another_waits_for(tmp_path):
    run = programs(tmp_path, "import time; time.sleep(600)")
    codes = []
    waits = threading.Thread(target=lambda: codes.append(run.wait(60)))
    waits.start()
    run.end()
    waits.join()
    assert codes == [[-15]]


def test_what_runs_beside_speaks_when_it_is_done_and_keeps_its_place(tmp_path, monkeypatch, capfd):
    for name in ("slow", "quick"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "test_it.py").write_text("def test_it(): pass")
    monkeypatch.setattr("infra.cli.parts.TESTS", tmp_path)
    parts = {"slow": Part("slow", is_beside=True), "quick": Part("quick")}
    monkeypatch.setattr(testing, "PARTS", parts)
    assert testing.run_parts(("slow", "quick"), (), seed=1, as_json=False)
    said = capfd.readouterr().out
    assert said.index("── quick") < said.index("── slow") < said.index("2 passed, 0 failed")
    assert said.index("\nslow ") < said.index("\nquick ")

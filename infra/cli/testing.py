"""Runs the parts of the tests one after the other and says how each went."""

import os
import random
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click

from infra.cli.browser import ensure, find
from infra.cli.options import answer_json
from infra.cli.parts import CHECKS, LINT, PARTS, Check, Part, divided
from infra.setup import paths

_NO_TESTS = 5  # pytest's exit code when nothing was collected
_SECONDS_UNTIL_TRACE = 120  # a test that stands still shows where


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one part went."""

    part: str
    is_well: bool
    passed: int
    failed: int
    skipped: int
    seconds: float
    why: str = ""


def run_parts(
    names: Sequence[str], options: Sequence[str], *, seed: int | None, as_json: bool
) -> bool:
    """Run them, print the table, and last the line that continuous integration reads.

    Args:
        names: the parts, in order.
        options: handed on to pytest.
        seed: of the tests' order; drawn where not given.
        as_json: the table as JSON on standard output, all else on standard error.
    """
    order = seed if seed is not None else random.SystemRandom().randrange(1 << 31)
    outcomes: list[Outcome] = []
    try:
        for group in _grouped(names):
            title = ", ".join(group)
            click.echo(f"── {title} {'─' * (60 - len(title))}", err=as_json)
            sys.stdout.flush()
            outcomes += (
                [_lint(to_stderr=as_json)]
                if group == [LINT]
                else _tests([PARTS[name] for name in group], options, order, to_stderr=as_json)
            )
    except KeyboardInterrupt:
        if not as_json:
            _table(outcomes, order)
        raise
    if as_json:
        answer_json({"seed": order, "parts": [asdict(outcome) for outcome in outcomes]})
    else:
        _table(outcomes, order)
    return all(outcome.is_well for outcome in outcomes)


def _grouped(names: Sequence[str]) -> list[list[str]]:
    """The parts in their order; those that run as one are together."""
    groups: list[list[str]] = []
    for name in names:
        last = PARTS.get(groups[-1][-1]) if groups else None
        if last and name in PARTS and PARTS[name].runs_with(last):
            groups[-1].append(name)
        else:
            groups.append([name])
    return groups


def _table(outcomes: Sequence[Outcome], seed: int) -> None:
    click.echo(f"\n{'del':<12} {'gick':>6} {'föll':>5} {'hoppade':>8} {'sekunder':>9}")
    for one in outcomes:
        line = (
            f"{one.part:<12} {one.passed:>6} {one.failed:>5} {one.skipped:>8} {one.seconds:>9.1f}"
        )
        click.echo(f"{line}  {'' if one.is_well else 'FEL: ' + one.why}".rstrip())
    seconds = sum(one.seconds for one in outcomes)
    click.echo(f"{'tillsammans':<12} {'':>21} {seconds:>9.1f}")
    if not all(one.is_well for one in outcomes if one.part != LINT):
        click.echo(f"Samma ordning igen: --seed {seed}")
    passed, failed = sum(one.passed for one in outcomes), sum(one.failed for one in outcomes)
    skipped = sum(one.skipped for one in outcomes)
    failed += sum(1 for one in outcomes if not one.is_well and not one.failed)
    click.echo(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))


def _tests(
    parts: Sequence[Part], options: Sequence[str], seed: int, *, to_stderr: bool
) -> list[Outcome]:
    """Run parts that run as one, and say how each went; the time is shared out by their tests'."""
    started = time.monotonic()
    part = parts[0]
    if part.needs_browser:
        missing = ensure()
        if missing:
            click.echo(missing, err=True)
            return [Outcome(part.name, False, 0, 0, 0, 0.0, "Chromium saknas")]
    with TemporaryDirectory(prefix="utvag-test-") as folder:
        takers = divided(parts, min(part.shares, os.cpu_count() or 1))
        commands: list[list[str]] = []
        for number, files in enumerate(takers):
            report = Path(folder) / f"report-{number}.xml"
            command = [sys.executable, "-m", "pytest", *map(str, files), f"--junitxml={report}"]
            command += ["-p", "no:cacheprovider", *part.options]
            command += ["-o", f"faulthandler_timeout={_SECONDS_UNTIL_TRACE}"]
            if part.workers and "-n" not in options:
                command += ["-n", str(min(part.workers, os.cpu_count() or 1))]
            commands.append([*command, *options])
        codes = _run(commands, part, Path(folder), seed, to_stderr=to_stderr)
        reports = sorted(Path(folder).glob("*.xml"))
        counts = [_count(reports, one.folder if len(parts) > 1 else None) for one in parts]
    seconds = time.monotonic() - started
    own = sum(count.seconds for count in counts)
    trouble = next((code for code in codes if code not in (0, _NO_TESTS)), 0)
    is_told = any(count.failed for count in counts)
    outcomes: list[Outcome] = []
    for one, (passed, failed, skipped, took) in zip(parts, counts, strict=True):
        why = ""
        if failed:
            why = f"{failed} prov föll"
        elif trouble and not is_told:
            why = f"pytest slutade med {trouble}"
        elif not passed:
            why = "inga prov hittades"
        share = seconds * took / own if own else seconds / len(parts)
        outcomes.append(Outcome(one.name, not why, passed, failed, skipped, share, why))
    return outcomes


def _run(
    commands: Sequence[Sequence[str]], part: Part, folder: Path, seed: int, *, to_stderr: bool
) -> list[int]:
    """Run them side by side; the first one speaks at once, the others when they are done."""
    given = {"UTVAG_ORDER_SEED": str(seed)}  # read by tests/support/order.py
    if part.needs_browser:
        given["UTVAG_CHROMIUM"] = find() or ""
    out = sys.stderr if to_stderr else None
    programs: list[subprocess.Popen[bytes]] = []
    said = [folder / f"said-{number}" for number in range(1, len(commands))]
    with ExitStack() as stack:
        for command, stdout in zip(
            commands, (out, *(stack.enter_context(file.open("wb")) for file in said)), strict=True
        ):
            programs.append(
                stack.enter_context(
                    subprocess.Popen(
                        command,
                        cwd=paths.ROOT,
                        env={**os.environ, **given},
                        stdin=subprocess.DEVNULL,
                        stdout=stdout,
                    )
                )
            )
        codes = _wait(programs, part)
    for file in said:
        click.echo(file.read_text(errors="replace").rstrip(), err=to_stderr)
    return codes


def _wait(programs: Sequence[subprocess.Popen[bytes]], part: Part) -> list[int]:
    until = time.monotonic() + part.limit_s
    try:
        return [program.wait(max(1, until - time.monotonic())) for program in programs]
    except subprocess.TimeoutExpired:
        click.echo(f"Delen {part.name} tog mer än {part.limit_s // 60} minuter.", err=True)
        return _end(programs)
    except BaseException:
        _end(programs)  # pytest tears its servers down; a second Ctrl-C reaches it as well
        raise


def _end(programs: Sequence[subprocess.Popen[bytes]]) -> list[int]:
    for program in programs:
        program.terminate()
    return [program.wait(30) for program in programs]


class _Count(NamedTuple):
    passed: int
    failed: int
    skipped: int
    seconds: float


def _count(reports: Iterable[Path], folder: Path | None = None) -> _Count:
    """What pytest's own reports say, of the tests below a folder where one is given."""
    root = ".".join(folder.relative_to(paths.ROOT).parts) + "." if folder else ""
    passed = failed = skipped = 0
    seconds = 0.0
    for report in reports:
        for case in ET.parse(report).iter("testcase"):  # noqa: S314  # we asked for it
            # A file that cannot be read is a case without a class, and its name is the file's.
            if not f"{case.get('classname') or case.get('name')}.".startswith(root):
                continue
            seconds += float(case.get("time", "0"))
            found = {child.tag for child in case}
            if found & {"failure", "error"}:
                failed += 1
            elif "skipped" in found:
                skipped += 1
            else:
                passed += 1
    return _Count(passed, failed, skipped, seconds)


def _lint(*, to_stderr: bool) -> Outcome:
    started = time.monotonic()
    with ThreadPoolExecutor(max_workers=2) as pool:
        done = list(pool.map(_check, CHECKS))
    failed = [check.name for check, code, _ in done if code]
    for check, code, said in done:
        click.echo(f"{'ok ' if not code else 'FEL'} {check.name}", err=to_stderr)
        if code:
            click.echo(said.rstrip(), err=to_stderr)
    why = ", ".join(failed)
    seconds = time.monotonic() - started
    return Outcome(LINT, not failed, len(done) - len(failed), len(failed), 0, seconds, why)


def _check(check: Check) -> tuple[Check, int, str]:
    done = subprocess.run(
        [sys.executable, *check.arguments],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return check, done.returncode, done.stdout + done.stderr

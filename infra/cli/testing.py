"""Runs the parts of the tests one after the other and says how each went."""

import os
import random
import resource
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple

import click

from infra.cli.browser import ensure, find
from infra.cli.options import answer_json
from infra.cli.parts import CHECKS, LINT, PARTS, Check, Part, divided
from infra.cli.programs import Programs
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
    cpu_seconds: float = 0.0


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
    began = time.monotonic()
    outcomes: dict[str, Outcome] = {}
    groups = _grouped(names)
    with ThreadPoolExecutor(max_workers=1) as pool:
        beside: list[tuple[list[str], _Run, Future[list[Outcome]]]] = []
        try:
            for group in groups:
                if group[0] in PARTS and PARTS[group[0]].is_beside and group != groups[-1]:
                    run = _Run([PARTS[name] for name in group], options, order, None, as_json)
                    beside.append((group, run, pool.submit(run.finish)))
                    continue
                _head(group, to_stderr=as_json)
                found = (
                    [_lint(to_stderr=as_json)]
                    if group == [LINT]
                    else _tests([PARTS[name] for name in group], options, order, to_stderr=as_json)
                )
                outcomes |= {one.part: one for one in found}
            for group, run, future in beside:
                found = future.result()
                _head(group, to_stderr=as_json)
                run.say()
                outcomes |= {one.part: one for one in found}
        except BaseException as error:
            for _, run, _ in beside:
                run.end()
            if isinstance(error, KeyboardInterrupt) and not as_json:
                _table(list(outcomes.values()), order)
            raise
    ordered = [outcomes[name] for name in names]
    if as_json:
        answer_json({"seed": order, "parts": [asdict(outcome) for outcome in ordered]})
    else:
        _table(ordered, order, time.monotonic() - began)
    return all(outcome.is_well for outcome in ordered)


def _head(group: Sequence[str], *, to_stderr: bool) -> None:
    title = ", ".join(group)
    click.echo(f"── {title} {'─' * (60 - len(title))}", err=to_stderr)
    sys.stdout.flush()


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


def _table(outcomes: Sequence[Outcome], seed: int, wall: float | None = None) -> None:
    """How each part went; `cpu` is what its programs and their servers took of the processor.

    At least: what nobody waited for when it ended, as Chromium below its driver, is not counted.
    """
    click.echo(f"\n{'del':<12} {'gick':>6} {'föll':>5} {'hoppade':>8} {'sekunder':>9} {'cpu':>7}")
    for one in outcomes:
        line = (
            f"{one.part:<12} {one.passed:>6} {one.failed:>5} {one.skipped:>8} {one.seconds:>9.1f}"
            f" {one.cpu_seconds:>7.1f}"
        )
        click.echo(f"{line}  {'' if one.is_well else 'FEL: ' + one.why}".rstrip())
    seconds = sum(one.seconds for one in outcomes) if wall is None else wall
    cpu = sum(one.cpu_seconds for one in outcomes)
    click.echo(f"{'tillsammans':<12} {'':>21} {seconds:>9.1f} {cpu:>7.1f}")
    if not all(one.is_well for one in outcomes if one.part != LINT):
        click.echo(f"Samma ordning igen: --seed {seed}")
    passed, failed = sum(one.passed for one in outcomes), sum(one.failed for one in outcomes)
    skipped = sum(one.skipped for one in outcomes)
    failed += sum(1 for one in outcomes if not one.is_well and not one.failed)
    click.echo(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))


def _tests(
    parts: Sequence[Part], options: Sequence[str], seed: int, *, to_stderr: bool
) -> list[Outcome]:
    """Run parts that run as one, and say how each went."""
    run = _Run(parts, options, seed, sys.stderr if to_stderr else sys.stdout, to_stderr)
    try:
        found = run.finish()
    except BaseException:
        run.end()  # pytest tears its servers down; a second Ctrl-C reaches it as well
        raise
    run.say()
    return found


class _Run:
    """Parts that run as one, started at once; the time is shared out by their tests'."""

    def __init__(
        self,
        parts: Sequence[Part],
        options: Sequence[str],
        seed: int,
        heard: IO[str] | None,
        to_stderr: bool,  # noqa: FBT001  # as the command was written
    ) -> None:
        self._parts = parts
        self._part = part = parts[0]
        self._to_stderr = to_stderr
        self._programs: Programs | None = None
        self._began = time.monotonic()
        if part.needs_browser:
            missing = ensure()
            if missing:
                click.echo(missing, err=True)
                return
        self._holder = TemporaryDirectory(prefix="utvag-test-")
        self._folder = Path(self._holder.name)
        takers = divided(parts, min(part.shares, os.cpu_count() or 1))
        commands = []
        for number, files in enumerate(takers):
            report = self._folder / f"report-{number}.xml"
            command = [sys.executable, "-m", "pytest", *map(str, files), f"--junitxml={report}"]
            command += ["-p", "no:cacheprovider", *part.options]
            command += ["-o", f"faulthandler_timeout={_SECONDS_UNTIL_TRACE}"]
            if part.workers and "-n" not in options:
                command += ["-n", str(min(part.workers, os.cpu_count() or 1))]
            commands.append([*command, *options])
        given = {"UTVAG_ORDER_SEED": str(seed)}  # read by tests/support/order.py
        if part.needs_browser:
            given["UTVAG_CHROMIUM"] = find() or ""
        self._programs = Programs(commands, self._folder, given, heard, to_stderr=to_stderr)

    def finish(self) -> list[Outcome]:
        """How each part went, when its programs have ended."""
        part, programs = self._part, self._programs
        if programs is None:
            return [Outcome(part.name, False, 0, 0, 0, 0.0, "Chromium saknas")]
        codes = programs.wait(part.limit_s)
        seconds = time.monotonic() - self._began
        if codes is None:
            click.echo(f"Delen {part.name} tog mer än {part.limit_s // 60} minuter.", err=True)
        reports = sorted(self._folder.glob("*.xml"))
        is_one = len(self._parts) == 1
        counts = [_count(reports, None if is_one else one.folder) for one in self._parts]
        own = sum(count.seconds for count in counts)
        trouble = next((code for code in codes or (-1,) if code not in (0, _NO_TESTS)), 0)
        is_told = any(count.failed for count in counts)
        outcomes: list[Outcome] = []
        for one, (passed, failed, skipped, took) in zip(self._parts, counts, strict=True):
            why = ""
            if failed:
                why = f"{failed} prov föll"
            elif trouble and not is_told:
                why = f"pytest slutade med {trouble}"
            elif not passed:
                why = "inga prov hittades"
            share = took / own if own else 1 / len(self._parts)
            outcomes.append(
                Outcome(
                    *(one.name, not why, passed, failed, skipped, seconds * share, why),
                    cpu_seconds=programs.cpu_seconds * share,
                )
            )
        return outcomes

    def say(self) -> None:
        """What was not heard as it was said."""
        if self._programs is not None:
            self._programs.say()
            self._holder.cleanup()

    def end(self) -> None:
        """Ask its programs to stop, and wait until they have."""
        if self._programs is not None:
            self._programs.end()


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
    started, before = time.monotonic(), _cpu_of_ended()
    with ThreadPoolExecutor(max_workers=2) as pool:
        done = list(pool.map(_check, CHECKS))
    failed = [check.name for check, code, _ in done if code]
    for check, code, said in done:
        click.echo(f"{'ok ' if not code else 'FEL'} {check.name}", err=to_stderr)
        if code:
            click.echo(said.rstrip(), err=to_stderr)
    why = ", ".join(failed)
    seconds = time.monotonic() - started
    cpu = _cpu_of_ended() - before
    return Outcome(
        *(LINT, not failed, len(done) - len(failed), len(failed), 0, seconds, why), cpu_seconds=cpu
    )


def _cpu_of_ended() -> float:
    """What the processes that we started and that have ended took of the processor."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _check(check: Check) -> tuple[Check, int, str]:
    done = subprocess.run(
        [sys.executable, *check.arguments],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return check, done.returncode, done.stdout + done.stderr

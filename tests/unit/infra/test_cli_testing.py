"""`utvag test` tells the truth about what ran."""

import pytest

from infra.cli import testing
from infra.cli.parts import PARTS, TESTS, Check
from infra.cli.testing import Outcome


def _report(folder, name, *cases):
    """A report of (class, what became of it) for each case."""
    file = folder / f"{name}.xml"
    lines = (
        f'<testcase classname="{where}" name="test_it" time="0.5">{f"<{end}/>" if end else ""}'
        "</testcase>"
        for where, end in cases
    )
    file.write_text(f"<testsuites><testsuite>{''.join(lines)}</testsuite></testsuites>")
    return file


def test_counts_are_read_from_pytests_own_reports(tmp_path):
    ends = ("", "", "failure", "error", "skipped")
    first = _report(tmp_path, "first", *(("tests.unit.test_a", end) for end in ends))
    second = _report(tmp_path, "second", ("tests.unit.test_b", ""))
    assert testing._count([first, second]) == (3, 2, 1, 3.0)


def test_parts_that_ran_as_one_are_counted_each_for_itself(tmp_path):
    cases = [("tests.unit.test_a", ""), ("tests.unit.test_b", ""), ("tests.unity.test_c", "")]
    report = _report(tmp_path, "both", *cases, ("tests.contract.test_d", "failure"))
    assert testing._count([report], TESTS / "unit") == (2, 0, 0, 1.0)
    assert testing._count([report], TESTS / "contract") == (0, 1, 0, 0.5)


def test_a_file_that_cannot_be_read_counts_as_a_failure_of_its_part(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite><testcase classname="" name="tests.unit.test_a" time="0">'
        "<error/></testcase></testsuite></testsuites>"
    )
    assert testing._count([report], TESTS / "unit").failed == 1
    assert testing._count([report], TESTS / "contract").failed == 0


def test_a_run_without_a_report_counts_nothing():
    assert testing._count([]) == (0, 0, 0, 0.0)


def test_only_what_is_shared_in_the_same_way_and_follows_runs_as_one():
    assert testing._grouped(["lint", "unit", "contract", "docs", "e2e"]) == [
        ["lint"],
        ["unit", "contract"],
        ["docs"],
        ["e2e"],
    ]
    assert testing._grouped(["unit", "lint", "contract"]) == [["unit"], ["lint"], ["contract"]]


def test_a_failing_check_is_named():
    code = ("-c", "import sys; print('what is wrong'); sys.exit(1)")
    _, exit_code, said = testing._check(Check("broken", code))
    assert exit_code == 1
    assert "what is wrong" in said


@pytest.mark.parametrize(
    ("outcomes", "last"),
    [
        ([Outcome("unit", True, 5, 0, 0, 1.0)], "5 passed, 0 failed"),
        ([Outcome("unit", False, 5, 2, 0, 1.0, "2 prov föll")], "5 passed, 2 failed"),
        ([Outcome("e2e", False, 0, 0, 0, 1.0, "inga prov")], "0 passed, 1 failed"),
        ([Outcome("unit", True, 5, 0, 1, 1.0)], "5 passed, 0 failed, 1 skipped"),
    ],
)
def test_the_last_line_is_the_one_that_ci_reads(outcomes, last, capsys):
    testing._table(outcomes, 7)
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_the_table_says_what_each_part_took_of_the_processor(capsys):
    beside = Outcome("browser", True, 2, 0, 0, 8.0, cpu_seconds=6.5)
    testing._table([Outcome("e2e", True, 1, 0, 0, 9.0, cpu_seconds=11.0), beside], 7, 10.0)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["browser", "2", "0", "0", "8.0", "6.5"] in lines
    assert ["tillsammans", "10.0", "17.5"] in lines


def test_every_folder_of_tests_is_a_part():
    folders = {f.name for f in TESTS.iterdir() if f.is_dir() and not f.name.startswith("_")}
    assert folders - {"support", "load"} <= {part.folder.name for part in PARTS.values()}

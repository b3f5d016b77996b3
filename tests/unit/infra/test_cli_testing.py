"""`utvag test` tells the truth about what ran."""

import pytest

from infra.cli import testing
from infra.cli.parts import PARTS, TESTS, Check
from infra.cli.testing import Outcome


def _report(folder, **counts):
    numbers = " ".join(f'{name}="{number}"' for name, number in counts.items())
    file = folder / "report.xml"
    file.write_text(f"<testsuites><testsuite {numbers}/></testsuites>")
    return file


def test_counts_are_read_from_pytests_own_report(tmp_path):
    report = _report(tmp_path, tests=10, failures=1, errors=2, skipped=3)
    assert testing._count(report) == (4, 3, 3)


def test_a_missing_report_counts_nothing(tmp_path):
    assert testing._count(tmp_path / "none.xml") == (0, 0, 0)


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


def test_every_folder_of_tests_is_a_part():
    folders = {f.name for f in TESTS.iterdir() if f.is_dir() and not f.name.startswith("_")}
    assert folders - {"support", "load"} <= {part.folder.name for part in PARTS.values()}

"""veraPDF, which judges PDF/UA and PDF/A: for the tests alone, on the Java of the wheel."""

import json
import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.setup import paths
from infra.setup.keycloak import java_environment
from infra.setup.maven import fetched

PINS = Path(__file__).with_name("test_pins.toml")
_MAIN = "org.verapdf.apps.GreenfieldCliWrapper"
_QUICK = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData")
"""A short run: no time for the compilers and collectors of a long one."""
_LIMIT_S = 120
_FAULTS_FOUND = 1
"""The exit code for files that were judged and do not hold."""


def jar() -> Path:
    """The pinned jar; fetched the first time, without the lock: the last step is a rename.

    Raises:
        Trouble: it cannot be fetched.
    """
    pin = tomllib.loads(PINS.read_text("utf-8"))["verapdf"]
    kept = paths.SERVERS / f"verapdf-{pin['version']}.jar"
    if not kept.is_file():
        fetched(pin, packaging="jar", what="veraPDF").replace(kept)
    return kept


def judge(files: Sequence[Path]) -> dict[Path, dict[str, list[str]]]:
    """What each file claims to be, and the rules that it breaks there; all files in one process.

    Returns:
        by file: the profile's name, and "clause: what must be" for each broken rule.
    """
    with TemporaryDirectory(prefix="verapdf-") as folder:
        java = java_environment()
        command = [java["JAVA"], *_QUICK, "-Djava.awt.headless=true", f"-Dbasedir={folder}"]
        command += ["-cp", str(jar()), _MAIN, "--format", "json", *map(str, files)]
        done = subprocess.run(
            command, capture_output=True, env=java, timeout=_LIMIT_S, check=False, cwd=folder
        )
    if done.returncode not in (0, _FAULTS_FOUND):
        raise RuntimeError(f"veraPDF ended with {done.returncode}: {done.stderr[-2000:]!r}")
    jobs = json.loads(done.stdout)["report"]["jobs"]
    return {
        file: {
            each["profileName"].removesuffix(" validation profile"): _broken(each)
            for each in job.get("validationResult", [])
        }
        for file, job in zip(files, jobs, strict=True)
    }


def _broken(judged: dict[str, Any]) -> list[str]:
    rules = [
        f"{rule['clause']}: {rule['description']}"
        for rule in judged["details"]["ruleSummaries"]
        if rule["failedChecks"]
    ]
    if not rules and not judged["compliant"]:
        return [judged["statement"]]
    return rules

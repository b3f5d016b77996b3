"""The first call: runs on the machine's own Python, makes everything ready, hands over.

`status`, `doctor` and help answer at once also before anything is made.
"""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from infra.setup import assets, keycloak, lock, paths, stamps, venv
from infra.setup.run import run
from infra.setup.say import say
from infra.setup.trouble import INTERRUPTED, NOT_READY, Trouble

_WANTED_FREE_BYTES = (
    3_000_000_000  # measured: 0.9 GB without, 1.6 GB with what tests need; twice while made
)


def _owner(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def refuse_foreign_tree() -> None:
    """Refuse what another user made: two users' files in one tree strand the one or the other.

    Raises:
        Trouble: names both users.
    """
    if paths.MADE.exists():
        uid = paths.MADE.stat().st_uid
        if uid != os.geteuid():
            here, there = _owner(os.geteuid()), _owner(uid)
            raise Trouble(
                f"Mappen {paths.MADE} gjordes av användaren {there}, men du kör som {here}.",
                f"Kör som {there}, eller klona till en egen mapp. Ska {here} ta över den här: stoppa "
                f"det som körs, låt {there} ta bort .utvag, och kör samma kommando igen.",
            )


def _open_tree() -> None:
    """Make the folder, or refuse, before anything is spoilt.

    Raises:
        Trouble: another user's, or read-only.
    """
    refuse_foreign_tree()
    try:
        paths.MADE.mkdir(mode=0o700, exist_ok=True)
        paths.STAMPS.mkdir(exist_ok=True)
        if not os.access(paths.MADE, os.W_OK):
            raise PermissionError  # one sentence for both ways of being closed
    except OSError as error:
        raise read_only() from error


def read_only() -> Trouble:
    """The checkout cannot be written in."""
    return Trouble(
        f"Det går inte att skriva i {paths.ROOT}; där ska mappen .utvag ligga.",
        "Klona till en mapp som är din egen och som inte är monterad skrivskyddad.",
    )


def _check_room() -> None:
    free = shutil.disk_usage(paths.MADE).free
    if free < _WANTED_FREE_BYTES and not stamps.exists(stamps.READY):
        raise Trouble(
            f"Bara {free / 1e9:.1f} GB är ledigt på disken; första gången behövs 3 GB.".replace(
                ".", ",", 1
            ),
            "Frigör utrymme, eller klona till en annan disk.",
        )


def make_ready(*, developing: bool = False) -> None:
    """Make all that is not stamped.

    Args:
        developing: with what tests and checks need.

    Raises:
        Trouble: with what to do about it.
    """
    _open_tree()
    with lock.held() as handle:
        if is_ready(developing=developing):
            return  # somebody else made it while we waited
        _check_room()
        if not stamps.exists(stamps.READY):
            say(
                "Gör i ordning Utväg i .utvag/. Det tar ett par minuter första gången och kan avbrytas."
            )
        wanted = stamps.DEVELOPING if developing else stamps.VENV
        if not stamps.is_current(wanted) or not venv.python_is_the_same():
            venv.make(handle, developing=developing)
        _make_the_rest(handle)
        if developing:
            _compile_quick_tests(handle)
        stamps.stamp(stamps.READY)
        shutil.rmtree(paths.TEMPORARY, ignore_errors=True)
        say("Klart.")


def is_ready(*, developing: bool) -> bool:
    """Whether nothing is left to make."""
    if not (keycloak.is_made() and assets.is_made()):
        return False
    dev_missing = developing and not stamps.is_current(stamps.DEVELOPING)
    return stamps.is_current(stamps.READY) and not dev_missing and venv.python_is_the_same()


def _make_the_rest(handle: int) -> None:
    """In the environment's own interpreter, for it needs packages that were just installed."""
    command = [str(paths.python()), "-m", "infra.setup", str(handle)]
    with subprocess.Popen(command, pass_fds=(handle,)) as program:
        try:
            code = program.wait()
        except BaseException:
            program.terminate()
            program.wait()
            raise
    if code:
        raise SystemExit(code)


def _compile_quick_tests(handle: int) -> None:
    """Read them once without running any: what Python and pytest compile of them is kept.

    The first run of `./utvag test unit contract` would take half as long again. What cannot be read
    is said by that run.
    """
    words = ("-m", "pytest", "--collect-only", "-q", "tests/unit", "tests/contract")
    run([paths.python(), *words], lock=handle, folder=paths.ROOT)


def _command(arguments: Sequence[str]) -> str:
    return next((word for word in arguments if not word.startswith("-")), "")


def answer_at_once(arguments: Sequence[str]) -> int | None:
    """What needs no set-up: the exit code, or nothing where set-up must come first."""
    command = _command(arguments)
    if command == "doctor":
        from infra.setup import doctor  # noqa: PLC0415

        return doctor.main(as_json="--json" in arguments)
    if command == "status":
        return _status(as_json="--json" in arguments)
    if not command or {"--help", "-h"} & set(arguments):
        from infra.cli.commands import overview  # noqa: PLC0415

        print(overview())
        return 0
    return None


def _status(*, as_json: bool) -> int:
    running = lock.is_held()
    try:
        refuse_foreign_tree()
        why = "görs i ordning just nu av ett annat anrop."
        if not running:
            why = "är inte gjord i ordning här. Kör './utvag up' eller './utvag demo'."
        says, code = f"Utväg {why}", NOT_READY
    except Trouble as trouble:
        says, code = trouble.sentence, trouble.code
    if as_json:
        facts = {"ready": False, "setting_up": running, "healthy": False, "says": says}
        print(json.dumps(facts, ensure_ascii=False))
    else:
        print(f"Inte redo: {says}")
    return code


def _on_terminate(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    """Make ready, then become the command itself."""
    signal.signal(signal.SIGTERM, _on_terminate)
    answered = answer_at_once(arguments)
    if answered is not None:
        return answered
    try:
        make_ready(developing=_command(arguments) in {"test", "lint", "pin"})
    except Trouble as trouble:
        say(f"utvag: {trouble.sentence}\n  Gör så här: {trouble.way_out}")
        return trouble.code
    except KeyboardInterrupt:
        say("\nAvbrutet. Inget är trasigt: kör samma kommando igen, så fortsätter det där det var.")
        return INTERRUPTED
    return _become(str(paths.python()), arguments)


def _become(python: str, arguments: Sequence[str]) -> NoReturn:
    os.execv(python, [python, "-m", "infra.cli", *arguments])  # noqa: S606  # the environment's own


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

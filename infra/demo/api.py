"""`utvag demo` and `utvag scenario N`."""

import asyncio
import contextlib
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from infra.demo import (
    scenario1,
    scenario2,
    scenario3,
    scenario4,
    scenario5,
    scenario6,
    scenario7,
    scenario8,
    scenario9,
    scenario10,
)
from infra.demo.action_plan import enter
from infra.demo.caller import Cast, StoryError
from infra.demo.clock import set_clock
from infra.demo.released import load_releases
from infra.demo.story import GOTEBORG, LINKOPING, Outcome
from infra.directory import trust_files
from infra.keycloak.accounts import Account, load_accounts
from infra.supervisor.system import StartFailedError, System
from infra.verify import verify_file
from services.handover.api import follows_protocol
from shared.ids import AuthorityCode

SCENARIOS: dict[int, Callable[[Cast, Callable[[str], None]], Awaitable[Outcome]]] = {
    1: scenario1.play,
    2: scenario2.play,
    3: scenario3.play,
    5: scenario5.play,
    4: scenario4.play,
    6: scenario6.play,
    7: scenario7.play,
    8: scenario8.play,
    9: scenario9.play,
    10: scenario10.play,
}


def demo(folder: Path, *, once: bool) -> bool:
    """Start everything, play scenario 2, and leave it running, or stop it again.

    Returns:
        Whether both ends agree that Göteborg alone is responsible, and the evidence verifies.
    """
    return asyncio.run(_demo(folder, once=once))


async def _demo(folder: Path, *, once: bool) -> bool:
    system = System(folder, on_progress=_say)
    try:
        was_running = system.find() is not None
        await system.start(is_tied=once)
        if not once:
            await load_releases(folder)
            await load_action_plan(folder)
        is_right = await play(folder, 2)
    except StartFailedError as error:
        _say(str(error))
        return False
    finally:
        if once and not was_running:
            await system.stop()
    if not once:
        _show_ways_in(folder)
    return is_right


async def load_action_plan(folder: Path) -> None:
    """Enter Linköping's report of 2017 on its action plan, unless a plan is there."""
    set_clock(folder)
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        coordinator = Cast(folder, client).at(LINKOPING, "samordnare")
        if not (await coordinator.get("/action-plans"))["items"]:
            await enter(coordinator.post)


def scenario(number: int, folder: Path) -> bool:
    """Play one scenario against the system that runs; whether it came out right."""
    if number not in SCENARIOS:
        _say(f"Scenario {number} finns inte än. De som finns: {', '.join(map(str, SCENARIOS))}.")
        return False
    if System(folder).find() is None:
        _say("Systemet körs inte. Starta det med 'utvag up'.")
        return False
    return asyncio.run(play(folder, number))


async def play(folder: Path, number: int) -> bool:
    """Set the clock, play, and judge the outcome from what both ends and the evidence say."""
    set_clock(folder)
    _say("")
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        try:
            outcome = await SCENARIOS[number](Cast(folder, client), _step)
        except StoryError as error:
            _say(f"Det stannade: {error}.")
            return False
    _say("")
    for sentence in outcome.says:
        _say(sentence)
    holds = _verified(folder, outcome)
    if outcome.evidence:
        _say(f"Beviset: {'håller' if holds else 'HÅLLER INTE'}.")
    return outcome.is_right and holds


def _verified(folder: Path, outcome: Outcome) -> bool:
    """Whether every exported evidence verifies with the directory alone."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        file = Path(place) / "overlamning.utvag-evidence.jsonl"
        for code, content in outcome.evidence.items():
            file.write_bytes(content)
            trust = trust_files(folder, AuthorityCode(code))
            report = verify_file(file, trust, follows_protocol)
            if not report.holds:
                _say(report.as_text())
                return False
    return True


def _show_ways_in(folder: Path) -> None:
    """Addresses, and one account for each role."""
    with contextlib.suppress(StoryError):
        accounts = load_accounts(folder)
        _say("\nSystemet körs. Öppna i webbläsaren:")
        for code, text in ((LINKOPING, "Linköping"), (GOTEBORG, "Göteborg"), ("9002", "Nationell")):
            address = Cast(folder, httpx.AsyncClient()).settings(code).web.base_url
            _say(f"  {text:<10} {address}")
        _say("\nKonton (påhittade personer):")
        for account in accounts:
            if account.authority in {LINKOPING, GOTEBORG, "9001", "9002"}:
                _say(f"  {_account(account)}")
        _say("\nPoliser väljer 'Logga in som polis' hos kommunen. Stoppa med 'utvag down'.")


def _account(account: Account) -> str:
    role = ", ".join(account.roles) or f"polis, {account.unit}"
    return f"{account.authority}  {account.username:<22} {account.password:<24} {role}"


def _say(text: str) -> None:
    print(text, flush=True)


def _step(text: str) -> None:
    print(f"  • {text}", flush=True)

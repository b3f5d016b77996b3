"""Server-side sessions: begun by a code, kept while the realm confirms the person, ended by either.

Rights end within a minute of their removal in Keycloak: a request that comes 30 s or more after the
latest confirmation asks anew with the refresh token. One request asks, the others go on with what
was confirmed; after 60 s nobody goes on unconfirmed, and when Keycloak does not answer the node
says so (503) rather than trust what it knew.
"""

import asyncio
import base64
import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from gateway.auth import secret, store
from gateway.auth.issuer import POLICE_ALIAS, Issuer
from gateway.auth.person import Person, person_of
from gateway.auth.provider import GrantRefusedError, Provider, ProviderUnavailableError, TokenSet
from gateway.auth.tokens import MAX_BROKERED_S, TokenRefusedError
from shared.actor import Actor
from shared.clock import Clock
from shared.db import Database
from shared.errors import DomainError
from shared.ids import StaffId

SIGN_IN_WITHIN = timedelta(minutes=10)
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=9)
LONGEST_BROKERED = timedelta(seconds=MAX_BROKERED_S)
TOLD_BEFORE = timedelta(minutes=5)
ASK_AFTER = timedelta(seconds=30)
CONFIRMED_WITHIN = timedelta(seconds=60)  # S6 of the reliability notes; ASVS 5.0.0, 8.3.2
_SEEN_STEP = timedelta(minutes=1)
_ASKING_FOR = timedelta(seconds=15)  # longer than the provider's time-out
_ASK_AGAIN = timedelta(seconds=2)
_WAIT_STEP_S = 0.05
_WAIT_STEPS = 240

GATEKEEPER_ID = StaffId(UUID("00000000-0000-7000-8000-000000000002"))

log = logging.getLogger("utvag.auth")

Account = Callable[[Person], Awaitable[Actor]]
"""The node's account of a person, made at the first sign-in."""


class _Left(msgspec.Struct, frozen=True):
    """What a sign-in remembers while the person is at Keycloak."""

    verifier: str
    nonce: str
    return_to: str


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in to the pages, as a request sees it.

    Args:
        ends_at: latest end, whatever the person does.
        idle_at: end if nothing more is asked for.
    """

    actor: Actor
    cookie: str
    ends_at: datetime
    idle_at: datetime

    @property
    def form_token(self) -> str:
        """What each form of this session carries."""
        return secret.form_token(self.cookie)

    def minutes_left(self, now: datetime) -> int | None:
        """Whole minutes until the end, when it is under five minutes away."""
        left = self.ends_at - now
        return max(0, int(left.total_seconds() // 60)) if left < TOLD_BEFORE else None

    def __repr__(self) -> str:
        """Without the cookie."""
        return f"Session(staff_id={self.actor.staff_id})"


@dataclass(frozen=True, slots=True)
class Answer:
    """What Keycloak's redirect brought back."""

    code: str
    state: str
    issuer: str


class Sessions:
    """Begins, resumes and ends sessions of one node.

    Args:
        account: gives a person of the realm their account in the node.
        return_uri: where Keycloak sends the browser back, registered there letter by letter.
    """

    def __init__(
        self, db: Database, provider: Provider, wall: Clock, account: Account, return_uri: str
    ) -> None:
        self._db = db
        self._provider = provider
        self._wall = wall
        self._account = account
        self._return_uri = return_uri
        authority = provider.issuer.authority
        self._gatekeeper = Actor(GATEKEEPER_ID, authority, authority, frozenset())

    @property
    def issuer(self) -> Issuer:
        """Whom we believe."""
        return self._provider.issuer

    async def leave(self, browser: str, return_to: str, *, via_police: bool) -> str:
        """Where to send the browser to sign in; what comes back is bound to it.

        Args:
            browser: the sign-in cookie's value; proves later that it is the same browser.
            return_to: a path of this node, checked.
            via_police: go on to the police realm at once.
        """
        now = self._wall.now()
        left = _Left(secret.draw(), secret.draw(), return_to)
        state = secret.draw()
        sealed = secret.seal(browser, msgspec.json.encode(left), "sign-in")
        async with self._db.begin(self._gatekeeper) as uow:
            await store.sweep(uow, now - SIGN_IN_WITHIN, now - LONGEST)
            await store.add_sign_in(
                uow, secret.found_by(state), secret.found_by(browser), sealed, now
            )
            await uow.commit()
        challenge = hashlib.sha256(left.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.issuer.web,
            "redirect_uri": self._return_uri,
            "scope": "openid",
            "state": state,
            "nonce": left.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        } | ({"kc_idp_hint": POLICE_ALIAS, "max_age": str(MAX_BROKERED_S)} if via_police else {})
        return f"{self.issuer.endpoint('auth')}?{urlencode(asked)}"

    async def arrive(self, browser: str, answer: Answer, old: str | None) -> tuple[str, str]:
        """Turn the code into a session.

        Args:
            old: the cookie of an earlier session in this browser; it ends.

        Returns:
            The new session's cookie, and where to go.

        Raises:
            DomainError: `auth.sign_in_failed`, or why this person may not enter.
            ProviderUnavailableError: Keycloak does not answer.
        """
        now = self._wall.now()
        async with self._db.begin(self._gatekeeper) as uow:
            sealed = await store.take_sign_in(
                uow,
                secret.found_by(answer.state),
                secret.found_by(browser),
                now - SIGN_IN_WITHIN,
            )
            await uow.commit()
        content = None if sealed is None else secret.unseal(browser, sealed, "sign-in")
        if content is None:
            raise refused("state")
        if answer.issuer != self.issuer.identifier:
            raise refused("issuer")
        left = msgspec.json.decode(content, type=_Left)
        try:
            given = await self._provider.exchange(answer.code, left.verifier, self._return_uri)
            identity, access = await self._provider.identity(given, left.nonce)
            person = person_of(access, self.issuer)
        except GrantRefusedError:
            raise refused("code") from None
        except TokenRefusedError as error:
            raise refused(error.reason) from None
        actor = await self._account(person)
        cookie = secret.draw()
        async with self._db.begin(actor) as uow:
            if secret.is_drawn(old):
                await store.end_session(uow, secret.found_by(old or ""))
            await store.add_session(
                uow,
                secret.found_by(cookie),
                identity.sid,
                identity.sub,
                actor,
                secret.seal(cookie, given.refresh_token.encode(), "refresh"),
                self._wall.now(),
            )
            uow.audit("session.began", home=actor.home)
            await uow.commit()
        return cookie, left.return_to

    async def resume(self, cookie: str) -> Session | None:
        """The session of a cookie, its rights confirmed within the last minute; None when over.

        Raises:
            ProviderUnavailableError: the rights could not be confirmed in time.
        """
        if not secret.is_drawn(cookie):
            return None
        for _ in range(_WAIT_STEPS):
            now = self._wall.now()
            is_mine = False
            async with self._db.begin(self._gatekeeper) as uow:
                found = await store.load_session(
                    uow, secret.found_by(cookie), self.issuer.authority
                )
                if found is None:
                    return None
                if now >= found.began_at + _longest(found.actor) or now >= found.seen_at + IDLE:
                    await store.end_session(uow, found.id_hash)
                    uow.audit("session.ended", why="time")
                    await uow.commit()
                    return None
                if now >= found.seen_at + _SEEN_STEP:
                    await store.touch(uow, found.id_hash, now)
                if now >= found.checked_at + ASK_AFTER:
                    is_mine = await store.claim_check(uow, found, now, _ASKING_FOR)
                await uow.commit()
            if is_mine:
                actor = await self._confirm(cookie, found)
                return None if actor is None else _session(cookie, found, actor, now)
            if now < found.checked_at + CONFIRMED_WITHIN:
                return _session(cookie, found, found.actor, now)
            await asyncio.sleep(_WAIT_STEP_S)
        raise ProviderUnavailableError

    async def end(self, cookie: str) -> bool:
        """End the session here and at the realm, and with it the session at the police realm.

        Returns:
            False where the realm did not answer, and the person must be told.
        """
        async with self._db.begin(self._gatekeeper) as uow:
            found = await store.load_session(uow, secret.found_by(cookie), self.issuer.authority)
        if found is None:
            return True
        await self._forget(found.actor, found.id_hash, "signed_out")
        refresh_token = secret.unseal(cookie, found.sealed, "refresh")
        try:
            if refresh_token is not None:
                await self._provider.end(refresh_token.decode())
        except GrantRefusedError:
            return True  # it was over there already
        except ProviderUnavailableError:
            return False
        return True

    async def end_from_realm(self, logout_token: str) -> int:
        """End what the realm says is over; how many sessions.

        Raises:
            TokenRefusedError: not the realm's word.
            ProviderUnavailableError: its keys could not be fetched.
        """
        claims = await self._provider.logged_out(logout_token)
        async with self._db.begin(self._gatekeeper) as uow:
            count = await store.end_by_sid(uow, claims.sid, claims.sub)
            if count:
                uow.audit("session.ended", why="realm", count=count)
            await uow.commit()
        return count

    async def end_of_staff(self, by: Actor, staff_id: StaffId) -> int:
        """End all of a person's sessions at once: an administrator closes the account here."""
        async with self._db.begin(by) as uow:
            count = await store.end_by_staff(uow, staff_id)
            uow.audit("session.ended", why="closed", staff_id=str(staff_id), count=count)
            await uow.commit()
        return count

    async def _confirm(self, cookie: str, found: store.StoredSession) -> Actor | None:
        """Ask the realm; the actor with the rights of now, or None where the session is ended."""
        refresh_token = secret.unseal(cookie, found.sealed, "refresh") or b""
        try:
            given = await self._provider.refresh(refresh_token.decode())
            person = await self._person(given, found)
        except ProviderUnavailableError:
            now = self._wall.now()
            async with self._db.begin(self._gatekeeper) as uow:
                await store.ask_again_after(uow, found.id_hash, now + _ASK_AGAIN)
                await uow.commit()
            if now < found.checked_at + CONFIRMED_WITHIN:
                return found.actor
            raise
        except (GrantRefusedError, TokenRefusedError, DomainError) as error:
            log.info("session ended: %s", reason_of(error))
            await self._forget(found.actor, found.id_hash, "rights")
            return None
        is_same = store.is_same_right(found.actor, person)
        actor = found.actor if is_same else await self._account(person)
        sealed = secret.seal(cookie, given.refresh_token.encode(), "refresh")
        async with self._db.begin(actor) as uow:
            is_kept = await store.confirm(uow, found.id_hash, actor, sealed, self._wall.now())
            if not is_same:
                uow.audit("session.rights_changed", roles=",".join(sorted(actor.roles)))
            await uow.commit()
        return actor if is_kept else None

    async def _person(self, given: TokenSet, found: store.StoredSession) -> Person:
        identity, access = await self._provider.identity(given, None)
        if (identity.sub, identity.sid) != (found.subject, found.sid):
            raise TokenRefusedError("subject")
        return person_of(access, self.issuer)

    async def _forget(self, actor: Actor, id_hash: bytes, why: str) -> None:
        async with self._db.begin(actor) as uow:
            if await store.end_session(uow, id_hash):
                uow.audit("session.ended", why=why)
            await uow.commit()


def refused(reason: str) -> DomainError:
    """A sign-in that did not hold; the person is told only to begin anew, the log why."""
    log.info("sign-in refused: %s", reason)
    return DomainError("auth.sign_in_failed")


def reason_of(error: Exception) -> str:
    """One word for the log."""
    if isinstance(error, TokenRefusedError):
        return error.reason
    return error.code if isinstance(error, DomainError) else "grant"


def _session(cookie: str, found: store.StoredSession, actor: Actor, now: datetime) -> Session:
    return Session(actor, cookie, found.began_at + _longest(actor), now + IDLE)


def _longest(actor: Actor) -> timedelta:
    return LONGEST if actor.home == actor.authority else LONGEST_BROKERED

"""Tokens at the API: believed by signature, then confirmed with the realm at most every 45 s."""

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.auth.issuer import API_CLIENT
from gateway.auth.person import Person, person_of
from gateway.auth.provider import GrantRefusedError, Provider
from gateway.auth.sessions import Account
from gateway.auth.tokens import Claims, TokenRefusedError
from shared.actor import Actor
from shared.clock import Clock

CONFIRM_EVERY = timedelta(seconds=45)  # within the 60 s in which rights must end
REMEMBERED = 1000

_Confirmed = tuple[datetime, Actor]


@dataclass(slots=True)
class _Place:
    """One token's place in the memory: its holder asks while the others wait."""

    lock: asyncio.Lock
    confirmed: _Confirmed | None = None


class Bearers:
    """Who calls the API.

    Args:
        account: gives a person of the realm their account in the node.
    """

    def __init__(self, provider: Provider, wall: Clock, account: Account) -> None:
        self._provider = provider
        self._wall = wall
        self._account = account
        self._places: OrderedDict[bytes, _Place] = OrderedDict()

    async def actor(self, token: str) -> Actor:
        """The caller, with the roles that the realm gives now.

        Raises:
            TokenRefusedError: not believed, or no longer.
            DomainError: a person who may not enter.
            ProviderUnavailableError: the rights could not be confirmed.
        """
        claims = await self._provider.access(token)
        place = self._place(token)
        async with place.lock:
            now = self._wall.now()
            if place.confirmed is not None and now < place.confirmed[0] + CONFIRM_EVERY:
                return place.confirmed[1]
            person = person_of(claims, self._provider.issuer)
            if claims.azp != API_CLIENT:
                person = await self._person_now(token, claims)
            actor = await self._account(person)
            place.confirmed = (now, actor)
            return actor

    async def _person_now(self, token: str, claims: Claims) -> Person:
        """The person with the roles that the realm gives at this moment."""
        try:
            info = await self._provider.user_info(token)
        except GrantRefusedError:
            raise TokenRefusedError("ended") from None
        if info.sub != claims.sub:
            raise TokenRefusedError("subject")
        return person_of(claims, self._provider.issuer, roles=info.roles)

    def _place(self, token: str) -> _Place:
        """Where this token is remembered, by its hash; the least used is forgotten."""
        key = hashlib.sha256(token.encode()).digest()
        place = self._places.setdefault(key, _Place(asyncio.Lock()))
        self._places.move_to_end(key)
        if len(self._places) > REMEMBERED:
            self._places.popitem(last=False)
        return place

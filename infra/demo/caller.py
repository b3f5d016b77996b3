"""Somebody of the demo who calls a node's API, with a token of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from gateway.settings import NodeSettings, load_settings
from infra.demo.signin import Visitor, api_token
from infra.keycloak.accounts import Account, load_accounts
from infra.supervisor.state import State
from shared.ids import POLICE

POLICE_ALIAS = "polisen"


class StoryError(Exception):
    """The story did not go as it must: which step, and what the node answered; never whom about."""


@dataclass
class Caller:
    """One person at one node.

    Args:
        name: as colleagues see them; invented.
        settings: of the node whose API is called.
    """

    name: str
    account: Account
    settings: NodeSettings
    client: httpx.AsyncClient
    _token: str = field(default="", repr=False)

    async def get(self, path: str) -> Any:
        """Read, and demand that it can be read."""
        return await self.call("GET", path)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Do, and demand that it is done."""
        return await self.call("POST", path, body)

    async def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Save, and demand that it is saved."""
        return await self.call("PUT", path, body)

    async def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One call; signs in first, and once more when the token has run out.

        Raises:
            StoryError: any answer but 2xx.
        """
        response = await self.ask(method, path, body)
        if response.status_code >= 300:
            code = response.json().get("code", "") if response.content else ""
            where = path.split("/")[1]
            raise StoryError(f"{method} …/{where}: {response.status_code} {code}".rstrip())
        if response.status_code == 204 or not response.content:
            return None
        return response.json()

    async def download(self, path: str) -> bytes:
        """A file, byte for byte."""
        response = await self.ask("GET", path)
        if response.status_code != 200:
            raise StoryError(f"GET …/{path.split('/')[1]}: {response.status_code}")
        return response.content

    async def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """One call, whatever the answer."""
        response = await self._send(method, path, body)
        if response.status_code == 401:
            self._token = ""
            response = await self._send(method, path, body)
        return response

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> httpx.Response:
        if not self._token:
            self._token = await self._sign_in()
        return await self.client.request(
            method,
            f"{self.settings.web.base_url}/api/v1{path}",
            json=body,
            headers={"authorization": f"Bearer {self._token}"},
        )

    async def _sign_in(self) -> str:
        identity = self.settings.identity
        issuer = f"{identity.base_url}/realms/{identity.realm}"
        via = POLICE_ALIAS if self.account.authority == POLICE else None
        async with Visitor() as visitor:
            return await api_token(
                visitor, issuer, self.account.username, self.account.password, via=via
            )


class Cast:
    """Everybody of a demo state, by authority and user name.

    Args:
        folder: the state; its accounts and its nodes' settings are read from there.
    """

    def __init__(self, folder: Path, client: httpx.AsyncClient) -> None:
        self.folder = folder
        self.accounts = {
            (account.authority, account.username): account for account in load_accounts(folder)
        }
        self._client = client
        self._state = State.of(folder)
        self._callers: dict[tuple[str, str, str], Caller] = {}

    def settings(self, code: str) -> NodeSettings:
        """A node's settings."""
        return load_settings(self._state.settings(code))

    def at(self, node: str, username: str, authority: str | None = None) -> Caller:
        """Somebody at a node; an officer's account is the police's."""
        key = (node, authority or node, username)
        if key not in self._callers:
            account = self.accounts[key[1], username]
            self._callers[key] = Caller(account.name, account, self.settings(node), self._client)
        return self._callers[key]

    def officer(self, node: str, unit: str) -> Caller:
        """A police officer of a unit, in a municipality's joint rooms."""
        return self.at(node, f"{unit}-1", POLICE)

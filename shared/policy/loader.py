"""Reads `tenants/<code>/`: a folder is an authority."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from shared.ids import AuthorityCode
from shared.policy.authority import Authority
from shared.policy.book import Policy, PolicyBook, Sections
from shared.policy.source import DecidedIn, Document, PolicyInvalid

T = TypeVar("T")
_BLOCK_FIELDS = {"valid_from", "decided_in"}


@dataclass(frozen=True, slots=True)
class Tenant:
    """One authority and its policies; only municipalities have any."""

    authority: Authority
    policies: PolicyBook

    @property
    def code(self) -> AuthorityCode:
        """The authority's code."""
        return self.authority.code


def tenants_root() -> Path:
    """The folder of all tenants that comes with the product."""
    return Path(__file__).resolve().parents[2] / "tenants"


def load_tenants(
    root: Path | None = None, sections: Sections | None = None
) -> dict[AuthorityCode, Tenant]:
    """Every folder of `root` named by four digits, by code.

    Args:
        root: `tenants/` where not named.
        sections: as in `load_tenant`.

    Raises:
        PolicyInvalid: naming the file and the path in it.
    """
    folders = sorted((root or tenants_root()).glob("[0-9][0-9][0-9][0-9]"))
    tenants = [load_tenant(folder, sections) for folder in folders]
    return {tenant.code: tenant for tenant in tenants}


def load_tenant(folder: Path, sections: Sections | None = None) -> Tenant:
    """Read one authority's folder.

    Args:
        folder: named by the code; holds `authority.toml` and, for a municipality, `policy.toml`.
        sections: where given, every block is decoded and checked against law's floors and ceilings.

    Raises:
        PolicyInvalid: naming the file and the path in it.
    """
    authority_file = folder / "authority.toml"
    authority = _convert(_read(authority_file), Authority, authority_file)
    if authority.code != folder.name:
        raise PolicyInvalid(f"{authority_file}: code {authority.code} is not the folder's name")
    policy_file = folder / "policy.toml"
    policies = _policies(authority, policy_file) if policy_file.exists() else []
    if bool(policies) != (authority.kind == "municipality"):
        raise PolicyInvalid(f"{policy_file}: a municipality, and nobody else, has a policy")
    book = PolicyBook(authority.code, policies)
    if sections is not None:
        book.check(sections)
    return Tenant(authority, book)


def _policies(authority: Authority, file: Path) -> list[Policy]:
    content = dict(_read(file))
    documents = _convert(content.pop("document", {}), dict[str, Document], file, "document")
    blocks = _convert(content.pop("policy", []), list[dict[str, Any]], file, "policy")
    if content:
        raise PolicyInvalid(f"{file}: unknown fields {sorted(content)}")
    if not blocks:
        raise PolicyInvalid(f"{file}: no [[policy]] block")
    return [_policy(authority.code, documents, block, file) for block in blocks]


def _policy(
    code: AuthorityCode, documents: Mapping[str, Document], block: Mapping[str, Any], file: Path
) -> Policy:
    missing = _BLOCK_FIELDS - set(block)
    if missing:
        raise PolicyInvalid(f"{file}: a [[policy]] block lacks {sorted(missing)}")
    valid_from = _convert(block["valid_from"], date, file, "policy.valid_from")
    decided_in = _convert(block["decided_in"], DecidedIn, file, "policy.decided_in")
    if decided_in.document not in documents:
        raise PolicyInvalid(f"{file}: policy.decided_in: no document named {decided_in.document!r}")
    raw = {name: value for name, value in block.items() if name not in _BLOCK_FIELDS}
    return Policy(code, valid_from, decided_in, documents, raw)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PolicyInvalid(f"{file}: missing") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyInvalid(f"{file}: {error}") from error


def _convert(value: object, kind: type[T], file: Path, path: str = "") -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        where = f" at {path}" if path else ""
        raise PolicyInvalid(f"{file}{where}: {error}") from error

"""What others ask of the directory.

`open_directory` and `refresh` are the composition root's; `LiveDirectory` is what it gives the
kernel. The questions below answer from memory and never wait. What writes and checks whole
directories (`describe`, `issue`, `accept`, …) is for the operator's tools in `infra`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.directory.domain import (
    BAD_JSON,
    Anchor,
    Directory,
    DutyContact,
    Entry,
    FunctionAddress,
    Kind,
    Profile,
    SignedDirectory,
    Status,
    Trust,
    accept,
    describe,
    entry_digest,
    issue,
    passed,
    read_profile,
    remove,
    revoked_by,
    says_the_same,
    sign_profile_anew,
    spoken,
    state_first_keys,
    state_next_keys,
    statement_matches,
)
from services.directory.handlers import (
    ConfirmFingerprint,
    ConfirmMeeting,
    DirectoryFile,
    DirectoryHandler,
    LeavingHandler,
    LiveDirectory,
    Meeting,
    OpenConversations,
    RecordMeeting,
    ask_to_leave,
    confirm_fingerprint,
    confirm_meeting,
    heed,
    live,
    open_directory,
    record_meeting,
    refresh,
    waiting_meetings,
    watch_keys,
)
from services.directory.wire import KIND, LEAVING, VERSION, register
from shared.errors import DomainError
from shared.ids import AuthorityCode
from shared.node import Node
from shared.policy import Policy, PolicyBook
from shared.policy.municipality import Municipality, municipality_register

__all__ = [
    "BAD_JSON",
    "KIND",
    "LEAVING",
    "VERSION",
    "Anchor",
    "ConfirmFingerprint",
    "ConfirmMeeting",
    "Directory",
    "DirectoryFile",
    "DirectoryHandler",
    "DutyContact",
    "Entry",
    "FunctionAddress",
    "LeavingHandler",
    "ListedAuthority",
    "LiveDirectory",
    "Meeting",
    "OpenConversations",
    "RecordMeeting",
    "SignedDirectory",
    "Status",
    "Trust",
    "accept",
    "ask_to_leave",
    "authorities",
    "authority",
    "check_confirmed",
    "check_may_propose_to",
    "check_still_on_paper",
    "check_tested",
    "confirm_fingerprint",
    "confirm_meeting",
    "describe",
    "entry_digest",
    "heed",
    "is_reached_on_paper",
    "issue",
    "live",
    "open_directory",
    "passed",
    "published_policies",
    "read_profile",
    "record_meeting",
    "refresh",
    "register",
    "remove",
    "revoked_by",
    "says_the_same",
    "sign_profile_anew",
    "spoken",
    "state_first_keys",
    "state_next_keys",
    "statement_matches",
    "waiting_meetings",
    "watch_keys",
]

_NO_COLOUR = "#6b6b6b"
"""Of who has said nothing of itself."""


@dataclass(frozen=True, slots=True)
class ListedAuthority:
    """One authority as the directory knows it.

    Args:
        fingerprint: in groups of four, as it is read by telephone; None where it has no keys.
        is_confirmed: whether a person here has heard it so.
        is_tested: whether its node has passed the join test.
        may_be_proposed_to: runs a node, is active, tested and confirmed.
    """

    code: AuthorityCode
    name: str
    short_name: str
    kind: Kind
    colour: str
    status: Status
    runs_node: bool
    functions: Sequence[FunctionAddress]
    duty_contact: DutyContact
    fingerprint: str | None
    is_confirmed: bool
    is_tested: bool
    may_be_proposed_to: bool


def authorities(node: Node) -> Sequence[ListedAuthority]:
    """Everybody, in order of code."""
    directory = live(node.directory)
    return [_listed(directory, code) for code in directory.directory.entries]


def authority(node: Node, code: AuthorityCode) -> ListedAuthority:
    """One of them; or a municipality that the directory does not hold, for nearly all run no node.

    Raises:
        DomainError: `directory.unknown_authority`.
    """
    directory = live(node.directory)
    outside = municipality_register().get(code)
    if code not in directory.directory.profiles and outside is not None:
        return _outside(outside)
    _profile(directory, code)
    return _listed(directory, code)


def is_reached_on_paper(node: Node, code: AuthorityCode) -> bool:
    """Whether it is a municipality that runs no node: what it must know goes to it on paper.

    One that has left may have keys yet: until they end, nobody would believe a note about it.
    """
    directory = live(node.directory)
    found = directory.directory.profiles.get(code)
    is_without = (found is None or not found.runs_node) and not directory.could_sign(
        code, node.wall.now()
    )
    return is_without and code in municipality_register()


def check_still_on_paper(node: Node, code: AuthorityCode) -> None:
    """Whether a request may still begin on paper; one that has begun is finished so.

    Raises:
        DomainError: `directory.has_node`: it has joined the exchange.
    """
    if not is_reached_on_paper(node, code):
        raise DomainError("directory.has_node", authority=code)


def check_may_propose_to(node: Node, code: AuthorityCode) -> None:
    """Whether a proposal may go there through the exchange.

    Raises:
        DomainError: `directory.unknown_authority`; `directory.no_node`: by paper, then;
            `directory.not_active`; `directory.not_confirmed`: call and compare fingerprints first.
    """
    directory = live(node.directory)
    profile = _profile(directory, code)
    if not profile.runs_node:
        raise DomainError("directory.no_node", authority=code)
    if not directory.may_receive(code):
        raise DomainError("directory.not_active", authority=code)
    check_tested(node, code)
    if not directory.is_tested(node.authority):
        raise DomainError("directory.not_tested_here")
    if not directory.is_confirmed(code):
        raise DomainError("directory.not_confirmed", authority=code)


def check_confirmed(node: Node, code: AuthorityCode) -> None:
    """Whether a person here has heard this authority's fingerprint, and it takes messages.

    Raises:
        DomainError: `directory.unknown_authority`, `directory.not_active`,
            `directory.not_confirmed`.
    """
    directory = live(node.directory)
    _profile(directory, code)
    if not directory.may_receive(code):
        raise DomainError("directory.not_active", authority=code)
    if not directory.is_confirmed(code):
        raise DomainError("directory.not_confirmed", authority=code)


def check_tested(node: Node, code: AuthorityCode) -> None:
    """Whether an authority's node has passed the join test: no real case comes from one that has not.

    Raises:
        DomainError: `directory.not_tested`.
    """
    if not live(node.directory).is_tested(code):
        raise DomainError("directory.not_tested", authority=code)


def published_policies(node: Node, code: AuthorityCode) -> PolicyBook:
    """The policies that an authority has published, by date.

    Raises:
        DomainError: `directory.unknown_authority`.
    """
    if is_reached_on_paper(node, code):
        return PolicyBook(code, [])  # the directory has none to ask it for
    directory = live(node.directory)
    _profile(directory, code)
    blocks = directory.directory.entries[code].policies
    return PolicyBook(code, [Policy.from_published(block.encode()) for block in blocks])


def _profile(directory: LiveDirectory, code: AuthorityCode) -> Profile:
    profile = directory.directory.profiles.get(code)
    if profile is None:
        raise DomainError("directory.unknown_authority", authority=code)
    return profile


def _outside(municipality: Municipality) -> ListedAuthority:
    """What the register of municipalities says of one that is in no directory."""
    return ListedAuthority(
        code=municipality.code,
        name=municipality.name,
        short_name=municipality.short_name,
        kind="municipality",
        colour=_NO_COLOUR,
        status="active",
        runs_node=False,
        functions=(),
        duty_contact=DutyContact("", "", ""),
        fingerprint=None,
        is_confirmed=False,
        is_tested=False,
        may_be_proposed_to=False,
    )


def _listed(directory: LiveDirectory, code: AuthorityCode) -> ListedAuthority:
    profile = directory.directory.profiles[code]
    fingerprint = directory.fingerprint(code)
    is_confirmed = directory.is_confirmed(code)
    return ListedAuthority(
        code=code,
        name=profile.name,
        short_name=profile.short_name,
        kind=profile.kind,
        colour=profile.colour,
        status=directory.directory.entries[code].status,
        runs_node=profile.runs_node,
        functions=profile.functions,
        duty_contact=profile.duty_contact,
        fingerprint=spoken(fingerprint) if fingerprint else None,
        is_confirmed=is_confirmed,
        is_tested=directory.is_tested(code),
        may_be_proposed_to=profile.runs_node
        and is_confirmed
        and directory.is_tested(code)
        and directory.may_receive(code),
    )

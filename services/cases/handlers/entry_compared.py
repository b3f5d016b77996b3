"""The same facts, two municipalities: our policy beside another's published one. Nothing is sent."""

from services.cases.domain.comparison import Ruled, compare, facts_at
from services.cases.domain.entry import Facts
from services.cases.domain.entry_views import CompareEntry, EntryComparison
from services.cases.handlers import sealing
from services.cases.handlers.assessed import facts_of
from services.cases.handlers.work import AtCase, reading
from services.cases.policy import entry_criteria, favours_the_individual, is_joint
from services.cases.store import entries, files, headers
from services.directory import api as directory
from shared.actor import Actor
from shared.clock import local_date
from shared.errors import DomainError
from shared.ids import AuthorityCode
from shared.node import Node
from shared.policy import Policy, PolicyInvalid


async def compare_entry(node: Node, actor: Actor, command: CompareEntry) -> EntryComparison:
    """What the case's facts come to here, and under another municipality's published policy.

    Raises:
        AccessDenied: not a member, or no such case: alike.
        DomainError: `entry.nothing_to_compare`: this node itself, no such municipality, one that
            has published nothing, or one that the case is kept from: alike.
    """
    async with reading(node, actor, command.case_id, "see") as at:
        ours = node.policies.on(local_date(at.uow.now))
        theirs = await _published(node, at, command.authority)
        facts = await facts_of(at)
        finding = sealing.residence(at.key, await files.newest_residence(at.uow, command.case_id))
        row = await entries.newest(at.uow, command.case_id)
        body = sealing.entry(at.key, row) if row else None
        place = finding.municipality if finding and finding.finding != "UNCLEAR" else None
        found = compare(
            _ruled(ours, facts),
            _ruled(theirs, facts_at(facts, place, theirs.authority)),
            body.group if body else None,
            body.answers if body else (),
        )
        at.uow.audit("case.entry_compared", case_id=command.case_id)
        await at.uow.commit()
    return EntryComparison(
        header=at.header,
        authority=theirs.authority,
        group=body.group if body else None,
        comparison=found,
        is_joint=(is_joint(ours), is_joint(theirs)),
        favours_the_individual=(favours_the_individual(ours), favours_the_individual(theirs)),
        policy_from=(ours.valid_from, theirs.valid_from),
        policy_sha256=(ours.sha256, theirs.sha256),
    )


def _ruled(policy: Policy, facts: Facts) -> Ruled:
    return Ruled(entry_criteria(policy), facts, favours_the_individual(policy))


async def _published(node: Node, at: AtCase, authority: AuthorityCode) -> Policy:
    """Their policy of today."""
    nothing = DomainError("entry.nothing_to_compare")
    if authority == node.authority:
        raise nothing
    if await headers.is_excluded(at.uow, at.header.case_id, "authority", authority):
        raise nothing
    try:
        policy = directory.published_policies(node, authority).on(local_date(at.uow.now))
        entry_criteria(policy)
    except (DomainError, PolicyInvalid):
        # Unknown, on paper, not in force yet, or of a release that says more than ours can read.
        raise nothing from None
    return policy

"""Who decides, in words: what may not be done is shown with who may do it."""

from gateway.texts.policy import DECISIONS, ROLES
from services.decisions import api as decisions
from shared.clock import local_date
from shared.errors import DomainError
from shared.node import Node


def who_decides(node: Node, kind: str) -> str:
    """`Beslut om … fattas av … enligt delegationsordningen …`, with the second person if any."""
    try:
        row = decisions.delegation(node.policies.on(local_date(node.clock.now())), kind)
    except DomainError:
        return "Delegationsordningen säger inte vem som beslutar om detta."
    first = " eller ".join(ROLES.get(role, role) for role in sorted(row.roles))
    text = f"Beslut om att {DECISIONS.get(kind, kind)} fattas av {first}"
    if row.second_roles:
        second = " eller ".join(ROLES.get(role, role) for role in sorted(row.second_roles))
        text += f", och bekräftas av en annan person: {second}"
    return f"{text} ({row.document}, {row.section})."

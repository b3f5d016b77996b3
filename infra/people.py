"""Invented staff of the trials that this project runs on itself: what policy demands, they have."""

from datetime import timedelta

from services.staff import api as staff
from shared.actor import Actor
from shared.clock import local_date
from shared.node import Node


async def hold_what_is_demanded(node: Node, leader: Actor, colleague: Actor) -> None:
    """The leader records all that the municipality's policy demands of the colleague's roles."""
    today = local_date(node.clock.now())
    policy = node.policies.on(today)
    for role in sorted(colleague.roles):
        for each in staff.demands_of(policy, role):
            command = staff.RecordCompetence(
                staff_id=colleague.staff_id,
                kind=each.kind,
                course="Bedömd av gruppledaren",
                obtained_on=today - timedelta(days=30),
                valid_until=today + timedelta(days=700),
            )
            await staff.record_competence(node, leader, command)

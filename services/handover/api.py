"""What the gateway may call of handover; nothing stands above it but the gateway.

Use cases take `(node, actor, command)`. A decision is a `Sign` with a payload of its own; where the
delegation order or the protocol wants a second person, a `Confirm` by somebody else follows.
"""

from services.cases.api import CaseEvents
from services.handover.handlers.listening import ConsentListener, ThreatListener
from services.protection.api import ThreatEvents
from shared.node import Node


def case_events(node: Node) -> CaseEvents:
    """What `cases` tells: hand it to `node.provide(CaseEvents, …)`."""
    return ConsentListener(node)


def threat_events(node: Node) -> ThreatEvents:
    """What `protection` tells: hand it to `node.provide(ThreatEvents, …)`."""
    del node
    return ThreatListener()

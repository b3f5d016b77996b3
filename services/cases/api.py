"""What other services and the gateway may call of cases."""

from services.cases.domain.chain import (
    Link,
    LinkKind,
    check_chain,
    current_term,
    link_hash,
    next_link,
    responsible,
)
from services.cases.domain.commands import *  # noqa: F403
from services.cases.domain.dossier import *  # noqa: F403
from services.cases.domain.states import CLOSED_STATES, EndedReason, State
from services.cases.domain.views import *  # noqa: F403
from services.cases.handlers._signatures import *  # noqa: F403
from services.cases.handlers.file import CaseFile

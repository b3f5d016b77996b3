"""What the gateway may call of handover; nothing stands above it but the gateway.

Use cases take `(node, actor, command)`. A decision is a `Sign` with a payload of its own; where the
delegation order or the protocol wants a second person, a `Confirm` by somebody else follows.
"""

from services.cases.api import CaseEvents
from services.directory.api import OpenConversations
from services.handover.domain.commands import (
    DELEGATED,
    Accept,
    AddReader,
    Agree,
    AgreeToWithdrawal,
    AnswerQuestion,
    ApplyToIVO,
    Ask,
    CloseAfterRemoval,
    Confirm,
    Decline,
    Draft,
    Drop,
    Keep,
    Payload,
    Pending,
    Propose,
    RecordAppeal,
    RecordRuling,
    RemoveReader,
    ReturnIt,
    SendAgain,
    Sign,
    Signed,
    StartDraft,
    TakeBack,
    TakeOver,
    TellConsentHandled,
    TellFacts,
    TellRectified,
    TellSupplement,
    UpdateDraft,
    Withdraw,
    act_of,
)
from services.handover.domain.on_paper import (
    GaveBack,
    LetWithdraw,
    Means,
    PaperReceived,
    PaperSaid,
    ReceiptCame,
    RecordSent,
    SaidAgreed,
    SaidCancelled,
    SaidNo,
    SaidNoted,
    SaidYes,
    TheyAnswered,
    TheyAsked,
    TookOver,
)
from services.handover.domain.readers import IN_HAND, MOST, MOST_IF_PROTECTED, NAME_READERS
from services.handover.domain.reasons import DECLINE_CODES, MESSAGE_REFUSED, RETURN_CODES
from services.handover.domain.records import Happened, Incoming, Outgoing, Paper, Travelled
from services.handover.domain.states import (
    Act,
    Message,
    ReceiverState,
    SenderState,
    receiver_is_responsible,
    sender_is_responsible,
)
from services.handover.domain.this_case import Meaning, OnThisCase
from services.handover.domain.timers import Reminder, earliest_answer
from services.handover.handlers.acting import take_back
from services.handover.handlers.arriving import inbox_handlers
from services.handover.handlers.asking import (
    agree_to_withdrawal,
    answer,
    ask,
    ask_acute_protection,
    send_again,
    tell_consent_handled,
    tell_facts,
    tell_rectified,
    tell_supplement,
)
from services.handover.handlers.contested import Dispute
from services.handover.handlers.counting import CountedHandover, handovers_to_count
from services.handover.handlers.disputing import (
    Application,
    ivo_application,
    record_appeal,
    ruled_away_on,
)
from services.handover.handlers.drafting import (
    Preview,
    drafts_of_case,
    preview,
    start_draft,
    update_draft,
)
from services.handover.handlers.evidence import (
    check_evidence,
    export_evidence,
    follows_protocol,
)
from services.handover.handlers.listening import ConsentListener, OpenHandovers, ThreatListener
from services.handover.handlers.papers import Letter, read_letter, record_sent
from services.handover.handlers.passing_on import unanswered_consent
from services.handover.handlers.readers import add_reader, remove_reader
from services.handover.handlers.reading import (
    AskedAndAnswered,
    BoardRow,
    Possible,
    View,
    board,
    finished,
    read,
)
from services.handover.handlers.signing import confirm, sign
from services.handover.handlers.ticking import tick
from services.handover.handlers.watching import figures
from services.handover.policy import MIN_ANSWER_DAYS
from services.handover.store.ends import open_conversations
from services.handover.wire import (
    BODIES,
    ConsentHandled,
    ConsentWithdrawn,
    DossierContent,
    FactsChanged,
    Proposed,
    StatuteGround,
    register,
)
from services.protection.api import ThreatEvents
from shared.node import Node

__all__ = [
    "BODIES",
    "DECLINE_CODES",
    "DELEGATED",
    "IN_HAND",
    "MESSAGE_REFUSED",
    "MIN_ANSWER_DAYS",
    "MOST",
    "MOST_IF_PROTECTED",
    "NAME_READERS",
    "RETURN_CODES",
    "Accept",
    "Act",
    "AddReader",
    "Agree",
    "AgreeToWithdrawal",
    "AnswerQuestion",
    "Application",
    "ApplyToIVO",
    "Ask",
    "AskedAndAnswered",
    "BoardRow",
    "CloseAfterRemoval",
    "Confirm",
    "ConsentHandled",
    "ConsentWithdrawn",
    "CountedHandover",
    "Decline",
    "Dispute",
    "DossierContent",
    "Draft",
    "Drop",
    "FactsChanged",
    "GaveBack",
    "Happened",
    "Incoming",
    "Keep",
    "LetWithdraw",
    "Letter",
    "Meaning",
    "Means",
    "Message",
    "OnThisCase",
    "Outgoing",
    "Paper",
    "PaperReceived",
    "PaperSaid",
    "Payload",
    "Pending",
    "Possible",
    "Preview",
    "Propose",
    "Proposed",
    "ReceiptCame",
    "ReceiverState",
    "RecordAppeal",
    "RecordRuling",
    "RecordSent",
    "Reminder",
    "RemoveReader",
    "ReturnIt",
    "SaidAgreed",
    "SaidCancelled",
    "SaidNo",
    "SaidNoted",
    "SaidYes",
    "SendAgain",
    "SenderState",
    "Sign",
    "Signed",
    "StartDraft",
    "StatuteGround",
    "TakeBack",
    "TakeOver",
    "TellConsentHandled",
    "TellFacts",
    "TellRectified",
    "TellSupplement",
    "TheyAnswered",
    "TheyAsked",
    "TookOver",
    "Travelled",
    "UpdateDraft",
    "View",
    "Withdraw",
    "act_of",
    "add_reader",
    "agree_to_withdrawal",
    "answer",
    "ask",
    "ask_acute_protection",
    "board",
    "case_events",
    "check_evidence",
    "confirm",
    "drafts_of_case",
    "earliest_answer",
    "export_evidence",
    "figures",
    "finished",
    "follows_protocol",
    "handovers_to_count",
    "inbox_handlers",
    "ivo_application",
    "open_conversations",
    "open_handovers",
    "preview",
    "read",
    "read_letter",
    "receiver_is_responsible",
    "record_appeal",
    "record_sent",
    "register",
    "remove_reader",
    "ruled_away_on",
    "send_again",
    "sender_is_responsible",
    "sign",
    "start_draft",
    "take_back",
    "tell_consent_handled",
    "tell_facts",
    "tell_rectified",
    "tell_supplement",
    "threat_events",
    "tick",
    "unanswered_consent",
    "update_draft",
]


def open_handovers() -> OpenConversations:
    """How the directory learns what is open with an authority that wants to leave."""
    return OpenHandovers()


def case_events(node: Node) -> CaseEvents:
    """What `cases` tells: hand it to `node.provide(CaseEvents, …)`."""
    return ConsentListener(node)


def threat_events(node: Node) -> ThreatEvents:
    """What `protection` tells: hand it to `node.provide(ThreatEvents, …)`."""
    del node
    return ThreatListener()

"""Why an authority says no: closed lists, so that reasons can be counted and answered."""

DECLINE_CODES = frozenset(
    {
        "connection_not_here",
        "need_is_short",
        "wish_not_respected",
        "facts_missing",
        "other_circumstances",
        "place_not_safe",
    }
)
"""Why a receiver declines: the four parts of the law, missing facts, the person's safety."""
MESSAGE_REFUSED = "message_refused"
"""The system's own code: the proposal could not be read at the other end."""
RETURN_CODES = frozenset(
    {"person_did_not_come", "facts_differ", "place_not_safe", "other_circumstances"}
)

"""The directory's use cases."""

from services.directory.handlers.leaving import (
    LeavingHandler,
    OpenConversations,
    ask_to_leave,
)
from services.directory.handlers.live import LiveDirectory, heed, live, open_directory, refresh
from services.directory.handlers.receive import DirectoryHandler
from services.directory.handlers.trusting import (
    ConfirmFingerprint,
    ConfirmMeeting,
    Meeting,
    RecordMeeting,
    confirm_fingerprint,
    confirm_meeting,
    record_meeting,
    waiting_meetings,
)
from services.directory.handlers.watching import DirectoryFile, watch_keys

__all__ = [
    "ConfirmFingerprint",
    "ConfirmMeeting",
    "DirectoryFile",
    "DirectoryHandler",
    "LeavingHandler",
    "LiveDirectory",
    "Meeting",
    "OpenConversations",
    "RecordMeeting",
    "ask_to_leave",
    "confirm_fingerprint",
    "confirm_meeting",
    "heed",
    "live",
    "open_directory",
    "record_meeting",
    "refresh",
    "waiting_meetings",
    "watch_keys",
]

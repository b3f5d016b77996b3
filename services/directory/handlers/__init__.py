"""The directory's use cases."""

from services.directory.handlers.live import LiveDirectory, live, open_directory, refresh
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

__all__ = [
    "ConfirmFingerprint",
    "ConfirmMeeting",
    "DirectoryHandler",
    "LiveDirectory",
    "Meeting",
    "RecordMeeting",
    "confirm_fingerprint",
    "confirm_meeting",
    "live",
    "open_directory",
    "record_meeting",
    "refresh",
    "waiting_meetings",
]

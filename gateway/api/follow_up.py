"""Follow-up over the API: the agreement with the police and its joint follow-up."""

from gateway.api.operation import Operation
from services.follow_up import api as follow_up

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/follow-up",
        "Överenskommelsen med polisen, vad som ska följas upp och vad som är gjort",
        follow_up.EVERYBODY,
        follow_up.overview,
        quotes_law=True,
    ),
    Operation(
        "POST",
        "/follow-up/law-changes",
        "Anteckna en lagändring, som gör att överenskommelsen ska följas upp",
        follow_up.WRITERS,
        follow_up.record_law_change,
        follow_up.RecordLawChange,
    ),
    Operation(
        "POST",
        "/follow-up/meetings",
        "Börja den gemensamma uppföljningen av ett år",
        follow_up.WRITERS,
        follow_up.open_meeting,
        follow_up.OpenMeeting,
    ),
    Operation(
        "GET",
        "/follow-up/meetings/{meeting_id:uuid}",
        "En gemensam uppföljning: protokollet, dess version och underskrifter",
        follow_up.EVERYBODY,
        follow_up.read_meeting,
        quotes_law=True,
    ),
    Operation(
        "PUT",
        "/follow-up/meetings/{meeting_id:uuid}/minutes",
        "En ny version av protokollet; den har ingens underskrift",
        follow_up.EVERYBODY,
        follow_up.write_minutes,
        follow_up.WriteMinutes,
    ),
    Operation(
        "POST",
        "/follow-up/meetings/{meeting_id:uuid}/signatures",
        "Underteckna den version man har läst; den andra partens underskrift förseglar",
        follow_up.EVERYBODY,
        follow_up.sign_minutes,
        follow_up.SignMinutes,
        quotes_law=True,
    ),
)

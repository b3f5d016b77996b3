"""What the gateway may call of follow-up."""

from services.follow_up.handlers.texts import checked, checked_line

__all__ = ["checked", "checked_line"]

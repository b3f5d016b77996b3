"""What other services and the gateway may call of staff."""

from services.staff.handlers import Colleague, colleagues, sign_in

__all__ = ["Colleague", "colleagues", "sign_in"]

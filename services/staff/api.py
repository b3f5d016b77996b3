"""What other services and the gateway may call of staff."""

from services.staff.domain.roles import Colleague
from services.staff.handlers.accounts import colleagues, find, names, sign_in

__all__ = ["Colleague", "colleagues", "find", "names", "sign_in"]

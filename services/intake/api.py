"""What the gateway may call of intake."""

from services.intake.handlers import RegisterContact, register_contact

__all__ = ["RegisterContact", "register_contact"]

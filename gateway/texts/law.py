"""References to law as they are printed: the place of its day, and whether it has been checked."""

from datetime import date

from shared.policy import LawBook


def cite(law: LawBook, key: str, on: date) -> str:
    """`11 kap. SoL (2025:400)`, with a warning where nobody has read it in the statute."""
    found = law.on(key, on)
    return found.citation if found.verified else f"{found.citation} (kontrollera mot lagtexten)"

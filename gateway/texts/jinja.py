"""What templates may call: words, days, names. Install once on the environment."""

from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined

from gateway.texts.days import day, due, moment, since, until, urgency
from gateway.texts.errors import authority_name, sentence
from gateway.texts.policy import DECISIONS, rule_name, say
from gateway.texts.policy_meaning import meaning
from gateway.texts.words import WORDS, why, word
from shared.ids import POLICE
from shared.policy import load_tenant, tenants_root


def options(group: str) -> list[tuple[str, str]]:
    """Every code of a group with its words, in order: for radio buttons and lists."""
    return list(WORDS[group].items())


@cache
def unit_name(code: str) -> str:
    """A police unit by its code; the code itself where no tenant folder knows it."""
    folder = tenants_root() / POLICE
    unit = load_tenant(folder).authority.find_unit(code) if folder.is_dir() else None
    return unit.name if unit else code


def number(value: int) -> str:
    """`29 000`, with a no-break space."""
    return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}")


def file_size(size_bytes: int) -> str:
    """`340 kB`, `12,5 MB`: enough to know a file again."""
    if size_bytes < 1_000_000:
        return f"{max(1, round(size_bytes / 1000))}\N{NO-BREAK SPACE}kB"
    return f"{size_bytes / 1_000_000:.1f}".replace(".", ",") + "\N{NO-BREAK SPACE}MB"


def personal_number(digits: str) -> str:
    """`19950314-9800`, as people write it; anything else as it is."""
    return f"{digits[:8]}-{digits[8:]}" if len(digits) == 12 else digits


def decision(kind: str) -> str:
    """A kind of decision in words."""
    return DECISIONS.get(kind, kind)


def answer_words(kind: str) -> str:
    """The group of words that answers to this kind of question have."""
    own = {"placement": "answer", "register_check": "answer_registers", "threat": "answer_threat"}
    return own.get(kind, "answer_yes")


def install(environment: Environment) -> None:
    """Give an environment the filters and globals that our templates use.

    A variable that a page forgot is an error, never an empty space; all output is escaped.
    """
    environment.autoescape = True
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.do")
    filters: dict[str, Any] = {
        "day": day,
        "moment": moment,
        "due": due,
        "until": until,
        "since": since,
        "urgency": urgency,
        "word": word,
        "why": why,
        "authority": authority_name,
        "unit_name": unit_name,
        "meaning": meaning,
        "rule_name": rule_name,
        "say": say,
        "number": number,
        "file_size": file_size,
        "personal_number": personal_number,
        "decision": decision,
        "answer_words": answer_words,
    }
    environment.filters.update(filters)
    environment.globals.update(options=options, sentence=sentence)

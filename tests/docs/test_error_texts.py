"""Every error code that the code can raise has one Swedish sentence, and no sentence is left over."""

import ast
import re
from pathlib import Path

import pytest

import shared
from gateway.texts.error_sentences import SENTENCES
from gateway.texts.words import WORDS

ROOT = Path(shared.__file__).parents[1]
CODE = re.compile(r"[a-z]+(?:\.[a-z_]+)+", re.ASCII)
RAISED = {"DomainError", "Conflict", "TooSlow", "TooMany"}
# Functions that raise the code they are given (`required(text, "note.text_missing")`).
PASSED_ON = {"required", "sentence", "check_text", "FieldProblem"}


def strings(node: ast.AST) -> set[str]:
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and CODE.fullmatch(each.value)
    }


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def codes(names: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for folder in ("services", "shared", "gateway"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and called(node) in names:
                    for argument in node.args[: 1 if called(node) in RAISED else 3]:
                        for code in strings(argument):
                            found.setdefault(code, str(file.relative_to(ROOT)))
    return found


RAISED_CODES = codes(RAISED | PASSED_ON)
QUARANTINE_CODES = codes({"WireError"})


AUDITED = codes({"audit", "insert_event", "_moved", "told_in_history"})
CARDS = {code for code in codes({"add_card"}) if code.count(".") == 1}


def everything() -> str:
    files = [
        file
        for folder in ("services", "shared", "gateway", "infra")
        for file in (ROOT / folder).rglob("*.py")
        if file.name != "error_sentences.py"
    ]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize("code", sorted(RAISED_CODES))
def test_this_code_has_a_sentence(code):
    assert code in SENTENCES, RAISED_CODES[code]


@pytest.mark.parametrize("code", sorted(QUARANTINE_CODES))
def test_this_reason_for_quarantine_has_words(code):
    assert code in WORDS["wire"], QUARANTINE_CODES[code]


def test_no_sentence_is_left_over():
    text = everything()
    assert [code for code in SENTENCES if f'"{code}"' not in text] == []


def test_no_reason_for_quarantine_is_left_over():
    assert sorted(WORDS["wire"]) == sorted(QUARANTINE_CODES)


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_sentence_is_a_whole_one(code):
    assert SENTENCES[code][0].isupper() or SENTENCES[code][0] == "{"
    assert SENTENCES[code].endswith(".")


@pytest.mark.parametrize("code", sorted(AUDITED))
def test_what_the_log_says_has_words(code):
    assert code in WORDS["event"], AUDITED[code]


@pytest.mark.parametrize("code", sorted(CARDS))
def test_this_card_has_words(code):
    assert code in WORDS["card"]

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from listdrop.models import REASONS, Outcome, Reason, row_result
from tools.rooms import ROOT, modules

RAISED = {"UploadRejectedError", "StopJobError", "InvalidRowError"}
"""Errors whose first argument is a code."""


def codes() -> Iterator[tuple[str, str]]:
    """Yield the codes that modules raise as they stand, each with its module."""
    for module, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                given = node.args[0]
                if node.func.id in RAISED and isinstance(given, ast.Constant):
                    yield module, str(given.value)


def test_every_code_that_is_raised_is_in_the_table() -> None:
    found = list(codes())

    assert len(found) > 50
    assert {f"{module}: {code}" for module, code in found if code not in REASONS} == set()


def test_the_contract_lists_every_code() -> None:
    section = (ROOT / "docs" / "design.md").read_text("utf-8").split('<a id="reasons"></a>')[1]
    published = set(re.findall(r"`(\w+)`", section.split("<a id=")[0]))

    assert set(REASONS) <= published


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_texts_name_only_what_is_known_where_they_are_shown(reason: Reason) -> None:
    known = {"provider": "kakiyo", "account": "default", "route": "spring"}

    assert reason.phrase.format(provider="kakiyo")
    assert len(reason.subject or reason.phrase) < 60
    assert reason.advice.format(**known) != "" or reason.advice == ""
    assert reason.sentence == "" or reason.sentence.endswith(".")


def test_a_result_has_the_sentence_of_its_code() -> None:
    assert row_result(Outcome.INVALID, "missing_email").reason_text.startswith("The row has no")

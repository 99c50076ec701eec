from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from listdrop.models import ERASED, REASONS, Cause, Outcome, Reason, RowResult, cause_of, row_result
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


PASSING = [
    "Internal Error, try again later",
    "Request timed out",
    "Too many requests",
    "Campaign is full",
    "campaign_full",
    "The list is already full.",
    "max_limit_crm",
    "Daily limit of prospects reached",
    "You have exceeded the contact limit of your plan",
    "Not enough credits",
    "Quota exceeded",
    "enrichment failed",
    "cant_add_prospect_campaign_is_archived",
    "cant_add_prospect_campaign_not_exist",
    "provider_quota",
    "cancelled",
]
PERMANENT = [
    "The domain does not exist",
    "Invalid profile URL",
    "prospect_does_not_match_preconditions",
    "verification_bad",
    "The first name exceeds the maximum length",
    "Character limit exceeded",
    "The campaign needs a full name",
    "The profile is closed or deleted",
    "listed as failure",
    "missing_email",
    "row_too_big",
    "",
]


@pytest.mark.parametrize("reason", PASSING)
def test_what_passes_or_is_fixed_elsewhere_is_no_fault_of_the_row(reason: str) -> None:
    assert cause_of(reason) is Cause.OUTSIDE


@pytest.mark.parametrize("reason", PERMANENT)
def test_all_else_that_is_said_of_a_row_is_in_the_row(reason: str) -> None:
    assert cause_of(reason) is Cause.ROW


def test_a_raw_word_may_say_what_the_reason_does_not() -> None:
    assert cause_of("No more", "server error") is Cause.OUTSIDE


def test_a_code_never_stands_without_a_sentence() -> None:
    said = RowResult(Outcome.REFUSED, "invalid_profile", "Said so.")

    assert said.sentence == "Said so."
    assert said._replace(reason_text="").sentence.endswith("this code.")
    assert RowResult(Outcome.INVALID, "missing_email").sentence.startswith("The row has no")
    assert RowResult(Outcome.REFUSED, "cancelled").sentence.startswith("The job was cancelled")
    assert all(RowResult(Outcome.REFUSED, code).sentence.endswith(".") for code in REASONS)
    assert RowResult(Outcome.ACCEPTED).sentence == ""


def test_words_of_a_provider_have_a_plain_sentence_beside_them() -> None:
    refused = RowResult(Outcome.REFUSED, "The domain does not exist")
    there = RowResult(Outcome.EXISTING, "12000 - Active in another sequence")

    assert refused.sentence == "The provider refused the row; the reason is in its own words."
    assert there.sentence == "The reason is in the provider's own words."
    assert refused._replace(reason=ERASED).sentence == ""

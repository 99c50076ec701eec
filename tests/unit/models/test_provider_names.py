"""What providers are called where people read it."""

from __future__ import annotations

from typing import Any

import pytest

from listdrop.models import REASONS, JobState, LastError, display_name
from listdrop.notices.advice import cause, checking, fixes, named, named_for_job
from listdrop.notices.email import headline
from listdrop.notices.wording import sentence, trouble
from listdrop.providers import REGISTRY
from tests.support.dashboards import NOW, new_job


@pytest.mark.parametrize("provider", sorted(REGISTRY))
def test_each_provider_is_called_what_its_class_is(provider: str) -> None:
    assert display_name(provider) == REGISTRY[provider].__name__


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("activecampaign", "ActiveCampaign"),
        ("which50", "Which50"),
        ("acme", "Acme"),
        ("none", "the provider"),
    ],
)
def test_a_name_is_the_word_with_a_capital_unless_people_write_it_otherwise(
    provider: str, name: str
) -> None:
    assert display_name(provider) == name


TO_ACTIVECAMPAIGN: dict[str, Any] = {"provider": "activecampaign", "account": "default"}


@pytest.mark.parametrize("code", sorted(REASONS))
def test_no_reason_calls_a_provider_by_its_word(code: str) -> None:
    job = new_job(state=JobState.REJECTED, reason=code, **TO_ACTIVECAMPAIGN)
    said = [sentence(cause(job)), named(code, job.provider), named_for_job(code, job.provider)]

    assert not [each for each in said if "activecampaign" in each.lower().split("(")[0] and
                "ActiveCampaign" not in each]  # fmt: skip
    for step in fixes(job):
        assert "activecampaign" not in step.text


def test_a_key_that_is_refused_is_said_with_the_provider_s_name_and_fixed_by_its_word() -> None:
    job = new_job(state=JobState.REJECTED, reason="provider_auth", **TO_ACTIVECAMPAIGN)
    (step,) = fixes(job)

    assert sentence(cause(job)) == "ActiveCampaign refuses the key."
    assert step.command == "listdrop account put activecampaign --account default"


def test_sentences_about_a_job_have_the_provider_s_name() -> None:
    error = LastError(kind="unreachable", text="refused", since=NOW, attempts=1)
    job = new_job(counts={"rows": 3, "confirmed": 1, "unknown": 2}, **TO_ACTIVECAMPAIGN)

    assert checking(job).startswith("Check in ActiveCampaign whether the 2 unknown rows")
    assert headline(job) == "1 of 3 rows are in ActiveCampaign, 2 need a look."
    assert trouble("activecampaign", error, str).startswith("ActiveCampaign could not be reached")

from __future__ import annotations

import pytest

from tests.fuzz import answers
from tests.fuzz.run import FIXED_SEED, fuzz


@pytest.mark.slow
def test_no_mutated_upload_does_anything_but_be_read_or_rejected() -> None:
    counts, failures = fuzz(FIXED_SEED, seconds=5)
    assert failures == []
    assert counts.total() > 50


def test_no_mutated_answer_breaks_an_adapter() -> None:
    counts, failures = answers.fuzz(FIXED_SEED, seconds=3)
    assert failures == []
    assert {"send", "poll", "StopJobError", "ProviderBusyError"} <= counts.keys()

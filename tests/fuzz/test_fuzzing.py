from __future__ import annotations

import pytest

from tests.fuzz import answers, proofs
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


@pytest.mark.parametrize("case", proofs.CASES, ids=lambda case: f"{case.name}-{case.call}")
def test_no_row_is_good_or_refused_unless_the_answer_proves_it(case: proofs.Case) -> None:
    assert proofs.unproven(case) == []


def test_each_kind_of_proof_is_tried() -> None:
    for case in proofs.CASES:
        rows = answers.rows_of(answers.provider_of(case.name))
        assert (case.call == "poll" or case.name == "waalaxy") is bool(case.proof(case.body, rows))
        assert len(list(proofs.odd_ones(case.body))) > 100

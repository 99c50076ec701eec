"""What the benchmark of reading compares, on a few rows: never how fast this machine is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from listdrop.providers import REGISTRY
from tools.benchmarks import reading
from tools.benchmarks.data import write_prospects
from tools.benchmarks.reading import BOOK, CONTENDERS, FLOOR, PROVIDERS, Figure, best, ratios


def test_every_provider_is_measured() -> None:
    assert PROVIDERS.keys() == REGISTRY.keys()


@pytest.mark.parametrize("name", CONTENDERS)
def test_every_contender_reads_every_row(name: str, tmp_path: Path) -> None:
    assert CONTENDERS[name](write_prospects(tmp_path / "a.csv", 60)) == 60


def test_ratios_are_to_the_references_of_the_same_run() -> None:
    found = {FLOOR: Figure(600, 10), BOOK: Figure(20, 50), "kakiyo": Figure(180, 60.25)}
    assert ratios(found)["kakiyo"] == {
        "times_by_the_book": 9.0,
        "of_csv_reader": 0.3,
        "peak_mib": 60.2,
    }


def test_the_best_run_counts_and_the_highest_peak() -> None:
    assert best([Figure(5, 70), Figure(7, 60)]) == Figure(7, 70)


def test_ratios_are_printed_as_json_by_number_of_rows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reading, "measured", lambda name, _: Figure(len(name), 1))
    reading.main(["--rows", "30", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["30"].keys() == CONTENDERS.keys()
    assert told["30"][BOOK]["times_by_the_book"] == 1.0

"""The benchmark of Finish finishes a job: what it measures is what the functions do."""

from __future__ import annotations

import csv
from pathlib import Path

from listdrop.models import files
from tools.benchmarks.finishing import finish
from tools.benchmarks.finishing_ports import write_job

ROWS = 500


def test_the_job_that_is_measured_is_finished_with_all_its_rows(tmp_path: Path) -> None:
    write_job(tmp_path, ROWS)

    figures = finish(tmp_path)

    assert figures.rows == ROWS
    with (tmp_path / files.RESULTS).open(encoding="utf-8-sig", newline="") as file:
        outcomes = [line[files.OUTCOME] for line in csv.DictReader(file)]
    assert len(outcomes) == ROWS
    assert 0.15 < outcomes.count("refused") / ROWS < 0.25
    assert figures.requests > ROWS / 50

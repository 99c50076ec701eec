from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_make_runs_every_folder_of_tests() -> None:
    run = re.findall(r"pytest ((?:tests/\w+ ?)+)", (ROOT / "Makefile").read_text("utf-8"))
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}

    assert folders == {ROOT / name for names in run for name in names.split()}

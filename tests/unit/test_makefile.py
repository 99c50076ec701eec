from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_make_runs_every_folder_of_tests() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", "")
    run = re.findall(r"(?:pytest|\$\(PYTEST\)) ((?:tests/\w+\s*)+)", makefile)
    tests = [path.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py")]

    assert {"/".join(path.parts[:2]) for path in tests} == set(" ".join(run).split())

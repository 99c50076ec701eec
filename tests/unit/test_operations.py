"""`docs/operations.md` has each metric that the code counts, and no other."""

from __future__ import annotations

import re

from tools.rooms import ROOT

JOBS = ROOT / "layers" / "shared" / "listdrop" / "jobs"
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def counted() -> set[str]:
    """Return the names of metrics that stand in the code, as the page writes them."""
    call = re.compile(r'\b(?:events|self|work|\.work)\.(?:count|measure)\(\s*f?"([a-z_]+)(\{)?')
    found = set()
    for path in JOBS.glob("*.py"):
        for name, is_of_many in call.findall(path.read_text("utf-8")):
            of = {"job_": "job_<state>", "rows_": "rows_<outcome>"}
            found.add(of[name] if is_of_many else name)
    return found


def test_each_metric_has_its_meaning_in_the_manual() -> None:
    table = PAGE.split("| Metric | Meaning |")[1].split("\n\n")[0]
    listed = set(re.findall(r"^\| `([^`]+)`", table, re.M)) - {"dropped_contacts"}

    assert len(counted()) > 12
    assert listed == counted()

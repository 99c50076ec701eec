from __future__ import annotations

from tools.benchmarks.scale import hours
from tools.costs import ROOT


def test_the_page_of_scale_has_the_hours_that_providers_rates_allow() -> None:
    page = (ROOT / "docs" / "scale.md").read_text("utf-8")
    assert hours() in page

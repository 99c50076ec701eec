from __future__ import annotations

from listdrop.costs.usage import counts
from tools.costs import ALL_ITEMS, BAD_ITEMS, PAGE, ROOT, claim, cost, naive, page, stack
from tools.expanded import without_loops


def test_the_page_of_costs_is_what_the_model_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m tools.costs`"


def test_the_readme_quotes_the_model() -> None:
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert claim() in readme


def test_every_provider_costs_less_than_the_naive_design() -> None:
    for provider in counts()["provider"]:
        assert (
            cost(provider, BAD_ITEMS) < cost(provider, ALL_ITEMS) < 0.4 * naive(provider, 100_000)
        )


def test_a_hundred_thousand_rows_cost_no_more_than_they_may() -> None:
    for provider in counts()["provider"]:
        assert cost(provider, ALL_ITEMS) <= 0.14, provider
        assert cost(provider, BAD_ITEMS) <= 0.02, provider


def test_functions_have_the_memory_that_is_paid_for() -> None:
    resources = without_loops()["Resources"]
    for provider, megabytes in counts()["megabytes"].items():
        for kind in ("Send", "Status"):
            assert resources[f"{kind}{provider}"]["Properties"]["MemorySize"] == megabytes


def test_what_stands_is_counted_in_the_template() -> None:
    found = stack()
    assert found.alarms > 2 * found.secrets
    assert (found.keys, found.dashboards) == (1, 1)

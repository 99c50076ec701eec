from __future__ import annotations

import pytest

from listdrop.costs.job_costs import Cost, cost_of_job, cost_of_plan, dollars, sum_of
from listdrop.costs.usage import Rows, Usage, counts, foreseen, prices, usage
from listdrop.models import Job, JobState
from tests.support.clock import NOW
from tests.support.notices import ended
from tests.support.world import World, csv_of
from tools.benchmarks.data import DESTINATIONS


def a_job(**changes: object) -> Job:
    batches = {"planned": 10, "sent": 10, "terminal": 10}
    return ended(rows=1000, planned_at=NOW, batches=batches, requests=21).model_copy(update=changes)


def test_each_count_has_a_list_price_with_its_source() -> None:
    assert set(prices()["used"]) == set(Usage._fields)
    for price in [*prices()["used"].values(), *prices()["standing"].values()]:
        assert price["usd"] > 0
        assert price["source"].startswith("https://aws.amazon.com/")
        assert bool(price["seen"]) == ("seen_on" in price)
    assert prices()["region"] == "us-east-1"


def test_a_price_is_for_as_many_as_it_says() -> None:
    assert Usage(writes=1_000_000).dollars() == pytest.approx(0.625)
    assert Usage(transitions=2_000, calls=1_000_000).dollars() == pytest.approx(0.25)


def test_every_simulated_provider_is_measured() -> None:
    assert set(counts()["provider"]) == set(DESTINATIONS)


def usd(cost: Cost) -> float:
    assert cost.usd is not None
    return cost.usd


def test_a_plan_costs_more_with_more_rows_batches_and_items() -> None:
    few = usd(cost_of_plan("kakiyo", 10, Rows(1_000)))
    more_rows = usd(cost_of_plan("kakiyo", 10, Rows(2_000)))
    more_batches = usd(cost_of_plan("kakiyo", 20, Rows(1_000)))
    no_items = usd(cost_of_plan("kakiyo", 10, Rows(1_000, row_items="none")))
    only_bad = usd(cost_of_plan("kakiyo", 10, Rows(1_000, bad=100, row_items="bad")))
    assert no_items < only_bad < few < min(more_rows, more_batches)


def test_items_of_all_rows_are_what_a_large_job_pays_for() -> None:
    work = foreseen("waalaxy", 2_000)
    assert work is not None
    with_items = usage(Rows(100_000), work)
    without = usage(Rows(100_000, row_items="none"), work)
    assert with_items.writes - without.writes == 200_000
    assert (with_items.dollars() - without.dollars()) == pytest.approx(0.125, rel=0.01)


def test_a_bad_row_is_also_in_the_index_of_problems() -> None:
    work = foreseen("waalaxy", 20)
    assert work is not None
    good, bad = (usage(Rows(1_000, bad=bad), work) for bad in (0, 1_000))
    assert bad.writes - good.writes == 1_000


def test_a_job_that_made_more_requests_cost_more() -> None:
    usual, more = (cost_of_job(a_job(requests=made)) for made in (21, 210))
    assert usd(usual) < usd(more)
    assert (usual.requests, more.requests) == (21, 210)


def test_kakiyo_charges_a_credit_for_each_request() -> None:
    assert cost_of_job(a_job()).credits == 21
    assert cost_of_job(a_job(provider="waalaxy")).credits is None


def test_a_running_job_costs_what_its_plan_will() -> None:
    running = cost_of_job(a_job(state=JobState.RUNNING, requests=3))
    planned = cost_of_plan("kakiyo", 10, Rows(1_000))
    assert running == planned
    assert (planned.requests or 0) > 10


def test_what_is_not_known_is_left_out_and_never_0() -> None:
    assert cost_of_job(a_job(planned_at=None)) == Cost()
    unmeasured = cost_of_job(a_job(provider="acme"))
    assert unmeasured == Cost(requests=21)
    assert unmeasured.members() == {"requests": 21}
    before_requests_were_counted = cost_of_job(a_job(requests=None))
    assert before_requests_were_counted.requests is None
    assert before_requests_were_counted.usd is not None
    assert "request" not in before_requests_were_counted.words
    assert Cost().words == ""


def test_a_job_with_nothing_to_send_made_no_requests() -> None:
    batches = {"planned": 0, "sent": 0, "terminal": 0}
    assert cost_of_job(a_job(batches=batches, requests=0)).words == (
        "under 0.01 USD; 0 requests; 0 credits"
    )


@pytest.mark.parametrize(
    ("usd", "said"),
    [
        (0.0, "under 0.01 USD"),
        (0.0099, "under 0.01 USD"),
        (0.0149, "about 0.01 USD"),
        (0.1432, "about 0.14 USD"),
        (12.344, "about 12.34 USD"),
        (1_234.5, "about 1,234 USD"),
    ],
)
def test_dollars_are_rounded_as_people_say_them(usd: float, said: str) -> None:
    assert dollars(usd) == said


def test_a_cost_is_said_in_a_few_words() -> None:
    assert Cost(0.143, 412).words == "about 0.14 USD; 412 requests"
    assert Cost(0.143, 1, 1).words == "about 0.14 USD; 1 request; 1 credit"
    assert Cost(0.14326, 412).members() == {"usd": 0.1433, "requests": 412}


def test_a_sum_of_which_a_part_is_not_known_is_not_known() -> None:
    assert sum_of([Cost(0.25, 5), Cost(0.5, 7)]) == Cost(0.75, 12)
    assert sum_of([Cost(0.1, 5), Cost(None, 7)]) == Cost(None, 12)
    assert sum_of([]) == Cost()


def test_a_job_knows_how_many_requests_it_made() -> None:
    world = World()
    job = world.process(csv_of(rows=9))
    assert job.requests == len(world.script.asked) == 3

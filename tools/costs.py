"""Writes `docs/cost.md` from the model that prices jobs: `python -m tools.costs`.

`tests/unit/test_costs_page.py` compares the two. The counts come from
`python -m tools.benchmarks.counts --write`.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from listdrop.costs.job_costs import cost_of_plan
from listdrop.costs.standing import Stack, metrics_a_month
from listdrop.costs.usage import Rows, Usage, counts, foreseen, prices, usage
from listdrop.providers import REGISTRY
from tools.expanded import without_loops

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "cost.md"
ROWS, BAD = 100_000, 2_000
ALL_ITEMS, BAD_ITEMS = Rows(ROWS, BAD, "all"), Rows(ROWS, BAD, "bad")
FILE = Rows(1_000, 20)
METRICS = 14
"""As many metrics are written of a job at most, unless something goes wrong: four of its turns, two
of its state, and one of each outcome that a row has."""
_FILES = (10, 1_000)
_DAYS = 30

_HEAD = """\
# Cost

Written by `python -m tools.costs` from the model that prices jobs; a test compares the two. AWS's
list prices are those of {region}, read on {read_on} and kept with their sources in
[`prices.toml`](../layers/shared/listdrop/costs/prices.toml). Four of them were found only on AWS's
own page, and are marked there. What is free each month is not subtracted.
What jobs use is counted by playing them in virtual time, and kept in
[`counts.toml`](../layers/shared/listdrop/costs/counts.toml): providers answer there in less time
than must pass between two requests. The provider's own price is not in it.

`listdrop check` says what a file will cost, `listdrop job` and the dashboard what a job has cost,
`summary.json` has it as `cost`, and the e-mail about an upload adds it up. All of them say "about":
AWS's bill does not name jobs, so it is computed from a job's rows, batches and requests. What is
not known is left out, such as the cost of a provider that nobody has measured.
"""

_NAIVE = """\
The naive design has one execution and two functions for each batch, asks every 30 seconds, and has
an item for each row that is put when it is sent and updated when it is answered, with a copy in
each of two indexes. For comparison, at Zapier's price for a task, 89 USD for 5,000 as
[one of its integrators quotes it](https://arment.com/ArmstrongIAppConnector/Documentation/FAQ.aspx),
100,000 rows with one task each cost 1,780 USD. Other tools that work row by row publish no prices
that we found.
"""

_STANDING = """\
## Standing costs

A stack costs this each month, whether anything is dropped or not:

{table}

- Alarms: one for each thing that can go wrong, for all providers together, and one for each
  provider that cannot be reached. AWS charges for each metric that an alarm looks at, so one alarm
  over the metrics of all providers would cost as much. An account's first ten are free.
- The key: `CustomerManagedKey=no` leaves it out, and AWS encrypts with its own.
- Secrets: one for each account; the five above are one account at each provider.
- The dashboard of metrics: an account's first three are free, of up to 50 metrics each. To do
  without, delete `MetricsDashboard` from the template. The web dashboard of `Dashboard=yes` costs
  its calls, and [with a sign-in](sign-in.md#what-it-costs) its secrets.

## A month

Files of 1,000 rows to one destination ({provider}), with an item for each row, in USD. A
metric is charged for the hours in which it gets a number, and a job writes up to {metrics}: a small
job costs less than its metrics, but all jobs of an hour share them. Each further destination costs
as much again for its jobs and metrics.

{month}

## Pay less

- `"row_items": "bad"` on the route keeps items of bad rows only. The result files still have all
  rows; `listdrop person` and the dashboard then show only the bad ones.
- Set larger batches (`batch_rows`), where the provider's page allows it: they need fewer requests.
- Drop fewer, larger files: each job costs a few hundredths of a cent, however small it is.
"""


def page() -> str:
    """Return the page."""
    head = _HEAD.format(region=prices()["region"], read_on=prices()["read_on"])
    month = _table(
        ("Files a day", "jobs", "metrics", "standing", "in all", "naive design, jobs only"),
        [_month_of(files) for files in _FILES],
    )
    standing = _STANDING.format(
        table=_table(
            ("Part", "how many", "USD a month"),
            [*_standing(), ("in all", "", _usd(sum(stack().parts().values())))],
        ),
        provider=_USUAL,
        metrics=METRICS,
        month=month,
    )
    return "\n".join(
        [head, "## 100,000 rows\n", *_per_provider(), "", _NAIVE, *_where(), "", standing]
    )


def cost(provider: str, rows: Rows) -> float:
    """Return what a job of a provider costs, in USD."""
    found = cost_of_plan(provider, batches_of(provider, rows.rows), rows).usd
    if found is None:
        raise ValueError(f"nobody has measured {provider}")
    return found


def claim() -> str:
    """Return what the README says of the cost."""

    def most(rows: Rows) -> int:
        return math.ceil(max(100 * cost(provider, rows) for provider in counts()["provider"]))

    standing = round(sum(stack().parts().values()))
    return (
        f"costs](docs/cost.md) at most {most(ALL_ITEMS)} US cents per 100,000 rows and "
        f'destination, {most(BAD_ITEMS)} with `"row_items": "bad"`, and {standing} USD a month'
    )


def batches_of(provider: str, rows: int) -> int:
    """Return how many batches the rows fill, at the usual size of a batch."""
    kind = REGISTRY[provider]
    option = kind.destination_model.model_fields.get("batch_rows")
    return -(-rows // (option.default if option else kind.limits.rows))


def naive(provider: str, rows: int) -> float:
    """Return what the naive design costs (see the page), in USD."""
    batches = batches_of(provider, rows)
    polls = 2 if REGISTRY[provider].pace.longest > 1 else 0
    calls = batches * (1 + polls)
    return Usage(
        writes=rows * 2 * 3 + batches * 4,
        transitions=batches * (4 + 3 * polls),
        calls=calls,
        gb_seconds=calls * 0.5,
        puts=batches,
        gets=batches,
    ).dollars()


def stack() -> Stack:
    """Return what the template has that costs each month."""
    kinds = [each["Type"] for each in without_loops()["Resources"].values()]
    return Stack(
        alarms=kinds.count("AWS::CloudWatch::Alarm"),
        keys=kinds.count("AWS::KMS::Key"),
        secrets=len(counts()["provider"]),
        dashboards=kinds.count("AWS::CloudWatch::Dashboard"),
    )


_USUAL = "activecampaign"


def _per_provider() -> Iterator[str]:
    yield f"With {BAD:,} bad rows, for each destination, in USD. Requests are those of the plan:\n"
    rows = []
    for provider in counts()["provider"]:
        found = cost_of_plan(provider, batches_of(provider, ROWS), ALL_ITEMS)
        requests = f"{found.requests or 0:,}"
        if found.credits:
            requests += f" ({found.credits:,} credits)"
        told = (_usd(cost(provider, each)) for each in (ALL_ITEMS, BAD_ITEMS))
        batches = f"{batches_of(provider, ROWS):,}"
        rows.append((provider, batches, requests, *told, _usd(naive(provider, ROWS))))
    yield _table(
        (
            "Provider",
            "batches",
            "requests",
            "`row_items` `all`",
            "`row_items` `bad`",
            "naive design",
        ),
        rows,
    )


def _where() -> Iterator[str]:
    yield "Where it goes, with `row_items` `all`, in USD:\n"
    used = prices()["used"]
    parts = {
        "table": ("writes", "reads"),
        "workflow": ("transitions",),
        "functions": ("calls", "gb_seconds"),
        "files": ("puts", "gets"),
        "messages and logs": ("publishes", "messages", "log_bytes"),
    }
    rows = []
    for provider in counts()["provider"]:
        batches = batches_of(provider, ROWS)
        work = foreseen(provider, batches)
        if work is None:
            continue
        found = usage(ALL_ITEMS, work)
        costs = {
            name: count * used[name]["usd"] / used[name]["per"]
            for name, count in found._asdict().items()
        }
        rows.append(
            (provider, *(f"{sum(costs[name] for name in names):.4f}" for names in parts.values()))
        )
    yield _table(("Provider", *parts), rows)


def _standing() -> Iterator[tuple[str, str, str]]:
    found = stack()
    names = {
        "alarms": "alarms",
        "keys": "the key of `CustomerManagedKey`",
        "secrets": "secrets of accounts",
        "dashboards": "the dashboard of metrics",
    }
    for name, usd in found.parts().items():
        yield names[name], str(getattr(found, name)), _usd(usd)


def _month_of(files: int) -> tuple[str, ...]:
    jobs = files * _DAYS * cost(_USUAL, FILE)
    metrics = metrics_a_month(METRICS, files)
    standing = sum(stack().parts().values())
    other = files * _DAYS * naive(_USUAL, FILE.rows)
    return (
        f"{files:,}",
        _usd(jobs),
        _usd(metrics),
        _usd(standing),
        _usd(jobs + metrics + standing),
        _usd(other),
    )


def _usd(usd: float) -> str:
    return f"{usd:,.3f}" if usd < 1 else f"{usd:,.2f}"


def _table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    marks = ["---", *("---:" for _ in header[1:])]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in (header, marks, *rows))


def main() -> None:
    """Write the page."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()

"""The numbers behind each chart as a file to download: CSV that a spreadsheet opens right."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from flask import Blueprint, Response, abort

from listdrop.cells.formulas import neutralised
from listdrop.dashboard.adding import DayFigures, Tally, merged_accounts, merged_by, took
from listdrop.dashboard.desk import desk
from listdrop.dashboard.jobs import job_or_404
from listdrop.models import Outcome

pages = Blueprint("tabulating", __name__)
_Lines = Iterable[Sequence[object]]
_TALLY = ("jobs", "rows", *(each.value for each in Outcome), "success_percent", "slowest_seconds")


@pages.get("/figures/<name>.csv")
def figures(name: str) -> Response:
    """Download the last thirty days: by day, provider, route or account."""
    if name not in _TABLES:
        abort(404)
    header, lines = _TABLES[name]
    return _file(f"listdrop-{name}.csv", (*header, *_TALLY), lines(desk().history.days()))


@pages.get("/jobs/<job_id>/outcomes.csv")
def outcomes(job_id: str) -> Response:
    """Download a job's rows by outcome."""
    job = job_or_404(job_id)
    lines = [(each.value, job.counts[each]) for each in Outcome]
    lines.append(("open", job.counts["rows"] - sum(rows for _, rows in lines)))
    return _file(f"{job_id}-outcomes.csv", ("outcome", "rows"), lines)


def _of_days(days: Sequence[DayFigures]) -> _Lines:
    return ((day.day.isoformat(), *_numbers(day.total)) for day in days)


def _of_accounts(days: Sequence[DayFigures]) -> _Lines:
    return ((*account, *_numbers(tally)) for account, tally in merged_accounts(days).items())


def _by(part: Callable[[DayFigures], Mapping[str, Tally]]) -> Callable[..., _Lines]:
    def lines(days: Sequence[DayFigures]) -> Iterator[Sequence[object]]:
        for name, tally in merged_by(days, part).items():
            yield name or "none", *_numbers(tally)

    return lines


_TABLES: Mapping[str, tuple[Sequence[str], Callable[[Sequence[DayFigures]], _Lines]]] = {
    "days": (("day",), _of_days),
    "providers": (("provider",), _by(lambda day: day.providers)),
    "routes": (("route",), _by(lambda day: day.routes)),
    "accounts": (("provider", "account"), _of_accounts),
}


def _numbers(tally: Tally) -> Sequence[object]:
    lasted = took(tally.slowest) if tally.slowest else None
    success = f"{100 * tally.good / tally.judged:.1f}" if tally.judged else ""
    seconds = round(lasted.total_seconds()) if lasted is not None else ""
    return tally.jobs, tally.rows, *(tally.outcomes[each] for each in Outcome), success, seconds


def _file(name: str, header: Sequence[str], lines: _Lines) -> Response:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([neutralised(str(cell)) for cell in line] for line in lines)
    # Excel takes UTF-8 for its own only with this mark.
    answer = Response(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer

"""Writes `docs/performance.md` from what was measured: `python -m tools.benchmarks.page`.

`tests/unit/test_performance_page.py` compares the two, and the README's claim with both.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.benchmarks import bars, measured
from tools.benchmarks.bars import Judged
from tools.benchmarks.measured import Figures, Part

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "performance.md"
README = ROOT / "README.md"
_IDLE = 0.5
"""Up to this load nothing else of weight was running."""
_OTHERS = ("csv.reader alone.", "by the book.", "all five at once.")

_HEAD = """\
# Performance

Written by `make bench`, which takes 5 to 15 minutes, from what it measured; `make bench-whole`
adds the largest jobs and files, and takes as long. The figures are kept in
[`measured.toml`](../tools/benchmarks/measured.toml), and a test compares the two. Only ratios of
one run can be compared: seconds, and rows a second, differ by machine and by what else it does.
`python -m tools.benchmarks.suite reading` measures one part again, and each part is also a module
with more options.

{machines}

## Bars

The worst figure of each kind counts: of the slowest provider, stage or page.

{bars}
"""

_READING = """\
## Reading and planning

What Submit does with an upload's bytes, up to the planned batches: for each provider alone, and for
all five as the destinations of one upload. Two references run in turns with it: `csv.reader` alone,
which only parses, and the usual code "by the book", `csv.DictReader` and a pydantic model with
`EmailStr` for each row. `csv.reader` reads the file three times in a run, and the usual code a
tenth of it, so that all runs take about as long, and none is likelier than others to meet a fast
moment of the machine. All figures are processor time on one core. Each contender's best run
counts, in its own process.

The million rows have ten columns, with accents, Chinese and Japanese, quoted cells, 2 % bad
addresses, 3 % repeats and 1 % cells of several lines.

{table}

Where the time goes, for one destination: a third is splitting lines into cells, a fifth is deciding
about them (values, addresses, profiles, numbers, names), a seventh is finding repeats, and a tenth
each are writing the plan, marking people, and unpacking, hashing and deciding the encoding.
"""

_WIRE = """\
## Sending, and joining reports

"send" turns a plan's ranges into the bodies of requests. "status" joins a report of all rows to
them, and encodes the outcomes. Growth is how much longer a row takes in ten times as many.

{table}
"""

_FINISHING = """\
## Finishing

A job of Waalaxy in batches of 50 rows, of which a fifth are bad, in words of their own. Its seconds
are processor time and 30 ms for each request to S3 or DynamoDB, of which Finish makes eight at
once. It has 900 s on AWS, and half of that is the bar for the largest upload.

{table}

A row's item takes {item:.0f} µs, {of_table:.2f} of what `boto3`'s table takes.
"""

_STARTS = """\
## Cold start

Processor time of a function's start, beside that of a handler by the book: five clients,
Powertools, a model with `EmailStr`, installed as SAM does by default. "Ready" includes the clients
that a function makes at its first event. The last lines are the function Send without one of the
levers ([decisions](decisions.md#layers-are-compiled-when-they-are-built)).

{table}
"""

_DASHBOARD = """\
## Pages of the dashboard

On the engine, whose DynamoDB is slower than AWS's for large answers and has no network before it: a
month of jobs, a hundred a day, and one job of 100,000 rows in 2,000 batches. Work is processor time
of the dashboard alone. Tests hold the number of reads (`tests/unit/dashboard/test_reads.py`).

{table}

- Days that are over are remembered for 5 minutes to two and a half hours, with up to 500 jobs each.
  Lists of the last 30 days use them; the first list or overview after a start reads each day once.
- Batches and rows have numbers, so a page reads them by their keys. Only rows of a rare outcome,
  and a text that is no whole address or profile, are searched for: each page searches up to 400
  rows, or for 50 ms, and a link goes on.
- On a laptop most of the time is the engine's: for every query it looks at each item of the
  partition, of which 10,000 rows have one. DynamoDB does not.
"""

_GATE = """\
## In the gate

`make bench-quick` is part of `make check`. It races each stage against a fixed piece of plain
Python, in runs of some hundredths of a second that take turns, and compares the median ratio of the
rounds with the one below, which is the lower of an idle and of a busy machine's. A stage that lost
over {loss} % is measured again, and then fails; so does one that takes over {growth:g} times as
long for a row in ten times as many rows.

{table}
"""


def page(parts: Mapping[str, Part]) -> str:
    """Return the page."""
    head = _HEAD.format(machines="\n".join(_machines(parts)), bars=_bars(parts))
    return "\n".join([head, *_sections(parts)])


def claim(parts: Mapping[str, Part]) -> str:
    """Return what the README says: figures of the slowest provider, rounded to its disadvantage."""
    figures = {
        name: value
        for name, value in parts["reading"].figures.items()
        if not name.startswith(_OTHERS)
    }
    times = min(value for name, value in figures.items() if name.endswith(".times_by_the_book"))
    mib = max(value for name, value in figures.items() if name.endswith(".peak_mib"))
    return _claim(f"{math.floor(10 * times) / 10:g}", f"{math.ceil(mib / 10) * 10}")


def _claim(times: str, mib: str) -> str:
    return (
        f"reads and plans](docs/performance.md) a million rows {times} times as fast as the usual "
        f"code with a model for each row, in {mib} MiB"
    )


def write(parts: Mapping[str, Part]) -> None:
    """Write the page, and the figures of the README's claim."""
    PAGE.write_text(page(parts), "utf-8")
    if "reading" in parts:
        README.write_text(with_claim(README.read_text("utf-8"), claim(parts)), "utf-8")


def with_claim(readme: str, claim: str) -> str:
    """Put new figures into the claim, whose words may be on several lines."""
    number = r"([\d.]+)"
    words = re.escape(_claim("0", "1")).split("\\ ")
    pattern = r"\s+".join(number if word in "01" else word for word in words)
    new = iter(re.findall(rf"(?<= ){number}(?= )", claim))

    def renewed(found: re.Match[str]) -> str:
        return re.sub(rf"(?<=\s){number}(?=\s)", lambda _: next(new), found[0])

    return re.sub(pattern, renewed, readme)


def line_of(each: Judged) -> str:
    """Return a line about a bar."""
    return " | ".join(_judged(each))


def _machines(parts: Mapping[str, Part]) -> Iterator[str]:
    yield "| Measured | on | with | busy | seconds |\n|---|---|---|---|---:|"
    for name, part in parts.items():
        busy = "no" if part.load <= _IDLE else f"load {part.load:.1f}"
        seconds = f"{part.seconds:,.0f}" if part.seconds else ""
        told = (f"{name}, {part.date}", part.machine, part.versions, busy, seconds)
        yield f"| {' | '.join(told)} |"


def _bars(parts: Mapping[str, Part]) -> str:
    rows = [_judged(each) for each in bars.judged(parts)]
    return _table(("What", "bar", "measured", "of", "met"), rows)


def _judged(each: Judged) -> tuple[str, ...]:
    bar = each.bar
    asked = f"≤ {bar.most:,g}" if bar.most is not None else f"≥ {bar.least:,g}"
    name = each.name.rpartition(".")[0] if "." in each.name else ""
    return (bar.what, asked, _short(each.value), name, "yes" if each.is_met else "**no**")


def _sections(parts: Mapping[str, Part]) -> Iterator[str]:
    makers = {
        "reading": _reading,
        "wire": _wire,
        "finishing": _finishing,
        "cold": _starts,
        "dashboard": _dashboard,
        "quick": _gate,
    }
    for name, maker in makers.items():
        if name in parts:
            yield maker(parts)


def _reading(parts: Mapping[str, Part]) -> str:
    figures = parts["reading"].figures
    kinds = ("rows_a_second", "times_by_the_book", "of_csv_reader", "peak_mib")
    header = ("Destinations", "rows a second", "times by the book", "of `csv.reader`", "peak, MiB")
    return _READING.format(table=_grid(header, figures, kinds))


def _wire(parts: Mapping[str, Part]) -> str:
    rows = [
        (stage.replace(".", ", "), f"{int(count):,}", f"{rate:,.0f}", f"{mib:.0f}", growth)
        for part in ("wire", "wire_whole")
        if part in parts
        for stage, count, rate, mib, growth in _rates(parts[part].figures)
    ]
    return _WIRE.format(table=_table(("Stage", "rows", "a second", "peak, MiB", "growth"), rows))


def _rates(figures: Figures) -> Iterator[tuple[str, str, float, float, str]]:
    for name, rate in figures.items():
        head, _, kind = name.rpartition(".")
        if kind == "rows_a_second":
            stage, _, count = head.rpartition(".")
            counts = [int(each.split(".")[2]) for each in figures if each.startswith(f"{stage}.")
                      and each.endswith(kind)]  # fmt: skip
            growth = f"{figures[f'{stage}.growth']:.2f}" if int(count) == max(counts) else ""
            yield stage, count, rate, figures[f"{head}.peak_mib"], growth


def _finishing(parts: Mapping[str, Part]) -> str:
    figures = parts["finishing"].figures
    found = dict(figures)
    if "finishing_whole" in parts:
        found = {**parts["finishing_whole"].figures, **figures}
    sizes = sorted({int(name.partition(".")[0]) for name in found if name[0].isdigit()})
    kinds = ("seconds", "rows_a_second", "times_copying", "peak_mib", "growth")
    rows = [
        (f"{size:,}", *(_short(found[f"{size}.{kind}"]) if f"{size}.{kind}" in found else ""
                        for kind in kinds))
        for size in sizes
    ]  # fmt: skip
    header = ("Rows", "seconds", "rows a second", "times copying them", "peak, MiB", "growth")
    return _FINISHING.format(
        table=_table(header, rows),
        item=figures["item.us"],
        of_table=figures["item.of_boto3s_table"],
    )


def _starts(parts: Mapping[str, Part]) -> str:
    header = ("Start", "of the handler by the book", "ms")
    return _STARTS.format(table=_grid(header, parts["cold"].figures, ("ratio", "ms")))


def _dashboard(parts: Mapping[str, Part]) -> str:
    header = ("Page", "reads of AWS", "work, ms", "median, ms", "95th percentile, ms", "kB")
    kinds = ("reads", "cpu_ms", "median_ms", "p95_ms", "kb")
    return _DASHBOARD.format(table=_grid(header, parts["dashboard"].figures, kinds))


def _gate(parts: Mapping[str, Part]) -> str:
    rows = [(name, f"{ratio:.2f}") for name, ratio in parts["quick"].figures.items()]
    table = _table(("Stage", "rows in the time of one of the reference"), rows)
    return _GATE.format(loss=round(100 * bars.MOST_LOSS), growth=bars.MOST_GROWTH, table=table)


def _grid(header: Sequence[str], figures: Figures, kinds: Sequence[str]) -> str:
    """Return a table with a line for each thing, and a column for each kind of figure."""
    names = dict.fromkeys(name.rpartition(".")[0] for name in figures)
    rows = [
        (name, *(_short(figures[f"{name}.{kind}"]) if f"{name}.{kind}" in figures else ""
                 for kind in kinds))
        for name in names
    ]  # fmt: skip
    return _table(header, rows)


def _short(value: float) -> str:
    """Return three digits of a figure, or all of a larger one's before the point."""
    if not value or value == int(value):
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def _table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    marks = ["---", *("---:" for _ in header[1:])]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in (header, marks, *rows))


if __name__ == "__main__":
    write(measured.load())

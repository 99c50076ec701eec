"""The page of performance, the README and the bars are about what was measured."""

from __future__ import annotations

from pathlib import Path

from tools.benchmarks import bars, measured, starts
from tools.benchmarks.bars import Bar, Judged
from tools.benchmarks.measured import Part
from tools.benchmarks.page import PAGE, README, claim, line_of, page, with_claim
from tools.benchmarks.suite import EVERY, PARTS

PARTS_MEASURED = measured.load()


def part(**figures: float) -> Part:
    return Part(
        {name.replace("__", "."): value for name, value in figures.items()}, "", "", "", 0, 0
    )


def test_the_page_has_what_was_measured() -> None:
    assert PAGE.read_text("utf-8") == page(PARTS_MEASURED), "run `python -m tools.benchmarks.page`"


def test_the_readme_quotes_the_slowest_provider() -> None:
    assert claim(PARTS_MEASURED) in " ".join(README.read_text("utf-8").split())


def test_a_claim_is_of_the_slowest_provider_and_rounded_to_its_disadvantage() -> None:
    parts = {
        "reading": part(
            **{
                "csv.reader alone.times_by_the_book": 40,
                "all five at once.times_by_the_book": 3,
                "by the book.times_by_the_book": 1,
                "kakiyo.times_by_the_book": 7.29,
                "which50.times_by_the_book": 6.19,
                "kakiyo.peak_mib": 80.2,
                "which50.peak_mib": 79,
            }
        )
    }
    assert "6.1 times" in claim(parts)
    assert "in 90 MiB" in claim(parts)


def test_new_figures_are_put_into_the_readme_wherever_its_lines_end() -> None:
    readme = README.read_text("utf-8")
    told = claim({"reading": part(a__times_by_the_book=98.25, a__peak_mib=771)})
    changed = with_claim(readme, told)
    assert told not in " ".join(readme.split())
    assert told in " ".join(changed.split())
    assert len(changed.splitlines()) == len(readme.splitlines())


def test_every_bar_is_about_a_part_that_is_measured() -> None:
    assert {bar.part for bar in bars.bars()} <= EVERY.keys()
    assert all((bar.least is None) != (bar.most is None) for bar in bars.bars())
    assert bars.unknown(PARTS_MEASURED) == []


def test_the_worst_figure_counts_and_meets_its_bar_or_not() -> None:
    figures = {"kakiyo.growth": 1.1, "which50.growth": 1.3, "book.growth": 9}
    most = Bar("growth", "wire", "*.growth", but=["book.*"], most=1.25)
    assert most.worst(figures) == ("which50.growth", 1.3)
    assert not most.is_met(1.3)
    least = Bar("speed", "wire", "*.growth", least=1.1)
    assert least.worst(figures) == ("kakiyo.growth", 1.1)
    assert least.is_met(1.1)
    assert line_of(Judged(least, "kakiyo.growth", 1.1)) == "speed | ≥ 1.1 | 1.10 | kakiyo | yes"


def test_a_bar_that_no_figure_is_about_is_told() -> None:
    assert Bar("x", "wire", "*.speed", most=1).worst({"a.growth": 1}) is None
    unknown = bars.unknown({"usage": part(kakiyo__transitions=3)})
    assert [bar.figures for bar in unknown] == ["*.usd_all", "*.usd_bad"]


def test_what_is_kept_is_read_as_it_was(tmp_path: Path) -> None:
    parts = {
        "wire": measured.part_of({"send.kakiyo.growth": 1.023456}, 0.26, 12.7),
        "cold": measured.part_of({"send, imported.ms": 300}, 2, 30),
    }
    measured.save(parts, tmp_path / "a.toml")
    found = measured.load(tmp_path / "a.toml")
    assert found == parts
    assert found["wire"].figures == {"send.kakiyo.growth": 1.0235}
    assert found["wire"].load == 0.3


def test_cold_starts_are_read_from_what_is_printed() -> None:
    printed = "by the book      1,395 ms   1.00\nsubmit, imported   400 ms   0.30\n"
    found = {
        "by the book.ms": 1395,
        "by the book.ratio": 1,
        "submit, imported.ms": 400,
        "submit, imported.ratio": 0.3,
    }
    assert starts.read(printed) == found
    told = starts.read(f"{printed}bare imports  200 ms  0.15\n")
    assert told["submit, imported.of_bare_imports"] == 2


def test_the_gate_compares_with_a_part_that_is_measured_each_time() -> None:
    assert "quick" in PARTS
    assert PARTS_MEASURED["quick"].figures

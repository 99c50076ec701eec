"""What the gate compares: never how fast this machine is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from listdrop.providers import REGISTRY
from tools.benchmarks import measured, quick
from tools.benchmarks.quick import LARGE, REFERENCE, Rounds, Stage, growths, lost, ratios, slower

SECONDS = 1e-6


class Clock:
    """Stages whose rows take as long as they are told, each time the next."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._now = 0.0
        monkeypatch.setattr("time.process_time", lambda: self._now)

    def stage(self, *seconds: float, rounds: int = 3) -> Stage:
        left = self._each(seconds)

        def work() -> int:
            self._now += 10 * next(left) * SECONDS
            return 10

        return Stage(work, rounds)

    def _each(self, seconds: Sequence[float]) -> Iterator[float]:
        yield from seconds
        while True:
            yield seconds[-1]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    for name in ("freeze", "collect"):  # which takes long beside thousands of tests
        monkeypatch.setattr(f"gc.{name}", lambda: None)
    return Clock(monkeypatch)


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Stage]]:
    with quick.stages(tmp_path_factory.mktemp("stages")) as found:
        yield found


def test_every_stage_works_on_its_rows(stages: dict[str, Stage]) -> None:
    assert {name.removeprefix("read ") for name in stages} >= REGISTRY.keys()
    assert {f"{name}, large" for name in LARGE} <= stages.keys()
    assert stages["read kakiyo"].work() == quick.ROWS
    assert 0.9 * quick.ROWS < stages["send kakiyo"].work() < quick.ROWS
    assert 0.9 * quick.ROWS < stages["status kakiyo"].work() < quick.ROWS
    assert stages["finish"].work() == stages["finish"].work() == quick.FINISH_ROWS
    assert stages["finish, large"].work() == 10 * quick.FINISH_ROWS
    assert stages[REFERENCE].work() == quick.COLUMNS_ROWS + 1


def test_what_is_kept_has_every_stage_of_the_gate(stages: dict[str, Stage]) -> None:
    names = {name for name in stages if name != REFERENCE and not name.endswith("large")}
    assert measured.load()["quick"].figures.keys() == names


def test_a_ratio_is_that_of_most_rounds() -> None:
    rounds: Rounds = {REFERENCE: [8, 16, 8], "read": [2, 4, 20], "read, large": [2.2, 4.4]}
    assert ratios(rounds) == {"read": 4}


def test_growth_is_of_the_same_rounds() -> None:
    rounds: Rounds = {"finish": [2, 4, 4], "finish, large": [3, 6]}
    assert growths(rounds) == {"finish": 1.5}


def test_a_quarter_may_be_lost() -> None:
    assert lost({"read": 3.01, "send": 2.9}, {"read": 4, "send": 4, "gone": 1}) == ["send", "gone"]


def test_what_is_as_fast_as_before_passes(clock: Clock) -> None:
    found = {REFERENCE: clock.stage(80), "finish": clock.stage(20)}
    assert slower(found, {"finish": 4.5}) == []


def test_what_was_slow_once_is_measured_again(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {REFERENCE: clock.stage(80), "finish": clock.stage(20, 40, 40, 40, 20)}
    assert slower(found, {"finish": 4}) == []
    assert "measured again: finish" in capsys.readouterr().out


def test_what_stays_slow_fails(clock: Clock) -> None:
    found = {REFERENCE: clock.stage(80), "finish": clock.stage(40), "read": clock.stage(20)}
    assert slower(found, {"finish": 4, "read": 4}) == ["finish is slower than it was"]


def test_what_grows_faster_than_its_rows_fails(clock: Clock) -> None:
    found = {
        REFERENCE: clock.stage(80),
        "finish": clock.stage(20),
        "finish, large": clock.stage(80, rounds=2),
    }
    assert slower(found, {"finish": 4}) == ["finish takes more than its share of more rows"]


def test_a_stage_that_is_gone_fails(clock: Clock) -> None:
    found = {REFERENCE: clock.stage(80), "finish": clock.stage(20)}
    assert slower(found, {"finish": 4, "read": 2}) == ["read is slower than it was"]

"""The mutants of `make mutants` fit the code as it is now; whether tests catch them, that says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.mutants import __main__ as command
from tools.mutants.listed import Mutant, mutants, problems
from tools.mutants.playing import Played

CODE = "def is_even(number):\n    return number % 2 == 0\n"
TEST = "from even import is_even\n\n\ndef test_two_is_even():\n    assert is_even(2)\n"


def mutant(find: str = "== 0", replace: str = "== 1", test: str = "test_even.py") -> Mutant:
    return Mutant("room", "name", "even.py", find, replace, [test], "Two is even.")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "even.py").write_text(CODE, "utf-8")
    (tmp_path / "test_even.py").write_text(TEST, "utf-8")
    return tmp_path


@pytest.mark.parametrize("each", mutants(), ids=str)
def test_a_mutant_applies_to_the_code(each: Mutant) -> None:
    assert not list(problems(each))


def test_every_mutant_says_which_promise_breaks() -> None:
    assert all(each.why.endswith(".") for each in mutants())


def test_there_are_enough_of_them() -> None:
    assert len(mutants()) >= 120


def test_a_mutant_that_applies_has_no_problems(tree: Path) -> None:
    assert not list(problems(mutant(), tree))
    assert not list(problems(mutant(test="test_even.py::test_two_is_even"), tree))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (mutant(find="== 2"), "is 0 times"),
        (mutant(find="number"), "is 2 times"),
        (mutant(replace="== 0"), "changes nothing"),
        (mutant(replace="== ="), "cannot be read"),
        (mutant(test="test_odd.py"), "There is no test_odd.py"),
        (mutant(test="test_even.py::test_two_is"), "There is no test test_two_is in"),
    ],
)
def test_a_mutant_that_does_not_apply_says_why(tree: Path, wrong: Mutant, said: str) -> None:
    (problem,) = problems(wrong, tree)

    assert said in problem


FAILED = "FAILED test_even.py::test_two_is_even - assert False"


@pytest.mark.parametrize(
    ("played", "word"),
    [
        (Played(1, FAILED), "caught"),
        (Played(0, "1 passed"), "survived"),
        (Played(None, FAILED), "survived"),
        (Played(2, "ERROR test_even.py"), "untried"),
        (Played(1, "no tests"), "untried"),
    ],
    ids=["a test fails", "all pass", "they do not end", "no import", "nothing failed"],
)
def test_only_a_test_that_fails_catches_a_mutant(played: Played, word: str) -> None:
    assert command._word(played) == word


@pytest.mark.parametrize(("caught", "code"), [(19, 0), (18, 1)])
def test_nineteen_of_twenty_are_enough(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caught: int, code: int
) -> None:
    found = [Played(int(place < caught), FAILED if place < caught else "") for place in range(20)]
    monkeypatch.setattr(command, "play_all", lambda chosen, _: zip(chosen, found, strict=True))

    assert command._report([mutant()] * 20, 2) == code
    assert f"{caught} of 20 mutants were caught" in capsys.readouterr().out


def test_a_mutant_that_could_not_be_tried_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Played(1, FAILED)] * 99 + [Played(2, "")]
    monkeypatch.setattr(command, "play_all", lambda chosen, _: zip(chosen, found, strict=True))

    assert command._report([mutant()] * 100, 2) == 1

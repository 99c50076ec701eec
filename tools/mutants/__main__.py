"""Makes each of over 200 mistakes in the code, and sees that the tests catch them: `make mutants`.

The exit code is 1 if fewer than 95 % are caught, or a mutant cannot be tried.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatch

from tools.mutants.listed import Mutant, mutants, problems
from tools.mutants.playing import Played, UnfitTestsError, play_all

ENOUGH = 0.95
"""How much of the mutants the tests have to catch."""


def main(arguments: Sequence[str]) -> int:
    """Try the mutants, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these, such as 'jobs/*'")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args(arguments)
    chosen = [
        mutant
        for mutant in mutants()
        if not given.names or any(fnmatch(str(mutant), name) for name in given.names)
    ]
    wrong = [f"{mutant}: {problem}" for mutant in chosen for problem in problems(mutant)]
    if wrong or not chosen:
        print(*wrong or ["There is no such mutant."], sep="\n", file=sys.stderr)
        return 1
    try:
        return _report(chosen, given.workers)
    except UnfitTestsError as error:
        print(f"The tests fail without any mutant:\n{error}", file=sys.stderr)
        return 1


def _report(chosen: Sequence[Mutant], workers: int) -> int:
    counts: Counter[str] = Counter()
    for mutant, played in play_all(chosen, workers):
        word = _word(played)
        counts[word] += 1
        print(f"{word:<9} {mutant}", f"({played.failed})" if played.failed else "", flush=True)
        if word != "caught":
            print(f"          {mutant.why}")
        if word == "untried":
            print(played.output)
    caught = counts["caught"]
    print(f"{caught} of {len(chosen)} mutants were caught: {caught / len(chosen):.1%}.")
    return int(caught < ENOUGH * len(chosen) or counts["untried"] > 0)


def _word(played: Played) -> str:
    """Say what became of a mutant. Tests that do not end have not caught it."""
    if played.is_failed:
        return "caught"
    return "survived" if played.is_passed or played.code is None else "untried"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

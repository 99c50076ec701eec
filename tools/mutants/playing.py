"""Runs the tests of mutants, each in a copy of the tree that has just this one mistake."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from local.engine import ROOT
from tools.mutants.listed import Mutant

LONGEST = 300
"""Seconds for the tests of one mutant. Tests that do not end by then have not caught it."""

_LONGEST_OF_ALL = 1800
_OPTIONS = ("-x", "-q", "--no-header", "-p", "no:cacheprovider", "--hypothesis-seed=0")
_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", ".node", ".aws-sam", ".listdrop", "dist", "__pycache__", ".*_cache",
    ".hypothesis", "*.egg-info",
)  # fmt: skip
_PASSED, _FAILED = 0, 1
"""Exit codes of pytest. All others mean that it could not run the tests."""


class Played(NamedTuple):
    """What pytest said: its exit code (`None`: it did not end), and its output."""

    code: int | None
    output: str

    @property
    def is_passed(self) -> bool:
        """Whether every test passed."""
        return self.code == _PASSED

    @property
    def is_failed(self) -> bool:
        """Whether a test failed; an import that fails, for example, is something else."""
        return self.code == _FAILED and bool(self.failed)

    @property
    def failed(self) -> str:
        """The first test that failed; empty if there is none."""
        lines = (line for line in self.output.splitlines() if line.startswith("FAILED "))
        return next(lines, "").removeprefix("FAILED ").partition(" - ")[0]


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the tree, in which files may be changed."""

    root: Path

    def play(self, tests: Iterable[str], seconds: float) -> Played:
        """Run tests on the copy's code, and nothing that is installed in its place."""
        paths = (self.root, self.root / "layers" / "shared")
        own = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONHASHSEED": "0"}
        process = subprocess.Popen(  # noqa: S603 # our own tests
            [sys.executable, "-m", "pytest", *_OPTIONS, *tests],
            cwd=self.root,
            env=os.environ | own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # to end what the tests started, too
        )
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            return Played(None, output)
        finally:
            # Examples that failed would be tried first the next time.
            shutil.rmtree(self.root / ".hypothesis", ignore_errors=True)
        return Played(process.returncode, output)

    @contextmanager
    def mutated(self, mutant: Mutant) -> Iterator[None]:
        """Have the mistake in the code for a while."""
        path = self.root / mutant.file
        text = path.read_text("utf-8")
        self._write(path, mutant.applied(text))
        try:
            yield
        finally:
            self._write(path, text)

    def _write(self, path: Path, text: str) -> None:
        """Write a file, and make it later: Python compiles again only what has another second."""
        later = path.stat().st_mtime + 2
        path.write_text(text, "utf-8")
        os.utime(path, (later, later))


def play_all(chosen: Sequence[Mutant], workers: int) -> Iterator[tuple[Mutant, Played]]:
    """Yield what the tests say to each mutant, in order.

    Raises `UnfitTestsError` if the tests fail without any mistake: then they tell nothing.
    """
    with ExitStack() as stack, ThreadPoolExecutor(workers) as pool:
        copies = [stack.enter_context(_copy()) for _ in range(workers)]
        shares = [_tests(chosen)[place::workers] for place in range(workers)]
        # Without a test that is named, pytest would run them all.
        shared = [(copy, tests) for copy, tests in zip(copies, shares, strict=True) if tests]
        for sound in pool.map(lambda pair: pair[0].play(pair[1], _LONGEST_OF_ALL), shared):
            if not sound.is_passed:
                raise UnfitTestsError(sound.output)
        free: SimpleQueue[Copy] = SimpleQueue()
        for copy in copies:
            free.put(copy)

        def play(mutant: Mutant) -> Played:
            copy = free.get()
            try:
                with copy.mutated(mutant):
                    return copy.play(mutant.tests, LONGEST)
            finally:
                free.put(copy)

        yield from zip(chosen, pool.map(play, chosen), strict=True)


def _tests(chosen: Iterable[Mutant]) -> list[str]:
    """Return the tests of mutants, each once: no single tests of files that are there whole."""
    named = {test for mutant in chosen for test in mutant.tests}
    return sorted(test for test in named if "::" not in test or test.split("::")[0] not in named)


class UnfitTestsError(Exception):
    """The tests fail without any mistake. The message is what pytest said."""


@contextmanager
def _copy() -> Iterator[Copy]:
    with tempfile.TemporaryDirectory(prefix="listdrop-mutants-") as folder:
        root = Path(folder) / "listdrop"
        shutil.copytree(ROOT, root, ignore=_LEFT_OUT)
        for environment in ROOT.glob(".venv*"):
            (root / environment.name).symlink_to(environment.resolve())
        yield Copy(root)

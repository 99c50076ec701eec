"""The Python that functions run on, with the packages that they have.

    python3.13 -m tools.benchmarks.runtime FOLDER

installs these packages into a folder, for the Python that runs it, and what a handler by the book
has besides.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BY_THE_BOOK = ("email-validator", "dnspython")
"""What `EmailStr` needs, and Listdrop does not."""


def layer_builder() -> Any:
    """Load `layers/build.py`, which is a program and in no package."""
    spec = spec_from_file_location("layers_build", ROOT / "layers" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def python() -> str:
    """Return the Python of the functions, if it is here and runs; else the one that runs this."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = shutil.which("python3.13")
    for found in (*([named] if named else []), *map(str, versions.glob("3.13*/bin/python3.13"))):
        if not subprocess.run((found, "-c", ""), check=False, capture_output=True).returncode:  # noqa: S603 # a Python
            return found
    return sys.executable


def add_book(folder: Path) -> None:
    """Install what a handler by the book has besides."""
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile")
    subprocess.run([*pip, f"--target={folder}", *BY_THE_BOOK], check=True)  # noqa: S603 # our own words


@contextmanager
def functions_python() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield that Python, and an environment in which it finds the packages."""
    found = python()
    if sys.version_info[:2] == layer_builder().RUNTIME or found == sys.executable:
        yield sys.executable, os.environ
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run((found, "-m", "tools.benchmarks.runtime", folder), check=True, cwd=ROOT)  # noqa: S603 # ourselves
        path = os.pathsep.join(map(str, (ROOT, ROOT / "layers" / "shared", folder)))
        yield found, {**os.environ, "PYTHONPATH": path}


if __name__ == "__main__":
    into = Path(sys.argv[1])
    layer_builder().fill(ROOT / "layers" / "dependencies", into, platforms=())
    add_book(into)

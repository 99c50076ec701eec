"""The functions' handlers, for tests to call."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from types import ModuleType

from local.engine import ROOT


@dataclass(frozen=True)
class Context:
    """Lambda's context, as far as Powertools asks for it."""

    function_name: str = "listdrop-test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:listdrop-test"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"
    seconds_left: int = 900

    def get_remaining_time_in_millis(self) -> int:
        return self.seconds_left * 1_000


def function(name: str) -> ModuleType:
    """Load a function's one file, as Lambda would, but under a name of its own."""
    path = ROOT / "functions" / name / "app.py"
    spec = importlib.util.spec_from_file_location(f"function_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

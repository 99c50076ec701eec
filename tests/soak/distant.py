"""Stands before a deployed function's handler, and has it wait itself only for what is near on AWS.

A function waits itself for a turn that is at most ten seconds away. With all waits of a provider
scaled down, the next look is always that near, and a call would take thirty turns: a week would be
over before an execution is full. So what counts as near is scaled down, too.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

from listdrop.jobs import calls


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """Do what the function does."""
    return importlib.import_module("app").lambda_handler(event, context)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # not where tests look at this module
    calls.NEAR *= float(os.environ["WAIT_SCALE"])

"""How `up`, `down` and `demo` answer: one sentence on error, as the command's other verbs do."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

from local.engine import EngineError

_WIDTH = None if sys.stdout.isatty() else 120
out = Console(highlight=False, soft_wrap=True, width=_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)

_FAILED, _INTERRUPTED = 2, 130


@contextmanager
def plain_errors() -> Iterator[None]:
    """End the program with one sentence, where an error is one that a person can act on."""
    try:
        yield
    except EngineError as error:
        _fail(str(error), _FAILED)
    except (ClientError, BotoCoreError, Boto3Error) as error:
        _fail(f"AWS: {error}", _FAILED)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{error.strerror or error}.", _FAILED)
    except KeyboardInterrupt:
        _fail("Aborted.", _INTERRUPTED)


def show_json(data: Any) -> None:
    """Print one JSON document; colours are for people only."""
    text = json.dumps(data, indent=2, ensure_ascii=False)
    if sys.stdout.isatty():
        out.print_json(text)
    else:
        sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _fail(message: str, code: int) -> NoReturn:
    err.print(f"[red]{escape(message)}[/red]")
    raise SystemExit(code)

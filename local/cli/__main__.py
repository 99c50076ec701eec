"""`python -m local.cli` is `listdrop`."""

from __future__ import annotations

from local.cli import app

app()

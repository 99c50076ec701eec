"""`python -m listdrop_cli` is `listdrop`."""

from __future__ import annotations

from listdrop_cli.app import main

main()

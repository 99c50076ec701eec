"""Lines have their own endings, wherever the text is cut into pieces."""

from __future__ import annotations

import re

import pytest

from listdrop.tables import lines
from listdrop.tables.lines import Lines, Text
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import receive

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
"""A line with its ending, by the plainest rule."""


def read(text: str) -> list[str]:
    source = spool(receive([text.encode()]))
    with source.file:
        return list(Lines(Text(source)))


@pytest.fixture(autouse=True, params=[2, 5, 1 << 16])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_BLOCK_BYTES", request.param)


@pytest.mark.parametrize(
    "text",
    [
        "a\nb\n",
        "a\r\nb\r\n",
        'a\r\n"b\nc"\r\n\n\r\n',
        "a\n\r\n\nb",
        "a\rb\r",
        "a\rb\nc\r\nd",
        "a\r\nb\r",
        "\n",
    ],
)
def test_each_line_has_its_own_ending(text: str) -> None:
    assert read(text) == LINE.findall(text)

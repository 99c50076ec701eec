"""A route's text as AWS takes it: the same JSON, without two braces side by side."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listdrop.models import readable_route, storable_route
from tests.support.thoroughness import examples

WORDS = st.lists(st.sampled_from(["{", "}", "{{", "}}", "\\", '"', "u007b", "\\u007b", "é", "a"]))


@settings(max_examples=examples(200))
@given(words=WORDS, is_compact=st.booleans(), is_ascii=st.booleans())
def test_it_is_the_same_json_and_is_shown_as_it_was_written(
    words: list[str], is_compact: bool, is_ascii: bool
) -> None:
    route: dict[str, Any] = {"columns": {"".join(words): {"".join(words): {}}}}
    separators = (",", ":") if is_compact else (", ", ": ")
    text = json.dumps(route, separators=separators, ensure_ascii=is_ascii)

    stored = storable_route(text)

    assert "{{" not in stored
    assert json.loads(stored) == route
    assert readable_route(stored) == text


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ('{"a": "{{b}}"}', r'{"a": "\u007b{b}}"}'),
        ('{"a": "{{{b}}}"}', r'{"a": "\u007b\u007b{b}}}"}'),
        ('{"a":{"b":{"c":"{}"}}}', '{"a":{"b":{"c":"{}"}}}'),
        (r'{"a": "\\{{"}', r'{"a": "\\\u007b{"}'),
        (r'{"a": "\\u007b{"}', r'{"a": "\\u007b{"}'),
    ],
)
def test_only_an_opening_brace_before_another_is_written_by_its_number(
    text: str, stored: str
) -> None:
    assert storable_route(text) == stored
    assert readable_route(stored) == text
    assert storable_route(stored) == stored

"""Recognises lists of people who opted out, by the name of the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import chain

from listdrop.prospects.phrases import Phrases, words
from listdrop.prospects.vocabulary import consent_words, has, phrases


def is_list_of_opt_outs(key: str, table: str = "") -> bool:
    """Whether a file is a list of people who opted out, by its name.

    `key` is an upload's, `inbox/<route>/<path>`, or a file's name alone. A folder in the path
    counts if that is all that it says, besides numbers. For a table of an archive, its own name and
    the folders in the archive count too.
    """
    *folders, name = key.split("/")
    return any(map(_is_just, folders[_BEFORE_PATH:])) or any(
        map(_names_opt_outs, (name, *table.split("/")))
    )


def _is_just(folder: str) -> bool:
    return _lists().is_just([word for word in words(folder) if not word.isdecimal()])


_BEFORE_PATH = 2
"""What is before the path in a key: the inbox and the route."""


_ENDINGS = re.compile(r"(?:\.(?:csv|tsv|txt|gz|xlsx|zip))+$", re.I)


def _names_opt_outs(name: str) -> bool:
    name = _ENDINGS.sub("", name)
    return any(map(_are_opt_outs, {words(name), words(name.lower())}))


def _are_opt_outs(said: Sequence[str]) -> bool:
    if has("about_a_column", said):
        return False
    lists = _lists()
    # The rest of the name, for scripts without spaces between words.
    rest = words(lists.without(" ".join(said)))
    if any(phrases(name).found_within(rest) for name in ("left_out_before", "left_out_after")):
        return False
    return any(
        not has("left_out_before", said[max(place - 2, 0) : place])
        and not has("left_out_after", said[after : after + 3])
        for place, after in lists.spans(said)
    )


@cache
def _lists() -> Phrases:
    return Phrases(chain.from_iterable(consent_words()["files"].values()), gap=" ")

"""Recognises lists of people who opted out: by the name of the file or the sheet, or by a title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain

from listdrop.cells.values import cell_value
from listdrop.prospects.consent_columns import MAY
from listdrop.prospects.phrases import Phrases, words
from listdrop.prospects.vocabulary import consent_words, has, negators, phrases


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


def is_sheet_of_opt_outs(name: str) -> bool:
    """Whether a sheet of a workbook is such a list, by its name."""
    return _names_opt_outs(name)


_LONGEST_TITLE = 80
_MOST_TITLE_CELLS = 2
_MOST_OTHER_WORDS = 6
_ASIDE = frozenset({"to", "can", "may", "will"})
"""Words before a phrase with which it is about something that may happen: "to unsubscribe"."""
_NUMBER = re.compile(r"\d(?:[\d.,/-]*\d)?", re.ASCII)
"""A number, or several with marks between them, such as a date."""
_UNKNOWN = frozenset({"unknown", "empty", "blank"})
_WHOM = frozenset(
    {
        "list", "lists", "liste", "lista", "lijst", "listan", "again", "anymore", "these", "the",
        "people", "persons", "contacts", "contact", "leads", "lead", "profiles", "members",
        "customers", "users", "subscribers", "addresses", "emails", "prospects", "companies",
        "following", "below", "segment", "export", "report",
    }
)  # fmt: skip
"""What may follow "do not contact" in a title; what else follows makes it an instruction."""
_DECORATION = "=-_*#~+:.<>| "
_VALUE = re.compile(r"\s*[:=]\s*")
_COUNT = re.compile(r"\d[\d.,\s]*%?\s*(?:\([^()]*\))?")
_YEARS = range(1990, 2100)


def is_title_of_opt_outs(cells: Sequence[str]) -> bool:
    """Whether a line above people is a title that says that they opted out.

    It has one cell, or two: `List: Unsubscribes`. Neither a count (`Unsubscribed: 4`), a filter's
    no, a sentence nor an instruction for the file is such a title.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    text = ": ".join(filled)
    if not 0 < len(filled) <= _MOST_TITLE_CELLS or len(text) > _LONGEST_TITLE:
        return False
    if "@" in text or "://" in text:
        return False
    text = text.strip(_DECORATION)
    *_, value = _VALUE.split(text)
    said = words(text.lower())
    if not said or (value != text and (_COUNT.fullmatch(value) or not cell_value(value))):
        return False
    numbers = [each.replace(",", "") for each in _NUMBER.findall(text)]
    if sum(each.isdecimal() and int(each) not in _YEARS for each in numbers) > 1:
        return False
    if said[-1] in _UNKNOWN or phrases("not_so").are(said[-1:]):
        return False
    return any(_is_title(said, *span) for span in _told(said))


_OF_LISTS = _WHOM | {
    "please", "bitte", "status", "section", "group", "who", "have", "from", "newsletter", "mailing",
    "kontakte", "personen", "leute", "clients", "personnes", "contactos", "contatti", "contatos",
}  # fmt: skip
"""What may stand beside the phrase in a line between rows, which may be a company's name, too."""
_DECORATED = re.compile(r"[\W_]{2,}[^\W_].*[\W_]{2,}")


def is_divider_of_opt_outs(cell: str) -> bool:
    """Whether a line between rows says that the people below it opted out, and nothing else."""
    if not is_title_of_opt_outs([cell]):
        return False
    said = words(cell.lower())
    return any(
        all(word in _OF_LISTS or word.isdecimal() for word in (*said[:place], *said[after:]))
        for place, after in _told(said)
    )


def is_divider(cell: str) -> bool:
    """Whether a line between rows begins another part of a list: `=== Others ===`, `Customers`."""
    said = words(cell)
    is_decorated = _DECORATED.fullmatch(cell.strip()) is not None
    return is_decorated or not _WHOM.isdisjoint(said) or has("granted", said)


def _is_title(said: Sequence[str], place: int, after: int) -> bool:
    others = [word for word in (*said[:place], *said[after:]) if not word.isdecimal()]
    if len(others) > _MOST_OTHER_WORDS or not _ASIDE.isdisjoint(said[max(place - 1, 0) : place]):
        return False
    is_instruction = not negators().isdisjoint(said[place:after])
    return not is_instruction or all(word in _WHOM or word.isdecimal() for word in said[after:])


def _is_just(folder: str) -> bool:
    return _lists().is_just([word for word in words(folder) if not word.isdecimal()])


_BEFORE_PATH = 2
"""What is before the path in a key: the inbox and the route."""


_ENDINGS = re.compile(r"(?:\.(?:csv|tsv|txt|gz|xlsx|zip))+$", re.I)


def _names_opt_outs(name: str) -> bool:
    name = _ENDINGS.sub("", name)
    readings = {words(name), words(name.lower())}
    return any(next(_told(said), None) is not None for said in readings)


def _told(said: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where words name people who opted out, and nothing around them says the opposite."""
    if has("about_a_column", said):
        return
    lists = _lists()
    # The rest of the name, for scripts without spaces between words.
    rest = words(lists.without(" ".join(said)))
    if any(phrases(name).found_within(rest) for name in ("left_out_before", "left_out_after")):
        return
    turning = negators() - {MAY}
    for place, after in lists.spans(said):
        before = said[max(place - 2, 0) : place]
        if (
            turning.isdisjoint(before)
            and not has("left_out_before", before)
            and not has("left_out_after", said[after : after + 3])
        ):
            yield place, after


@cache
def _lists() -> Phrases:
    return Phrases(chain.from_iterable(consent_words()["files"].values()), gap=" ")

"""People's names: splits them into first and last name, and recognises texts that are not names.

Nothing is guessed: if it is not certain which word is which part, the part is left out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple

from listdrop.cells.businesses import is_no_name, is_of_business, is_office
from listdrop.cells.mojibake import LOST, has_mojibake
from listdrop.cells.name_words import (
    COMBINING,
    FILLERS,
    PARTICLES,
    PRONOUNS,
    east_asian,
    has_others,
    is_east_asian,
    vietnamese,
    with_own_particles,
    without_aside,
    without_initials,
    without_patronymic,
    without_short_degree,
    without_symbol,
)
from listdrop.cells.patterns import lazy
from listdrop.cells.titles import (
    are_credentials,
    are_titles,
    is_honorific,
    is_occupation,
    is_sure_title,
    with_space_after_title,
    without_degrees,
    without_east_asian_title,
    without_title,
)
from listdrop.cells.values import without_end

Order = Literal["first", "plain", "last", "surnames", "patronymic", "given", "comma"]
"""The order of the full names in a column.

- `first`: first name first.
- `plain`: the same, and last names do not stand before commas: what follows one is not certain.
- `last`: last name first, then all first names.
- `surnames`: the same in countries with several last names, so only two words are certain.
- `patronymic`: last name, first name, father's name.
- `given`: mostly first names, so only the first word is certain.
- `comma`: last name first with a comma, so a name without a comma is not certain.
"""

_GIVEN_FIRST = ("first", "plain", "given")

_LETTER = (
    r"[^\W\d_\u00b2\u00b3\u00b9\u2070-\u209f\u2460-\u24ff\u2776-\u2793"
    r"\uff21-\uff5a\U0001d400-\U0001d7ff]"
)
"""Without numbers in circles, and without mathematical and full-width letters, used as fonts."""
_PLAIN = lazy(rf"{_LETTER}+(?:(?:[ '\u2019-]| ?\. ?){_LETTER}+)*\.?")
_BRACKETS = lazy(
    r"\([^()]*\)?|\[[^\[\]]*\]?|\{[^{}]*\}?|<[^<>]*>?|\uff08[^\uff08\uff09]*\uff09?|【[^【】]*】?"
)
_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb'
_SINGLE_QUOTES = "'\u2018\u2019"
_NICKNAME = lazy(
    rf"[{_QUOTES}][^{_QUOTES}]*[{_QUOTES}]"
    rf"|(?<=\s)[{_SINGLE_QUOTES}][^{_SINGLE_QUOTES}]+[{_SINGLE_QUOTES}](?=\s|$)"
)
_NEXT = lazy(r"\s[-\u2013\u2014]\s|[|•·●;\r\n/\\~]|:::|\s(?:at|@)\s|\s#(?=[^\W\d_])")
"""Separates a name from a description: "Ada Lovelace | Engines", "Ada Lovelace #hiring"."""
_BEFORE = lazy(r"^(?:\(?\d{1,4}[.):]\s+)?[^\w'\u2019]*|^[^\w]+\s+")
_AFTER = lazy(rf"[^\w.'\u2019){COMBINING}]+")
_SEVERAL = lazy(r"[&+]|\s(?:and|und|et|og|och|ja|oraz|и|та)\s", re.I)
_LETTERS = lazy(rf"(?:[^\W\d_]|['.`\u2019\u02bc\u2018{COMBINING}-])+|[^\W\d_]{{2,}}\d+")
"""A word of a name. Digits after letters distinguish people with the same name: "Ada2"."""
_ADDRESS = lazy(r"://|www\.", re.I)
_USER_NAME = lazy(r"\w+[._]\w{2,}|.*[_@]")
_NO_NAME = lazy(r"^\s*\(|[\d@&]|\b(?:of|at|for)\b", re.I)
_LOST = lazy(rf"{_LETTER}\?|\?{_LETTER}")
"""A letter that a program could not write: "M?ller"."""
_INITIAL = lazy(r"M\.?")
"""An initial that would be a title, "Monsieur", before a name."""
_FEWEST_CAPITALS = 3
"""The fewest capitals of a last name in capitals: two are often initials, as in "AJ"."""


class Name(NamedTuple):
    """A full name, cleaned but otherwise as it is written, and its parts if they are certain."""

    whole: str = ""
    first: str = ""
    last: str = ""


def tidy_part(text: str) -> str:
    """Return a first or last name without other text; empty if nothing is left.

    Emoji, bullets, brackets, titles and degrees are removed. A text with a separate number, a user
    name or a URL is not a name.
    """
    if _PLAIN.fullmatch(text) and not _is_odd(text):
        return text
    text = without_east_asian_title(text)
    if has_mojibake(text):  # a sign in it is part of a letter, and who sends it was warned
        return text
    kept = without_aside([word for word in text.split() if word not in FILLERS])
    bare = _bare(with_space_after_title(" ".join(kept)))
    if _INITIAL.fullmatch(bare):
        return bare
    numbered = (word for word in bare.split() if any(map(str.isdecimal, word)))
    if (
        _has_lost(text)  # so the name is not known
        or not all(map(_LETTERS.fullmatch, numbered))
        or _is_user_name(bare)
        or _ADDRESS.search(text)
        or is_no_name(bare)
    ):
        return ""
    name, _, rest = bare.partition(",")
    pieces = without_degrees(without_title(name.split() or rest.split(), least=1))
    return "" if are_titles(pieces) or _is_degree(pieces) else " ".join(pieces)


def last_part(text: str) -> str:
    """Return `tidy_part` of a last name, also without a degree that would be a name alone."""
    last = tidy_part(text)
    return without_short_degree(last) if " " in last else last


def first_part(text: str, last: str) -> str:
    """Return `tidy_part` of a first name, beside the row's last name; not of "Marlow, Tessa".

    There, the first name follows. Where that is not certain, it is left out.
    """
    before, _, after = (part.strip() for part in text.partition(","))
    if not after or " " in after or _is_beside(after) or are_titles([after]):
        return tidy_part(text)
    if before.casefold() == last.casefold():
        return tidy_part(after)
    return tidy_part(text) if last else ""


def _has_lost(text: str) -> bool:
    return LOST in text or ("?" in text and _LOST.search(text) is not None)


def _is_degree(pieces: list[str]) -> bool:
    """Whether a text is only "Jr." or "PhD". Md without a dot is a name, and so is MENG."""
    text = " ".join(pieces)
    is_name = text.istitle() or text in ("MENG", "BENG")
    is_initials = text in ("J.R.", "S.R.")
    return are_credentials(text) and not (is_name and text.isalpha()) and not is_initials


@lru_cache(maxsize=4096)
def _is_odd(text: str) -> bool:
    """Whether words that look like a name have a title among them, or are nobody's name."""
    pieces = text.split()
    if has_others(pieces) or is_no_name(text) or (text.islower() and _is_user_name(text)):
        return True
    named = without_degrees(without_title(pieces, least=1))
    is_glued = with_space_after_title(text) != text or without_east_asian_title(text) != text
    return len(named) < len(pieces) or are_titles(pieces) or _is_degree(pieces) or is_glued


def _is_user_name(text: str) -> bool:
    """Whether a text is like "ada.lovelace", but not only for its title: "Sig.ra Rossi"."""
    match = _USER_NAME.match(text)
    return match is not None and not (
        "." in match[0] and " ".join(without_title(text.split(), least=1)) != text
    )


def _bare(text: str) -> str:
    """Remove emoji, bullets, list numbers, nicknames, brackets, and text after a bar."""
    if ("\n" in text or "\r" in text) and is_in_two_lines(text):
        text = " ".join(text.split())
    text = PRONOUNS.sub("", _NICKNAME.sub(" ", _BRACKETS.sub(" ", text)))
    if not text.isascii():
        text = "".join(map(without_symbol, unicodedata.normalize("NFC", text)))
    text = _BEFORE.sub("", text.strip())
    pieces = (without_end(piece, _AFTER).strip() for piece in _NEXT.split(text))
    return " ".join(next(filter(None, pieces), "").split())


def is_in_two_lines(text: str) -> bool:
    """Whether a text is a name with a line end in it: a word, and then letters, without a mark."""
    lines = list(filter(None, map(str.strip, text.splitlines())))
    return (
        len(lines) == 2
        and " " not in lines[0]
        and _PLAIN.fullmatch(lines[0].removesuffix(",")) is not None
        and _PLAIN.fullmatch(lines[1]) is not None
    )


def whole_name(text: str, order: Order = "first", *, capitals: bool = False) -> Name:
    """Read a full name. The result is empty if it is not a name. `Last, First` is reversed.

    `capitals`: the column's last names are written in capitals.
    """
    if _ADDRESS.search(text) or _has_lost(text):
        return Name()
    text = text if text.isascii() else without_east_asian_title(text)
    if has_others(pieces := text.split()):
        return _without_others(text, pieces, order, capitals=capitals)
    text = with_space_after_title(text)
    is_plain = _PLAIN.fullmatch(text) is not None
    if not is_plain and has_mojibake(text):
        words = text.split(" ")
        return Name(text, *(_parted(words, order, capitals=capitals) if "," not in text else ()))
    whole = text if is_plain else _bare(text)
    if is_of_business(whole, text) or is_office(whole) or is_no_name(whole):
        return Name()
    before, _, after = whole.partition(",")
    if _SEVERAL.search(before) or _is_user_name(whole) or is_honorific(whole):
        return Name()
    before, after = " ".join(before.split()), after.strip()
    if not all(map(_LETTERS.fullmatch, before.split())) or not any(map(str.isalpha, before)):
        return Name()
    if after and not _is_beside(after) and (" " not in before or _may_be_name(after, before)):
        if order == "plain" and is_of_several_words(before):
            return Name(whole)
        return Name(whole, *_turned(before, after.partition(",")[0]))
    if after and " " not in before:
        return Name(before, before if are_credentials(after) else "")
    pieces = before.split()
    named = " ".join(without_degrees(without_title(pieces, least=1)))
    return Name(named, *_parted(pieces, order, capitals=capitals))


def _is_beside(text: str) -> bool:
    """Whether the text after a comma is surely no name, but a degree or what somebody does."""
    return are_credentials(text) or is_occupation(text)


def _without_others(text: str, pieces: list[str], order: Order, *, capitals: bool) -> Name:
    """Read a name among other words: "Tessa Marlow at Acme", or "Tessa null" of a program."""
    named = without_aside(pieces)
    if len(named) < len(pieces) and is_of_business(" ".join(named), text):
        return Name()
    pieces = named
    kept = [word for word in pieces if word not in FILLERS]
    found = whole_name(" ".join(kept), order, capitals=capitals)
    is_first, is_last = pieces[0] in FILLERS, pieces[-1] in FILLERS
    if not found.whole or not (is_first or is_last):
        return found
    if order in ("first", "plain") and is_first != is_last:
        given = found.whole.split()[0]
        return Name(found.whole, "", found.whole) if is_first else Name(found.whole, given)
    return Name(found.whole)


def _turned(last: str, first: str) -> tuple[str, str]:
    """Split "Last, First"; both may have titles before them."""
    if not all(map(_LETTERS.fullmatch, first.split())):
        return "", ""
    *given, _ = without_title([*first.split(), last])
    *family, _ = without_title([*last.split(), first])
    return with_own_particles(without_degrees(given), " ".join(family))


def _parted(pieces: list[str], order: Order, *, capitals: bool) -> tuple[str, str]:
    """Split a name without a comma."""
    words = without_degrees(without_title(pieces))
    is_titled = len(words) < len(pieces) and are_titles(words[:1])
    if is_titled or (len(words) == 2 and is_sure_title(words[0])):
        return "", words[-1]
    if is_east_asian("".join(words)):
        return east_asian(words)
    if _end_of_last(words) == len(words) > 1:  # a last name alone
        return (
            ("", " ".join(words))
            if words[0].islower() or len(words) > 2
            else _by_order(words, order)
        )
    if len(words) == 1:
        return words[0], ""
    if parted := without_patronymic(words):
        return parted
    if order in _GIVEN_FIRST and (parted := vietnamese(words)):
        return parted
    run = _capitals(words)
    if run and capitals:
        start, end = run
        return " ".join((*words[:start], *words[end:])), " ".join(words[start:end])
    if run and order in _GIVEN_FIRST:
        return _beside_capitals(words, run)
    return _by_order(words, order)


def _beside_capitals(words: list[str], run: tuple[int, int]) -> tuple[str, str]:
    """Split a name with words in capitals, if their meaning in the column is not known."""
    if run[0] == 0:
        is_initials = len(words[0]) < _FEWEST_CAPITALS
        return (words[0], " ".join(words[1:])) if is_initials else ("", "")
    if len(words) > 2:  # an unknown degree, or the second of two last names
        return words[0], ""
    return words[0], words[1]


def _by_order(words: list[str], order: Order) -> tuple[str, str]:
    if order == "comma":
        return "", ""
    if order in _GIVEN_FIRST:
        if words[0] in PARTICLES or words[0].casefold() in ("st", "st."):
            return "", ""
        first, last = without_initials(words) if len(words) > 2 else words
        return first, "" if order == "given" else last
    end = _end_of_last(words)
    if order == "surnames" and len(words) - end != 1:
        return "", ""
    rest = words[end : end + 1] if order == "patronymic" else words[end:]
    return " ".join(rest), " ".join(words[:end])


def _end_of_last(words: list[str]) -> int:
    """Return the number of words of a last name at the beginning, with its particles."""
    end = 0
    while end < len(words) - 1 and words[end].casefold() in PARTICLES:
        end += 1
    return end + 1


def _capitals(words: list[str]) -> tuple[int, int] | None:
    """Return the range of words in capitals, if they are all at one end; otherwise `None`."""
    upper = [word.isupper() and len(word) > 1 and "." not in word for word in words]
    if all(upper) or not any(upper):
        return None
    if upper[0]:
        end = upper.index(False)
        return None if any(upper[end:]) else (0, end)
    start = upper.index(True)
    return (start, len(words)) if all(upper[start:]) else None


def has_capitals(text: str) -> bool | None:
    """Whether a full name's last name seems to be in capitals; `None` if it does not show."""
    words = without_degrees(without_title(_bare(text).split()))
    if "," in text or len(words) < 2 or all(map(str.isupper, words)):
        return None
    run = _capitals(words)
    return run is not None and any(len(word) >= _FEWEST_CAPITALS for word in words[run[0] : run[1]])


def is_of_several_words(text: str) -> bool:
    """Whether a name has two or more words, without titles, degrees and particles."""
    words = without_degrees(without_title(_bare(text).split(), least=1))
    while len(words) > 1 and words[0].casefold() in PARTICLES:
        del words[0]
    return len(words) > 1


def _may_be_name(text: str, before: str) -> bool:
    """Whether the text after several words and a comma is a first name, not a degree or a title.

    Text in capitals is not a first name if the words before are not in capitals, except initials.
    Nor is text in small letters if they begin with a capital.
    """
    first = text.partition(",")[0]
    if are_titles(first.split()) or _NO_NAME.search(first) or first.islower() > before[0].islower():
        return False
    are_initials = any("." in word or len(word) == 1 for word in first.split())
    return are_initials or not first.isupper() or before.isupper()


def last_name_in(whole: str, first: str) -> str:
    """Return the last name, given a first name and a "Name" that is a full or a last name.

    A name that begins or ends with the first name is a full name, maybe without a last name.
    Another single word is the last name. Otherwise it is not certain, and the result is empty.
    """
    whole = " ".join(without_degrees(without_title(whole.partition(",")[0].split())))
    if whole.casefold().startswith(f"{first.casefold()} "):
        return whole[len(first) :].strip()
    if whole.casefold().endswith(f" {first.casefold()}"):
        return whole[: -len(first)].strip()
    return "" if " " in whole or whole.casefold() == first.casefold() else whole


def first_name_in(whole: str, last: str) -> str:
    """Return the rest of a full name without its last name; empty if it does not contain it."""
    named = without_degrees(without_title(whole.replace(",", " ").split()))
    given = last.split()
    for before, rest in (
        (named[: -len(given)], named[-len(given) :]),
        (named[len(given) :], named[: len(given)]),
    ):
        if " ".join(rest).casefold() == " ".join(given).casefold():
            first = " ".join(before)
            return "" if is_honorific(first) else first
    return ""

"""Words in names that are neither a first nor a last name, and names of one language only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from listdrop.cells.patterns import lazy
from listdrop.cells.titles import is_initial, is_short_degree, without_degrees

COMBINING = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0962\u0963\u0980-\u09e3\u0a01-\u0a5e\u0a70-\u0ae3"
    "\u0b01-\u0b63\u0b82-\u0bd7\u0c00-\u0c63\u0c80-\u0ce3\u0d00-\u0d63\u0d81-\u0ddf"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f71-\u0f84"
    "\u102b-\u103e\u17b4-\u17d3"
)
"""Marks that belong to a letter, as vowels do in Hindi and Thai. No `\\w` matches them."""
PARTICLES = frozenset(
    {
        "von", "vom", "zu", "zum", "zur", "van", "der", "den", "de", "het", "ter", "ten", "te",
        "'t", "op", "la", "las", "los", "le", "les", "du", "des", "da", "das", "do", "dos", "di",
        "del", "della", "dello", "degli", "dei", "dal", "dalla", "af", "av", "bin", "ibn", "bint",
        "al", "el", "ben", "abu", "san", "santa", "st", "st.", "mac", "vander", "vande",
    }
)  # fmt: skip
"""Words that begin a last name of several words."""
PARTICLES_ALONE = PARTICLES | {
    "in", "aan", "aan't", "bij", "onder", "over", "uit", "uijt", "voor", "'s", "s'", "d'", "t",
    "dem", "am", "an", "im", "auf", "e", "y",
}  # fmt: skip
"""Words that are particles where a column is for them alone."""
_PATRONYMIC = lazy(
    r"[^\W\d_]+(?:ович|евич|йович|івич|авіч|евіч|ич|овна|евна|ёвна|ична|инична|івна|ївна|аўна|еўна)"
)
"""A father's name in Russian, Ukrainian or Belarusian."""
FILLERS = frozenset(
    {"null", "undefined", "nan", "none", "n/a", "N/A", "#N/A", "<null>", "(null)", "[null]"}
)
"""What programs write for an empty part of a name. In other letters they are names: Null."""
_ASIDE = frozenset(
    {
        "at", "c/o", "bei", "chez", "from", "née", "nee", "né", "geb.", "geb", "geborene",
        "geborener", "z", "f.", "född", "født", "roz.", "rozená", "nata", "nacida", "урожд.",
        "урождённая", "урожденная",
    }
)  # fmt: skip
"""Words after which a name is followed by something else: an employer, a name at birth."""
_MARKS = dict.fromkeys(
    "\u00a6\u2502\u2503\u2758\u2759\u275a\u2223\uff5c\uffe8\u2192\u21d2", "|"
) | {"\uff0b": "+"}
"""Bars, arrows and a plus that are no ASCII, and what they mean."""
_COMPOUND_KOREAN = ("남궁", "황보", "제갈", "사공", "선우", "서문", "독고", "동방")
_OTHERS = FILLERS | _ASIDE
PRONOUNS = lazy(
    r"(?<![\s,])[\s,]++(?:she|he|they|xe|ze|ella|elle|él|el|il|sie|er|hen|hun|han|ona|on)"
    r"(?:\s*/\s*[^\W\d_]+)+\s*$",
    re.I,
)
"""How somebody wants to be spoken of, after the name: "she/her"."""


def has_others(pieces: list[str]) -> bool:
    """Whether a cell with these words has some that are no part of a name."""
    return not _OTHERS.isdisjoint(pieces) and (
        not FILLERS.isdisjoint(pieces) or len(without_aside(pieces)) < len(pieces)
    )


def without_aside(pieces: list[str]) -> list[str]:
    """Return the words before one after which something else follows: "Ada Lovelace at Acme".

    Where all is in small letters, such a word may be a name.
    """
    if any(not piece.islower() for piece in pieces):
        for place, piece in enumerate(pieces[1:-1], start=1):
            if piece in _ASIDE:
                return pieces[:place]
    return pieces


def without_short_degree(last: str) -> str:
    """Return a last name without a degree in capitals after it: "Marlow MD", but not "van DO"."""
    *before, degree = last.split()
    before = without_degrees(before)
    if not before or not is_short_degree(degree) or before[-1].casefold() in PARTICLES:
        return last
    return last if any(map(str.isupper, before)) else " ".join(before)


def is_particle(text: str) -> bool:
    """Whether a cell beside a last name has only particles: "van der"."""
    plain = text.casefold().replace("\u2019", "'")
    return PARTICLES_ALONE.issuperset(plain.split())


def is_patronymic(word: str) -> bool:
    """Whether a word is a father's name by its ending."""
    return not word.isascii() and _PATRONYMIC.fullmatch(word.casefold()) is not None


def without_patronymic(words: Sequence[str]) -> tuple[str, str] | None:
    """Split three words of which one is a father's name, which comes after the first name."""
    if len(words) != 3:
        return None
    if is_patronymic(words[1]):
        return words[0], words[2]
    return (words[1], words[0]) if is_patronymic(words[2]) else None


def with_own_particles(given: Sequence[str], family: str) -> tuple[str, str]:
    """Return first and last name of "Berg, Jan van der": the particles belong to the last name."""
    end = len(given)
    while end > 1 and given[end - 1].islower() and given[end - 1] in PARTICLES:
        end -= 1
    return " ".join(given[:end]), " ".join([*given[end:], family])


def is_east_asian(text: str) -> bool:
    """Whether a name is written in Chinese, Japanese or Korean."""
    return not text.isascii() and all("\u3005" <= letter <= "\ud7a3" for letter in text)


def east_asian(words: list[str]) -> tuple[str, str]:
    """Split a name in East Asian script: the last name comes first. Katakana means foreign."""
    text = "".join(words)
    is_korean = all("\uac00" <= letter <= "\ud7a3" for letter in text)
    if len(words) == 2 and not all("\u30a0" <= letter <= "\u30ff" for letter in text):
        return words[1], words[0]
    if len(words) == 1 and is_korean and 2 <= len(text) <= 4:
        end = 2 if text.startswith(_COMPOUND_KOREAN) and len(text) > 2 else 1
        return text[end:], text[:end]
    return "", ""


def vietnamese(words: Sequence[str]) -> tuple[str, str] | None:
    """Split a Vietnamese name, in which the last name comes first; `None` if it may be another.

    Written in the Western order, the last name is the last word. Between two last names nothing is
    certain.
    """
    plain = [_plain(word) for word in words]
    if len(words) < 2 or not all(map(_SYLLABLE.fullmatch, plain)):
        return None
    folded = [unicodedata.normalize("NFC", word.casefold()) for word in words]
    is_sure = plain[1] in _BETWEEN and len(words) > 2
    begins = folded[0] in _FAMILIES or (is_sure and plain[0] in _PLAIN_FAMILIES)
    is_given = begins and folded[0] not in _ALSO_GIVEN and folded[-1] in _ALSO_GIVEN
    ends = folded[-1] in _FAMILIES and not is_given
    if begins and ends:
        return "", ""
    if begins:
        return " ".join(words[1:]), words[0]
    return (" ".join(words[:-1]), words[-1]) if ends and len(words) > 2 else None


def _plain(word: str) -> str:
    apart = unicodedata.normalize("NFD", word.casefold().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


_SYLLABLE = lazy(
    r"(?:[bcdghklmnpqrstvx]|ch|gh|gi|kh|ngh?|nh|ph|qu|th|tr)?[aeiouy]{1,3}(?:[cmnpt]|ch|ng|nh)?"
)
_FAMILIES = frozenset(
    {
        "nguyễn", "trần", "lê", "phạm", "huỳnh", "hoàng", "phan", "vũ", "võ", "đặng", "bùi", "đỗ",
        "hồ", "ngô", "dương", "lý", "đinh", "trịnh", "đoàn", "trương", "lâm", "nguyen",
    }
)  # fmt: skip
_ALSO_GIVEN = frozenset({"dương", "lâm", "hoàng", "vũ", "lý", "đoàn"})
"""Last names that are first names, too."""
_PLAIN_FAMILIES = frozenset({"tran", "pham", "huynh", "hoang", "phan", "dang", "bui", "truong"})
"""The same without accents, which count only before one of `_BETWEEN`."""
_BETWEEN = frozenset({"van", "thi"})


def without_initials(words: list[str]) -> tuple[str, str]:
    """Split "Ada Q. Lovelace" without what is between; of "J. R. R. Tolkien", it is the first name.

    In capitals, a letter that is a word may be a particle: "MARIA E SILVA".
    """
    end = 1
    are_capitals = all(map(str.isupper, words))
    while (
        end < len(words) - 1
        and is_initial(words[end])
        and (words[end] not in "EIOY" or not are_capitals)
    ):
        end += 1
    if is_initial(words[end]):  # nothing else is left
        end = 1
    return " ".join(words[:end]) if is_initial(words[0]) else words[0], " ".join(words[end:])


def without_symbol(character: str) -> str:
    """Replace emoji and other symbols by a space, and letters used as fonts by plain ones.

    Marks of ASCII stay, as they mean the same beside any letters. Other bars become one.
    """
    if character.isascii() or character in _MARKS:
        return _MARKS.get(character, character)
    kind = unicodedata.category(character)
    if (
        kind[0] == "S"
        or kind in ("No", "Cs", "Co", "Cn", "Cf")
        or "\ufe00" <= character <= "\ufe0f"
    ):
        return " "
    if "\U0001d400" <= character <= "\U0001d7ff" or "\uff21" <= character <= "\uff5a":
        return unicodedata.normalize("NFKC", character)
    return character

"""Words in names that are neither a first nor a last name, and names of one language only."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
_PATRONYMIC = re.compile(
    r"[^\W\d_]+(?:ович|евич|йович|івич|авіч|евіч|ич|овна|евна|ёвна|ична|инична|івна|ївна|аўна|еўна)"
)
"""A father's name in Russian, Ukrainian or Belarusian."""
FILLERS = frozenset(
    {"null", "undefined", "nan", "none", "n/a", "N/A", "#N/A", "<null>", "(null)", "[null]"}
)
"""What programs write for an empty part of a name. In other letters they are names: Null."""
_COMPOUND_KOREAN = ("남궁", "황보", "제갈", "사공", "선우", "서문", "독고", "동방")
PRONOUNS = re.compile(
    r"(?<![\s,])[\s,]++(?:she|he|they|xe|ze|ella|elle|él|el|il|sie|er|hen|hun|han|ona|on)"
    r"(?:\s*/\s*[^\W\d_]+)+\s*$",
    re.I,
)
"""How somebody wants to be spoken of, after the name: "she/her"."""


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

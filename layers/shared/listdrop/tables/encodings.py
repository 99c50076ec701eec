"""Which encoding a file is in that is no UTF-8: the right one, or none.

A file of bytes says nothing of its encoding, and a wrong one makes other letters of them, silently.
So every encoding that may be meant is tried, and what it makes of the words is compared with names
and words of its languages. Western text (cp1252) has to be far more likely than anything else. For
any other encoding a detector, which knows nothing of ours, has to say the same. Where neither is
so, the file is rejected with a sentence that says how to save it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from listdrop.errors import UploadRejectedError
from listdrop.tables.languages import cost, has_open_quotes, is_odd, languages_of, tokens

DEFAULT = "cp1252"

READABLE: Mapping[str, str] = {
    "cp1252": "Western European, Windows",
    "cp1250": "Central European, Windows",
    "cp1251": "Cyrillic, Windows",
    "cp1253": "Greek, Windows",
    "cp1254": "Turkish, Windows",
    "cp1255": "Hebrew, Windows",
    "cp1256": "Arabic, Windows",
    "cp1257": "Baltic, Windows",
    "cp874": "Thai, Windows",
    "gbk": "Chinese, simplified",
    "cp950": "Chinese, traditional (Big5)",
    "cp932": "Japanese (Shift-JIS)",
    "euc_jp": "Japanese (EUC)",
    "cp949": "Korean (EUC-KR)",
    "iso8859-2": "Central European, ISO",
    "iso8859-5": "Cyrillic, ISO",
    "iso8859-7": "Greek, ISO",
    "iso8859-15": "Western European, ISO",
    "mac_roman": "Western European, Mac",
    "cp850": "Western European, MS-DOS",
    "cp437": "US, MS-DOS",
    "cp852": "Central European, MS-DOS",
    "cp866": "Cyrillic, MS-DOS",
    "koi8-r": "Russian, Unix",
    "koi8-u": "Ukrainian, Unix",
}
"""The encodings that a file without a mark may be read in, beside UTF-8 and UTF-16."""

RIVALS = (
    "cp1258", "cp737", "cp775", "cp855", "cp857", "cp860", "cp861", "cp865", "cp1125",
    "iso8859-6", "iso8859-8", "iso8859-13", "iso8859-16", "mac_cyrillic", "mac_greek",
    "mac_iceland", "mac_latin2", "mac_turkish", "tis-620",
)  # fmt: skip
"""Encodings that are too rare to read. A file in one of them is rejected."""

_CERTAIN = 5.0
_CERTAIN_ALONE = 7.0
"""How much likelier, in nats, an encoding has to be than any other that makes other letters."""
_ONE_WORD = 10.0
"""How much likelier it has to be if there is but a single word to go by."""
_CLOSE = {"iso8859-2": 20.0}
"""A few letters make it of cp1250, which is far more common: ľ is its ž."""
_MOST_ODD = 0.02
_MAX_COST = 8.2
"""What a sign may cost on average: of names it is 2 to 5, and 7 of Chinese ones that are rare."""
_RARE, _RARER, _RAREST = 2.0, 4.0, 6.0
_COMMON = 9
_MAC_LINES = 10.0
_FIRST_TOKENS = 60
_MOST_TOKENS = 300
_HOPELESS = 60.0
_DETECTED = {"gb18030": "gbk", "big5hkscs": "cp950", "euc_jis_2004": "euc_jp"}
"""Encodings that the detector has under the name of a larger one."""

_ADVICE = (
    'Save it as UTF-8 (in Excel: "Save as", file type "CSV UTF-8"), or as .xlsx, and drop that. Or '
    'name the encoding in the route, like this: "encoding": "cp1250".'
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What an encoding makes of the bytes."""

    encoding: str
    text: str
    tokens: Sequence[str]
    prior: float

    def cost(self, start: int, end: int) -> float:
        """Return what tokens cost."""
        names = languages_of(self.encoding)
        return sum(cost(token, names) for token in self.tokens[start:end])


def tell_encoding(sample: bytes, *, is_mac: bool) -> str:
    """Return the encoding that lines are in which are no UTF-8.

    `is_mac` says that lines end in CR alone, as only old Macs wrote them. Raises
    `UploadRejectedError` (`not_text`) where the encoding is not certain.
    """
    ranked = _ranked(sample, is_mac=is_mac)
    if not ranked:
        raise UploadRejectedError("not_text", "The file is not text in any known encoding.")
    best, margin = ranked[0], _margin(ranked)
    reading, found = best
    is_like_names = _is_like_names(reading, found)
    if reading.encoding in READABLE and is_like_names:
        is_usual = reading.encoding == ("mac_roman" if is_mac else DEFAULT)
        if is_usual and margin >= _CERTAIN_ALONE:
            return reading.encoding
        wanted = _CERTAIN if is_usual else _CERTAIN + _ONE_WORD / len(reading.tokens)
        wanted += _CLOSE.get(reading.encoding, 0.0)
        if margin >= wanted and _agrees(sample, reading):
            return reading.encoding
    raise UploadRejectedError("not_text", _uncertain(reading.encoding if is_like_names else ""))


def _is_like_names(reading: _Reading, found: float) -> bool:
    """Whether what an encoding makes of the bytes may be names, whatever others make of them."""
    signs = sum(map(len, reading.tokens))
    odd = sum(map(is_odd, reading.tokens)) + has_open_quotes(reading.text)
    return signs > 0 and found / signs <= _MAX_COST and odd <= _MOST_ODD * len(reading.tokens)


def _uncertain(encoding: str) -> str:
    known = READABLE.get(encoding)
    guess = f" It may be {encoding} ({known})." if known else ""
    return f"The file's encoding is not certain.{guess} {_ADVICE}"


def _ranked(sample: bytes, *, is_mac: bool) -> list[tuple[_Reading, float]]:
    """Return what each possible encoding makes of the bytes, and its cost, the likeliest first."""
    readings = []
    for place, encoding in enumerate((*READABLE, *RIVALS)):
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        words = tokens(unicodedata.normalize("NFC", text) if encoding == "cp1258" else text)
        found = list(dict.fromkeys(words))[:_MOST_TOKENS]
        readings.append(_Reading(encoding, text, found, _prior(encoding, place, is_mac=is_mac)))
    costs = [(each, each.prior + each.cost(0, _FIRST_TOKENS)) for each in readings]
    least = min((found for _, found in costs), default=0.0)
    costs = [
        (each, found + each.cost(_FIRST_TOKENS, _MOST_TOKENS))
        for each, found in costs
        if found < least + _HOPELESS
    ]
    return sorted(costs, key=lambda pair: pair[1])


def _prior(encoding: str, place: int, *, is_mac: bool) -> float:
    if is_mac:
        return _RARE if encoding.startswith("mac_") else _MAC_LINES
    if encoding == DEFAULT:
        return 0.0
    if place < len(READABLE):
        return _RARE if place <= _COMMON + 4 else _RARER
    return _RAREST


def _margin(ranked: Sequence[tuple[_Reading, float]]) -> float:
    """Return how much likelier the first is than the next that makes other letters."""
    (best, found), *others = ranked
    rival = next((cost for each, cost in others if each.text != best.text), found + _HOPELESS)
    return rival - found


def _agrees(sample: bytes, reading: _Reading) -> bool:
    """Whether the detector, which knows nothing of names, would have the same letters."""
    detected = _detected(sample)
    try:
        return bool(detected) and sample.decode(detected) == reading.text
    except UnicodeDecodeError:
        return False


def _detected(sample: bytes) -> str:
    import chardet  # takes 0.4 s to load, and most uploads are UTF-8

    names = _for_detector()
    found = chardet.detect(sample, include_encodings=names, compat_names=False)["encoding"]
    return names.get(str(found), "")


@cache
def _for_detector() -> Mapping[str, str]:
    """Return the detector's name of each encoding, and ours."""
    larger = {ours: theirs for theirs, ours in _DETECTED.items()}
    return {larger.get(each, each.replace("_", "-")): each for each in READABLE}

# ruff: noqa: RUF001 # words in their own letters
"""Telephone numbers: finds one number in a cell, and its international form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from listdrop.cells.calling_codes import any_too_long, is_too_long, keeps_zero
from listdrop.cells.countries import country_code
from listdrop.cells.patterns import lazy
from listdrop.cells.values import without_end

_TURNING = "\u202d\u202e"
_WITHOUT_TURNING = dict.fromkeys(map(ord, _TURNING))
_KEPT_AS_TEXT = lazy(r"(?:^|(?<=:::)|(?<=::: ))'(?=[\d+(])")
_SCIENTIFIC = lazy(r"[+-]?\d+(?:[.,]\d+)?e[+-]?\d+", re.I)

FEWEST, MOST = 7, 15
"""How many digits a number has. Fewer are an extension, and more are two numbers."""
_PLAIN = lazy(
    r"\+?[1-9]\d{6,14}|\+[1-9]\d{0,2}[ -](?:\d{3,4}[ -]\d{3,4}(?:[ -]\d{3,4})?"
    r"|\d{2,3}[ -]\d{2,4}[ -]\d{2,4})",
    re.ASCII,
)
_PLAIN_LENGTHS = frozenset({0, *range(FEWEST + 1, MOST + 2)})
"""Lengths of numbers with a plus and without spaces, and of empty cells."""
_FLOAT = lazy(r"(\+?\d{7,15})\.0+")
"""A number that a program stored as a decimal."""
_EXTENSION = lazy(
    r"""(?<=[\d)])[\s,;(\[-]*(?:
        (?<![^\W\d_])(?:extension|extn?|ext|poste|dw|durchwahl|nebenstelle|nst|interno|int|anexo|
        ramal|wew|доб|вн|toestel|tst|anknytning|ankn|lokalnr|lokal|klapka|linia|alanumero|dahili|
        x|p)(?![^\W\d_])|;?ext(?=\s*=)|\#|内線|分机|內線|내선)
        \s*[.:=]*\s*\d{1,6}\s*[)\]]?(?=\D|$)""",
    re.I | re.X,
)
_LABEL = lazy(
    r"""^(?:tel|tél|telefon|telephone|téléphone|telefono|teléfono|telefone|telefoon|tlf|phone|ph|
        fon|mob|mobile|mobil|móvil|movil|cell|celular|cellulare|portable|handy|gsm|direct|dir|
        office|work|home|private|privat|main|geschäftlich|dienstlich|t|m|p|d|h|w|o|c)
        (?:\s*(?:no|nr|number|nummer|phone))?\s*(?:[.:]\s*:?|\s(?=[+\d(]))\s*(?=[+\d(])""",
    re.I | re.X,
)
_KIND = lazy(
    r"""\s*[(\[]\s*(?:mobile|mobil|cell|work|office|home|direct|main|private|privat|business|handy|
        m|w|h|o|d|c|geschäftlich|dienstlich|zentrale|büro|bureau|portable|fixe|pro|perso|privé|fijo|
        móvil|trabajo|oficina|casa|ufficio|cellulare|celular|telemóvel|trabalho|werk|mobiel|arbete|
        kom|tel|praca|моб|раб|дом|whatsapp|personal|代|代表|直通|携帯|手机|办公|휴대폰|직통|대표
        )\.?\s*[)\]]\s*$""",
    re.I | re.X,
)
_MASK = lazy(r"[*?#\u2022\u25cf\u2219\u25a0]{2}|(?<=[\d)])[\s(-]*\.\.+(?=\s|$)")
"""Signs in the place of digits that a program hides: "+1 650 555 ****", "+33 6 12 34 .. .."."""
_OR = lazy(r"\s+(?:or|and|oder|und|ou|et|o|y|e|of|en|lub|eller|tai|nebo|vagy|или|и)\s+", re.I)
_SEPARATORS = lazy(r"\s*(?:[;|,\n\r\u3001&]|:::|//)\s*|(?<=[\d)])\s*(?=\+\s*\(?\d)")
_TRUNK = lazy(r"(?<=[\d)\s.])\s*[(\[]\s*0\s*[)\]]\s*")
_OWN_ZERO = lazy(r"(?<=[\d)\s.])\s*[(\[]\s*0\s*[)\]]\s*(?!\s*3)")
"""A zero in brackets where zeros are kept; before a 3, an Italian mobile number, it never is."""
_FIRST_TRUNK = lazy(r"^\s*[(\[]\s*0\s*[)\]]\s*")
_NUMBER = lazy(r"[(\[]?\s*\+?[\d\s().\-\[\]]+")
_IN_BRACKETS = lazy(r"(?<=\d)\s*[(\[]\s*\d{1,6}\s*[)\]]$")
_LAST_GROUP = lazy(r"[\s-]+[(\[]?\d{1,6}[)\]]?$")
"""What may be an extension, or the other ending of a second number, after a number."""
_FEWEST_NATIONAL = 9
"""The fewest digits of a number without a country's code after which brackets are an extension."""
_TRUNK_AFTER_CODE = lazy(
    r"(?=\+\d{1,3}0)"
    r"\+(?>[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})[0189]"
)
"""Digits after a country's code that may be a trunk prefix; only there the library is asked."""
_PREFIXED = lazy(r"\+(?:(\d{2,3})\1\d{9,11}|(1)1\d{10}|(7)[78]\d{10})(?!\d)", re.ASCII)
"""A number that may have its code twice, or Russia's 8 or North America's 1 after the code."""
_BLANKS = lazy(r"\s{2,}")
"""Count as one. Many patterns begin with blanks, and would be tried from each of a long run."""
_LINE_END = frozenset("\r\n")
_MARKS_BEFORE = lazy(r"^[^\w+(\[]+")
_MARKS_AFTER = lazy(r"[^\w)\]]+")
_WITHOUT_BRACKETS = dict.fromkeys(map(ord, "()[]"))
_DATE = lazy(r"(?:19|20)\d\d([-.])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])", re.ASCII)
"""A date as programs write it, which has as many digits as a number."""
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\u30fc"), "-")


def bare_numbers(value: str) -> str:
    """Remove what protects telephone numbers: apostrophes and marks of text direction."""
    return _KEPT_AS_TEXT.sub("", value.translate(_WITHOUT_TURNING).strip())


def is_plain_column(cells: Sequence[str]) -> bool:
    """Whether each cell is empty, or certainly one number and nothing else, not even a blank."""
    return _without_spaces(cells) is not None


def are_plain_numbers(values: Sequence[str]) -> Sequence[object]:
    """Return for each cell a true value if it certainly is one number and nothing else.

    If all cells are, as in most files, one check covers all of them.
    """
    if _without_spaces(values) is not None:
        return [True] * len(values)
    return list(map(_PLAIN.fullmatch, values))


def _without_spaces(values: Sequence[str]) -> str | None:
    """Return all cells in lines, without spaces, if all are plain.

    That is, they are empty, or a plus, and then digits with spaces among them.
    """
    text = "\n".join(("", *values, ""))
    if not text.isascii():
        return None
    numbers = len(values) if all(values) else len(values) - values.count("")
    cells = text.encode()
    if cells.count(b"\n+") != numbers or b" \n" in cells:
        return None
    tight = cells.translate(None, b" ")[1:-1]
    others = tight.translate(None, b"0123456789\n")
    lines = tight.split(b"\n")
    is_plain = (
        others == b"+" * numbers
        and len(lines) == len(values)
        and _PLAIN_LENGTHS.issuperset(map(len, lines))
    )
    return tight.decode() if is_plain else None


def split_numbers(value: str) -> tuple[str, list[str]]:
    """Return a cell's telephone number as it is written, and the other numbers in the cell.

    An extension is cut off, and a trunk zero in brackets is removed. A text with words, or with too
    few or too many digits, is not a number. If it is not certain which digits belong together, no
    number is returned: the digits of two numbers must never be joined.
    """
    text = unicodedata.normalize("NFKC", bare_numbers(value)).translate(_DASHES)
    text = _BLANKS.sub(_one_blank, text).strip()
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text)
    float_ = _FLOAT.fullmatch(text)
    text = float_[1] if float_ else text
    text = _EXTENSION.sub(" ;", text)
    pieces = [piece for piece in _SEPARATORS.split(_OR.sub(";", text)) if piece.strip()]
    found = list(filter(None, (number for piece in pieces for number in _numbers_in(piece))))
    numbers = list(dict.fromkeys(found))
    return (numbers[0], numbers[1:]) if numbers else ("", [])


def _one_blank(blanks: re.Match[str]) -> str:
    """Return a line's end if there is one among blanks, as it parts numbers."""
    return " " if _LINE_END.isdisjoint(blanks[0]) else "\n"


def _bare(text: str) -> str:
    """Remove marks around a number."""
    return without_end(_MARKS_BEFORE.sub("", text), _MARKS_AFTER)


def _numbers_in(piece: str) -> list[str]:
    """Return the numbers in a piece, where a slash may separate two numbers, or only groups."""
    if _MASK.search(piece):
        return [""]
    text = _KIND.sub("", _LABEL.sub("", _bare(piece).removeprefix("tel:")))
    left, slash, right = (part.strip() for part in text.partition("/"))
    if not slash:
        return [_one(text)]
    if "/" in right:
        return [_one(part) for part in text.split("/")] if _is_whole(left) else [""]
    if _is_whole(left):
        # A short rest is another ending: "5550104 / 105". A rest of medium length is unclear.
        is_ending, is_other = _count(right) <= 4, _is_whole(right) or right[:1] in "+0"
        return [_one(left), _one(right)] if is_other else [_one(left) if is_ending else ""]
    return [_one(f"{left} {right}")]


def _is_whole(text: str) -> bool:
    return _count(text) >= (FEWEST + 3 if text.startswith(("+", "00")) else FEWEST)


def _one(text: str) -> str:
    """Return the text's one number without a trunk zero in brackets; empty if there is none."""
    text = _bare(text)
    if keeps_zero(text):
        text = _OWN_ZERO.sub(" 0", text)
    text = " ".join(_TRUNK.sub(" ", _FIRST_TRUNK.sub("0", text)).split())
    if not _NUMBER.fullmatch(text) or is_mangled_number(text) or _DATE.fullmatch(text):
        return ""
    text = _without_prefix(text) or _without_ending(text)
    digits = re.sub(r"\D", "", text).removeprefix("00")
    if digits.startswith("0") and _is_international(text):
        return ""
    return text if FEWEST <= len(digits) <= MOST and not _may_be_two(text) else ""


def _without_prefix(text: str) -> str:
    """Return a number that has its code twice, or a trunk digit after it, without that digit.

    It is empty if that is not certain, which is so if the number is one as it stands, too.
    """
    written = _written(text) if _is_international(text) else ""
    found = _PREFIXED.match(written)
    if not found:
        return ""
    code = next(filter(None, found.groups()))
    rest = written[len(code) + 1 :]
    readings = {_parsed(written, "", surely=True)}
    if rest.startswith(code):
        readings.add(_parsed(f"+{rest}", "", surely=True))
    readings.discard("")
    number = f"+{readings.pop()}" if len(readings) == 1 else written
    return number if number != written else ""


def _is_international(text: str) -> bool:
    return text.lstrip("([ ").startswith(("+", "00"))


def _without_ending(text: str) -> str:
    """Cut off an extension after a number: "(136)", or what makes it too long after a dash.

    A number without dashes and brackets is left as it is written: it is checked where its digits
    are put together (`international`).
    """
    rest = _IN_BRACKETS.sub("", text)
    if rest != text:
        if not _is_international(text):
            return rest if _count(rest) >= _FEWEST_NATIONAL else ""
        if _parsed(_written(rest), "", surely=True):
            return rest
    return _fitting(text) if "-" in text or rest != text else text


def _fitting(text: str) -> str:
    """Return a number without a last group that makes it too long for its country.

    Some kinds of numbers are longer than the others of their country, such as those of services. It
    is empty if no number can be so long and the rest is none: it is not known then whose digits are
    whose.
    """
    written = _written(text)
    if not _is_international(text) or not is_too_long(written):
        return text
    if _parsed(written, "", surely=True):
        return text
    is_possible = _parsed(written, "") != ""
    if is_possible and _TRUNK_AFTER_CODE.match(written):
        return text
    rest = _LAST_GROUP.sub("", text)
    if rest != text and _parsed(_written(rest), "", surely=True):
        return rest
    return text if is_possible else ""


def _written(text: str) -> str:
    """Return a plus and the digits of a number that is written with its country's code."""
    digits = re.sub(r"\D", "", text)
    return f"+{digits.removeprefix('00')}"


def _may_be_two(text: str) -> bool:
    """Whether the groups of digits look like two similar numbers: "555 0101 555 0102"."""
    groups = list(map(len, text.translate(_WITHOUT_BRACKETS).split()))
    half = len(groups) // 2
    if len(groups) < 2 or "+" in text:
        return False
    is_twice = len(groups) % 2 == 0 and groups[:half] == groups[half:]
    return is_twice and sum(groups[:half]) >= FEWEST - 1


def _count(text: str) -> int:
    return sum(map(str.isdecimal, text))


def is_mangled_number(value: str) -> bool:
    """Whether a spreadsheet has turned a number into scientific notation, so digits are lost."""
    if "E" not in value and "e" not in value:
        return False
    return _SCIENTIFIC.fullmatch(value.replace(" ", "")) is not None


_SURE = lazy(r"\+[1-9]\d{6,14}", re.ASCII)
_PREFIX = lazy(r"[2-689]\D")
"""A single digit apart, which is no country's code: those are 1 and 7."""
_SHORTEST_BARE = 11
"""The fewest digits of a number without a plus to count as international: national numbers in the
United States have ten."""


@lru_cache(maxsize=4096)
def international(number: str, country: str = "") -> str:
    """Return the international digits of a number from `split_numbers`; empty if unknown.

    A number without a country calling code needs `country`, an ISO code. Without it, the digits
    count only if the library `phonenumbers` knows them as a complete international number.
    """
    number = _without_prefix(number) or _fitting(number)
    digits = re.sub(r"\D", "", number)
    if _is_international(number):
        written = _written(number)
        digits = written[1:]
        if _TRUNK_AFTER_CODE.match(written):
            digits = _parsed(written, "") or digits
    elif country:
        digits = _in_country(number, digits, country)
    else:
        digits = _as_it_stands(number, digits)
    return digits if FEWEST <= len(digits) <= MOST else ""


def _in_country(number: str, digits: str, country: str) -> str:
    """Return the digits of a national number, or of a number with another country's code."""
    found = {_parsed(number, country, surely=True), _as_it_stands(number, digits)} - {""}
    if len(found) > 1:  # a number of this country, or one with another country's code
        return ""
    is_national = digits.startswith("0") or len(digits) < _SHORTEST_BARE or country in ("US", "CA")
    return "".join(found) or (_parsed(number, country) if is_national else "")


def _as_it_stands(number: str, digits: str) -> str:
    """Return the digits if they begin with a country's code.

    In "8 (495) 123-45-67" they do not: the first group is a prefix, and shorter than the code 84.
    """
    if len(digits) < _SHORTEST_BARE or digits.startswith("0"):
        return ""
    has_prefix = _PREFIX.match(number) is not None
    return "" if has_prefix else _parsed(f"+{digits}", "", surely=True)


def _parsed(number: str, country: str, *, surely: bool = False) -> str:
    """Get a number's digits from `phonenumbers`, which takes 0.1 s to import."""
    import phonenumbers  # rarely needed

    try:
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        return ""
    is_good = phonenumbers.is_valid_number if surely else phonenumbers.is_possible_number
    if not is_good(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)[1:]


def international_numbers(cells: Sequence[str], countries: Sequence[str]) -> Sequence[str]:
    """Return the international digits of each cell's first number; empty if they are not known.

    `countries` are names or codes, by row. In most files every number begins with its country's
    code, so that a look at all of them is enough.
    """
    tight = _without_spaces(cells)
    if (
        tight is not None
        and "+0" not in tight
        and not _TRUNK_AFTER_CODE.search(tight)
        and not _PREFIXED.search(tight)
        and not (" " in "".join(cells) and any_too_long(tight.split("\n")))
    ):
        return tight.replace("+", "").split("\n")
    numbers = [cell.replace(" ", "") for cell in cells]
    return [
        number[1:]
        if not number
        or (
            _SURE.fullmatch(number)
            and not _TRUNK_AFTER_CODE.match(number)
            and not _PREFIXED.match(number)
            and not (" " in cell and is_too_long(number))
        )
        else _international_in(cell, country)
        for number, cell, country in zip(numbers, cells, countries, strict=True)
    ]


def _international_in(cell: str, country: str) -> str:
    number, _ = split_numbers(cell)
    return international(number, country_code(country)) if number else ""

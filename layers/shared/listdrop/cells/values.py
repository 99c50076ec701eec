"""Reads any cell: trims it, and empties it if it is a placeholder."""

from __future__ import annotations

import json
import re

from listdrop.cells.entities import decoded, has_entities, unescaped
from listdrop.cells.formulas import unguarded
from listdrop.cells.patterns import lazy

INVISIBLE = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
)
"""Invisible marks of width, line breaks and direction, which are copied along with a text.

Marks that reverse letters are not included: an address with one of them is not what it seems.
"""
_WITHOUT_INVISIBLE = dict.fromkeys(map(ord, INVISIBLE))
LOCKED_EMAIL = "email_not_unlocked@domain.com"
"""What Apollo exports instead of an address that was not paid for: it is nobody's."""
NO_RESULT = "#GETTING_DATA"
"""What spreadsheets show, and workbooks are read as having, where a formula has no result yet."""
PLACEHOLDERS = frozenset(
    written
    for word in (
        "n/a", "na", "n.a.", "n.a", "null", "none", "nil", "nan", "<na>", "-", "--", "---",
        "\u2013", "\u2014", "?", ".", "..", "...", "\u2026", "(none)", "(null)", "(blank)",
        "(empty)", "<null>", "[null]", "<none>", "<empty>", "[blank]", "(not set)", "not set",
        "undefined", "unknown", "(unknown)", "not available", "not applicable", "not provided",
        "[not provided]", "not found", "no data", "_", "\\n", "#", "-none-", "--none--", "- none -",
        "not specified", "(not specified)", "none specified", "not known", "n/k",
        "n\\a", "n/a.", "s/d", "-/-", "- -", "*", "**", "***", "/", "//", "\u00b7", "\u2022",
        "no data found", "loading...", "loading\u2026", "[object Object]",
        LOCKED_EMAIL,
        # Errors of spreadsheets, in English and in the languages that have their own.
        "#n/a", "#ref!", "#value!", "#name?", "#error!", "#div/0!", "#num!", "#null!", "#n/v",
        "#nv", "#bezug!", "#wert!", "#zahl!", "#n/d", "#valeur!", "#nom?", "#nombre!",
        "#\u00a1valor!", "#valor!", "#\u00a1ref!", "#rif!", "#valore!", "#nome?", "#n/b",
        "#waarde!", "#verw!", "#arg!", "#adr!", "#nazwa?", "#saknas!", "#varde!", "#i/t",
        "#н/д", NO_RESULT,
        # "Not stated" and the like.
        "k.a.", "k. a.", "keine Angabe", "keine Angaben", "entfällt", "n.v.", "n. v.",
        "nicht vorhanden", "nicht verfügbar", "unbekannt", "n/d", "n.d.", "s/o", "n/c",
        "non renseigné", "n.c.", "non communiqué", "inconnu", "sin datos", "no disponible",
        "desconocido", "non disponibile", "não informado", "não disponível", "n.v.t.",
        "nicht angegeben", "nicht bekannt", "niet bekend", "non précisé", "non spécifié",
        "sin especificar", "no especificado", "no aplica", "não se aplica", "sem dados", "ukjent",
        "ukendt", "okänd", "не указано", "не указан", "не указана", "無し",
        "nvt", "niet beschikbaar", "onbekend", "brak danych", "nie dotyczy", "saknas",
        "ej tillgänglig", "ikke oplyst", "ikke tilgjengelig", "ei tiedossa", "není k dispozici",
        "nincs adat", "yok", "bilinmiyor", "н/д", "нет данных", "немає даних",
        "なし", "不明", "未入力", "无", "未知", "없음", "غير متوفر",
    )
    for written in (word, word.lower(), word.upper(), word.capitalize(), word.title(),
                    word.replace("nan", "NaN"), word.replace("k.a.", "k.A."),
                    word.replace("k. a.", "k. A."))
)  # fmt: skip
"""Placeholders for an empty value: from databases, spreadsheets, and people who fill in forms."""


_NAMES = frozenset({"Na", "Nan", "Nil", "Null", "N.C."})
"""Names of people, in this exact form, that are placeholders in any other column."""


def cell_value(cell: str, *, is_name: bool = False) -> str:
    """Return a cell's value, without outer space, invisible marks, guards and placeholders.

    With `is_name`, some placeholders are values, because people are called Na and Null.
    """
    if not cell.isascii():
        cell = cell.translate(_WITHOUT_INVISIBLE)
    value = unguarded(cell.strip())
    if value in PLACEHOLDERS:
        return value if is_name and value in _NAMES else ""
    return value


def without_end(text: str, marks: re.Pattern[str]) -> str:
    """Cut off what the pattern of a run of marks matches at a text's end.

    The text is looked at backwards. A pattern with `$` would be tried from each mark of every run:
    of a run in the middle of a long cell, that takes a time that grows with its square.
    """
    run = marks.match(text[::-1])
    return text[: len(text) - run.end()] if run else text


_QUOTED = lazy(
    r"'([^']+)'|\"([^\"]+)\"|\u2018([^\u2018\u2019]+)\u2019|\u201c([^\u201c\u201d]+)\u201d"
)
"""A whole text in quotation marks that no program has read as such."""


_ADDRESS = r"(?:https?://|mailto:)[^\s()]*(?:\([^\s()]*\)[^\s()]*)*"
_LINKS = lazy(rf"\[([^\[\]]*)\]\(\s*{_ADDRESS}\s*\)|(?<=\S)\s*\(\s*{_ADDRESS}\s*\)", re.I)
"""The address of a link beside its text: "[Acme](https://…)", or "Acme (https://…)" of Notion."""
_TAG = lazy(r"</?[a-z][^<>]*>", re.I)
_FIELD = lazy(
    r"\{\{[^{}]*\}\}|\$?\{\s*\w[\w .-]*\}|\*\|[^|]*\|\*|%+[^\W\d][\w.-]*%+|<<\s*\w[\w .-]*>>"
)
"""A template's field, as a whole cell, that no program has filled in: "{{company}}"."""
_FAILURES = ("\u274c", "\u26a0", "\U0001f6ab")
"""Signs before a remark of an enrichment tool that has found nothing: "❌ No email found"."""
_SIGNS = ("\u2018", "\u201c", *_FAILURES)
_LONGEST_LIST = 2_000


def may_have_marks(text: str) -> bool:
    """Whether a text has anything that `text_value` may remove and `cell_value` does not."""
    return (
        any(map(text.__contains__, '"{%<\\'))
        or (":" in text and "://" in text)  # finding one letter is far faster
        or ("|" in text and "|*" in text)
        or (not text.isascii() and any(map(text.__contains__, _SIGNS)))
        or has_entities(text)
    )


def text_value(cell: str, *, is_name: bool = False) -> str:
    """Return the value of a cell of words, with the letters that HTML entities stand for.

    Quotation marks around all of it are removed, too, and so are tags of HTML and the addresses of
    links. Of a list in JSON the first text counts. What a template or a tool wrote is no value.
    """
    value = cell_value(cell, is_name=is_name)
    if "&" in value:
        value = cell_value(decoded(value), is_name=is_name)
    if "\\" in value:
        value = cell_value(unescaped(value), is_name=is_name)
    if value.startswith(_FAILURES) or _FIELD.fullmatch(value):
        return ""
    if value[:2] == '["' and value[-1] == "]":
        value = _first_of_list(value)
    if "](" in value or "://" in value:  # of a link
        value = _LINKS.sub(r"\1", value).strip()
    if "</" in value or "<br" in value:
        value = " ".join(_TAG.sub(" ", value).split())
    quoted = _QUOTED.fullmatch(value)
    if quoted:
        return cell_value(quoted[quoted.lastindex or 0], is_name=is_name)
    return value


def _first_of_list(text: str) -> str:
    """Return the first text of a list in JSON; any other text is returned unchanged."""
    try:
        found = json.loads(text) if len(text) <= _LONGEST_LIST else [text]
    except (ValueError, RecursionError):
        return text
    return next((each.strip() for each in found if isinstance(each, str) and each.strip()), "")

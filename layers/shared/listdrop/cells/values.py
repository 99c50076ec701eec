"""What any cell says: trimmed, and empty where a placeholder stands for nothing."""

from __future__ import annotations

from listdrop.cells.formulas import unguarded

INVISIBLE = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
)
"""Marks of width, breaks and direction, which come along when text is copied.

Not those that turn letters round: an address with one of them is not what it seems.
"""
_WITHOUT_INVISIBLE = dict.fromkeys(map(ord, INVISIBLE))
PLACEHOLDERS = frozenset(
    written
    for word in (
        "n/a", "na", "n.a.", "n.a", "null", "none", "nil", "nan", "<na>", "-", "--", "---",
        "\u2013", "\u2014", "?", ".", "..", "...", "\u2026", "(none)", "(null)", "(blank)",
        "(empty)", "<null>", "[null]", "<none>", "<empty>", "[blank]", "(not set)", "not set",
        "undefined", "unknown", "(unknown)", "not available", "not applicable", "not provided",
        "[not provided]", "not found", "no data", "_", "\\n", "#",
        # Errors of spreadsheets, in English and in the languages that have their own.
        "#n/a", "#ref!", "#value!", "#name?", "#error!", "#div/0!", "#num!", "#null!", "#n/v",
        "#nv", "#bezug!", "#wert!", "#zahl!", "#n/d", "#valeur!", "#nom?", "#nombre!",
        "#\u00a1valor!", "#valor!", "#\u00a1ref!", "#rif!", "#valore!", "#nome?", "#n/b",
        "#waarde!", "#verw!", "#arg!", "#adr!", "#nazwa?", "#saknas!", "#varde!", "#i/t",
        "#н/д",
        # "Not stated" and the like.
        "k.a.", "k. a.", "keine angabe", "keine angaben", "entfällt", "n.v.", "n. v.",
        "nicht vorhanden", "nicht verfügbar", "unbekannt", "n/d", "n.d.", "s/o", "n/c",
        "non renseigné", "non communiqué", "inconnu", "sin datos", "no disponible",
        "desconocido", "non disponibile", "não informado", "não disponível", "n.v.t.",
        "nvt", "niet beschikbaar", "onbekend", "brak danych", "nie dotyczy", "saknas",
        "ej tillgänglig", "ikke oplyst", "ikke tilgjengelig", "ei tiedossa", "není k dispozici",
        "nincs adat", "yok", "bilinmiyor", "н/д", "нет данных", "немає даних",
        "なし", "不明", "未入力", "无", "未知", "없음", "غير متوفر",
    )
    for written in (word, word.upper(), word.capitalize(), word.title(), word.replace("nan", "NaN"),
                    word.replace("k.a.", "k.A."), word.replace("k. a.", "k. A."))
)  # fmt: skip
"""What stands for nothing: of databases, of spreadsheets, of people who fill in forms."""


_NAMES = frozenset({"Na", "Nan", "Nil", "Null"})
"""Names of people, as they are written, that would be placeholders anywhere else."""


def cell_value(cell: str, *, is_name: bool = False) -> str:
    """What a cell says: trimmed of visible and invisible space, placeholders and guards taken off.

    In a name, some placeholders are none: people are called Na and Null.
    """
    if not cell.isascii():
        cell = cell.translate(_WITHOUT_INVISIBLE)
    value = unguarded(cell.strip())
    if value in PLACEHOLDERS:
        return value if is_name and value in _NAMES else ""
    return value

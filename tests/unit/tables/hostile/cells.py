"""What stands in cells: naughty strings, telephone numbers that a spreadsheet mangled."""

from __future__ import annotations

import re

from tests.unit.tables.hostile.kind import ADA, GRACE, Kind, read, written

# After the Big List of Naughty Strings: some of each of its sections.
NAUGHTY = {
    "undefined": "undefined",
    "null": "null",
    "nil in brackets": "(null)",
    "true": "true",
    "a zero": "0",
    "minus a half": "-.5",
    "a number too exact": "0.1000000000000000055511151231257827021181583404541015625",
    "infinity": "-Infinity",
    "not a number": "NaN",
    "hexadecimal": "0xffffffffffffffff",
    "a number that is big": "9" * 96,
    "a version": "1.0.0.0",
    "an octal number": "00123",
    "a date": "1/2/03",
    "punctuation": "./;'[]\\-=<>?:\"{}|_+!@#$%^&*()`~",
    "C1 controls": "\x80\x81\x8d\x9f",
    "kinds of space": "\u00a0\u1680\u2002\u200a\u202f\u205f\u3000\u180e",
    "invisible letters": "\u00ad\u200b\u200c\u200d\u2060\ufeff\U000e0001\U000e0061",
    "mathematics": "Ω≈ç√∫˜µ≤≥÷",
    "fractions": "⅛⅜⅝⅞ ¹²³ ₁₂₃",
    "Cyrillic": "ЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБ",
    "Arabic digits": "٠١٢٣٤٥٦٧٨٩",
    "two scripts": "社會科學院語學研究所 찦차를 パーティー",
    "sharp letters": "Straße ſtraſſe İıIi ﬁﬂ",
    "letters that grow": "ŉǰΐΰẖẗẘẙẚﬀ",
    "a kaomoji": "(╯°□°）╯︵ ┻━┻)",
    "emoji": "😍👾🙇💁🙅🏳️‍🌈",
    "emoji joined": "👨‍👩‍👧‍👦 👩🏿‍❤️‍💋‍👩🏻",
    "flags cut in half": "🇺🇸🇷🇺🇸🇦",
    "keycaps": "0️⃣ 1️⃣ #️⃣ *️⃣",
    "right to left": "בְּרֵאשִׁית הָיְתָהtestالصفحات التّحول",
    "a sentence turned round": "\u202eabc\u202d \u2066def\u2069 \u061cghi",
    "zalgo": "T" + "\u0315\u0338\u0329\u0346\u034c" * 40 + "o",
    "upside down": "˙ɐnbᴉlɐ ɐuƃɐɯ",
    "fancy letters": "𝕿𝖍𝖊 𝓺𝓾𝓲𝓬𝓴 Ⓣⓗⓔ 🅃🄷🄴",
    "a script": "<script>alert(0)</script>",
    "a script in a picture": '"><img src=x onerror="alert(1)"/>',
    "a script without letters": "javascript:/*--></title></style>\"/*'/*",
    "a closed comment": "--><!-- ]]>",
    "SQL": "1;DROP TABLE users-- ' OR 1=1 -- 1",
    "SQL in a name": "Robert'); DROP TABLE Students;--",
    "a shell": "$(touch /tmp/x) `ls -al /` ; true && || |",
    "a shell that hides": "() { 0; }; touch /tmp/blns.fail;",
    "Ruby": 'eval("puts \'hello\'") System("ls")',
    "an XML entity": '<!DOCTYPE foo [<!ENTITY x SYSTEM "file:///etc/passwd">]><foo>&x;</foo>',
    "Python's format": "{0.__class__} {name!r:>10} %s%n%d %(x)s",
    "C's format": "%*.*s%n%08x",
    "a template": "{{7*7}} ${7*7} <%= 7*7 %> #{7*7}",
    "JNDI": "${jndi:ldap://127.0.0.1/x}",
    "a path that climbs": "../../../../etc/passwd%00",
    "a device": "CON PRN AUX NUL COM1",
    "a zero letter, spelled": r"\0 \x00 \u0000 %00 &#0;",
    "surrogates, spelled": r"\ud83d \uDE00 &#xD800;",
    "a formula": "=1+1",
    "a formula with a link": '=HYPERLINK("http://127.0.0.1?x="&A1,"xyzzy")',
    "a formula with a command": "=cmd|' /C calc'!A0",
    "a formula with a plus": "+1-1+SUM(1)",
    "a formula with a minus": "-2+3+cmd|' /C calc'!A0",
    "a formula with an at": "@SUM(1+1)",
    "a formula after a tab": "\t=1+1",
    "a formula after CR": "\r=1+1",
    "a formula in full width": "\uff1d1+1",
    "an apostrophe before a formula": "'=1+1",
    "a terminal's colours": "Roses are \x1b[0;31mred\x1b[0m\a",
    "a title for a terminal": "\x1b]0;xyzzy\x07",
    "a very long word": "x" * 100_000,
    "very many words": "word " * 20_000,
    # A pattern whose time grows with the square of such a run takes minutes for it.
    "very many stars": f"x{'*' * 100_000}x",
    "very many dashes": f"1{'-' * 100_000}1",
    "very many blanks": f"x{' ' * 100_000}x",
    "very many line ends": "1\n" + " \n" * 20_000 + "1",
    "very many brackets": "x(" * 50_000,
    "very many accents": "e" + "\u0301" * 20_000,
    "nothing but quotes": '"""""',
    "nothing but commas": ",,,,",
    "lines of all kinds": "a\nb\rc\r\nd\u2028e\x85f",
    "JSON": '{"a": [1, {"b": "\\u0000\\ud800"}], "__proto__": {}}',
    "a header of mail": "ada\r\nBcc: grace, all",
    "a link of data": "data:text/html;base64,PHNjcmlwdD4=",
}


def _naughty(name: str, text: str) -> Kind:
    """Return a table with the text in a header and in every cell but those that find the person."""
    header = ("email", "first name", "company", "linkedin", "own field", f"h{text}h")
    good = (ADA[0], text, text, ADA[2], text, text)
    bad = (text, "Grace", text, text, text, text)
    table = written([header, good, bad])
    is_swallowed = re.search(r"[\r\n]", text.strip())
    return read(
        f"naughty: {name}",
        table,
        good,
        bad,
        header=header,
        sent=None if is_swallowed else (1, 1),
        plan_reason="unreadable_quoting" if is_swallowed else "",
    )


_MANGLED = [
    "4,91512E+11", "4.91512E+11", "+4.9E11", "1E+12", "4.91512e+011", "3,46E11", "4.9 E+11",
    "-4.91512E+11",
]  # fmt: skip
_ODD_PHONES = [
    "+49 (0)151 / 234-567", "0049151234567", "#N/A", "N/A", "call me", "123 ext. 4", "'+49151234",
    "=+49151234", "491512345678.0", "٠١٢٣٤٥",
]  # fmt: skip


def _phone(text: str) -> Kind:
    row = (ADA[0], text, ADA[2])
    table = written([("email", "phone", "linkedin"), row, (GRACE[0], "+1 555", GRACE[2])])
    return read(f"telephone: {text}", table, row, (GRACE[0], "+1 555", GRACE[2]), sent=(2, 2))


CELLS = [_naughty(name, text) for name, text in NAUGHTY.items()] + [
    _phone(text) for text in _MANGLED + _ODD_PHONES
]

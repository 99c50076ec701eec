"""Quotes, delimiters, line ends: what tells cells from each other."""

from __future__ import annotations

import codecs

from tests.unit.tables.hostile.kind import ADA, GRACE, Kind, read, rejected, written

_HEAD = "email,first name,linkedin\n"
_ADA, _GRACE = ",".join(ADA), ",".join(GRACE)
_BLANK = "\n" * 1000


def _name(name: str, cell: str, value: str) -> Kind:
    """A second cell as it is written, and what it must be read as."""
    content = f"{_HEAD}{ADA[0]},{cell},{ADA[2]}\n{_GRACE}\n"
    reason = "unreadable_quoting" if "@" in value else ""  # what may be rows, which are swallowed
    sent = None if reason else (2, 2)
    return read(name, content, (ADA[0], value, ADA[2]), GRACE, sent=sent, plan_reason=reason)


def _unreadable(name: str, content: str) -> Kind:
    return rejected(name, content, "unreadable_quoting")


# After the files of csv-spectrum, with a header that Listdrop knows.
SPECTRUM = [
    read(
        "csv-spectrum: a comma in quotes",
        'first,last,address,city,zip\nJohn,Doe,120 any st.,"Anytown, WW",08123\n',
        ("John", "Doe", "120 any st.", "Anytown, WW", "08123"),
        header=("first", "last", "address", "city", "zip"),
    ),
    read("csv-spectrum: empty", 'email,b,c\n1,"",""\n2,3,4\n', ("1", "", ""), ("2", "3", "4")),
    read(
        "csv-spectrum: empty, CRLF",
        'email,b,c\r\n1,"",""\r\n2,3,4\r\n',
        ("1", "", ""),
        ("2", "3", "4"),
    ),
    read(
        "csv-spectrum: escaped quotes",
        'email,b\n1,"ha ""ha"" ha"\n3,4\n',
        ("1", 'ha "ha" ha'),
        ("3", "4"),
    ),
    read(
        "csv-spectrum: JSON",
        'email,val\n1,"{""type"": ""Point"", ""coordinates"": [102.0, 0.5]}"\n',
        ("1", '{"type": "Point", "coordinates": [102.0, 0.5]}'),
    ),
    read(
        "csv-spectrum: location coordinates",
        'Contact Phone Number,Email,Location\n7,x,"10,60 N, 12,30 E"\n',
        ("7", "x", "10,60 N, 12,30 E"),
    ),
    read(
        "csv-spectrum: newlines",
        'email,b,c\n1,2,3\n"Once upon \na time",5,6\n7,8,9\n',
        ("1", "2", "3"),
        ("Once upon \na time", "5", "6"),
        ("7", "8", "9"),
        lines=(2, 3, 5),
        plan_reason="unreadable_quoting",
    ),
    read(
        "csv-spectrum: newlines, CRLF",
        'email,b,c\r\n1,2,3\r\n"Once upon \r\na time",5,6\r\n7,8,9\r\n',
        ("1", "2", "3"),
        ("Once upon \r\na time", "5", "6"),
        ("7", "8", "9"),
        lines=(2, 3, 5),
        plan_reason="unreadable_quoting",
    ),
    read(
        "csv-spectrum: quotes and newlines",
        'email,b\n1,"ha \n""ha"" \nha"\n3,4\n',
        ("1", 'ha \n"ha" \nha'),
        ("3", "4"),
        lines=(2, 5),
    ),
    read("csv-spectrum: simple", "email,b,c\n1,2,3\n", ("1", "2", "3")),
    read("csv-spectrum: simple, CRLF", "email,b,c\r\n1,2,3\r\n", ("1", "2", "3")),
    read("csv-spectrum: UTF-8", "email,b,c\n1,2,3\n4,5,ʤ\n", ("1", "2", "3"), ("4", "5", "ʤ")),
]

QUOTES = [
    _unreadable(
        "a quote never closed at the start",
        f'"{_HEAD}{_ADA}\n{_GRACE}\n',
    ),
    _unreadable("a quote never closed in the header", f'email,"first name\n{ADA[0]},Ada\n'),
    _unreadable("a quote never closed in the middle", f'{_HEAD}{ADA[0]},"Ada,x\n{_GRACE}\n'),
    _unreadable("a quote never closed in the last line", f'{_HEAD}{_GRACE}\n{ADA[0]},Ada,"xyzzy'),
    _unreadable("a quote opened by the last byte", f'{_HEAD}{ADA[0]},Ada,"'),
    _unreadable(
        "a quote never closed before many rows", f'{_HEAD}{ADA[0]},"A\n' + f"{_GRACE}\n" * 30_000
    ),
    _unreadable("text after a closing quote", f'{_HEAD}{ADA[0]},"Ada" Lovelace,x\n'),
    _unreadable("quotes doubled outside", f'{_HEAD}{ADA[0]},""Ada"",x\n'),
    _unreadable("a lone quote inside quotes", f'{_HEAD}{ADA[0]},"Ada "the Countess" Lovelace",x\n'),
    _unreadable("quotes escaped with backslashes", f'{_HEAD}{ADA[0]},"Ada \\"L\\"",x\n'),
    _unreadable("a backslash before a closing quote, and text", f'{_HEAD}{ADA[0]},"Ada\\"x,y\n'),
    _name("a quote inside an unquoted cell", 'Ada "the" Countess', 'Ada "the" Countess'),
    _name("a quote at the end of an unquoted cell", '5"', '5"'),
    _name("a space before quotes", ' "Ada"', "Ada"),
    _name("a space after quotes", '"Ada" ', "Ada"),
    _name("spaces around quotes that hold a comma", '  "Lovelace, Ada" ', "Lovelace, Ada"),
    _name("a quote after a space, and text after it", ' "Ada" L', ' "Ada" L'),
    _name("doubled quotes", '"Ada ""Countess"""', 'Ada "Countess"'),
    _name("nothing but a doubled quote", '""""', '"'),
    _name("nothing in quotes", '""', ""),
    _name("nothing but delimiters in quotes", '",,,"', ",,,"),
    _name("nothing but a line end in quotes", '"\n"', "\n"),
    _name("single quotes", "'Ada'", "'Ada'"),
    _name("curly quotes", "“Ada”", "“Ada”"),
    _name("a backslash", r"Ada\Lovelace\n", r"Ada\Lovelace\n"),
    _name("a backslash at the end of quotes", '"Ada\\"', "Ada\\"),
    _name("a database's null", r"\N", r"\N"),
    _name("a comment's sign", "#Ada", "#Ada"),
    _name("spaces around a cell", "  Ada  ", "  Ada  "),
    _name("lines that look like rows in quotes", f'"{_GRACE}\n{_GRACE}"', f"{_GRACE}\n{_GRACE}"),
    read(
        "single quotes do not hold a comma",
        f"{_HEAD}{ADA[0]},'Lovelace, Ada',{ADA[2]}\n",
        (ADA[0], "'Lovelace", " Ada'", ADA[2]),
        sent=(0, 0),
    ),
    read("a quote at the very end", f'{_HEAD}{ADA[0]},Ada,x"', (ADA[0], "Ada", 'x"'), sent=(1, 0)),
    read("an empty cell in quotes at the very end", f'{_HEAD}{ADA[0]},Ada,""', (ADA[0], "Ada", "")),
    read("everything in quotes", written([("email", "first name"), ADA[:2]]), ADA[:2], sent=(1, 0)),
]

_OTHERS = "a,b;c\td|e"
DELIMITERS = [
    *(
        read(
            f"delimited by {name}, with the others in cells",
            written(
                [("email", "first name", "linkedin"), (ADA[0], _OTHERS, ADA[2])], delimiter=sign
            ),
            (ADA[0], _OTHERS, ADA[2]),
            header=("email", "first name", "linkedin"),
            sent=(1, 1),
        )
        for name, sign in (("commas", ","), ("semicolons", ";"), ("tabs", "\t"), ("bars", "|"))
    ),
    *(
        read(
            f"a sep= line that tells {name}",
            f"sep={sign}\r\nemail{sign}name\r\n{ADA[0]}{sign}Ada\r\n",
            ADA[:2],
            header=("email", "name"),
            header_line=2,
            lines=(3,),
            sent=(1, 0),
        )
        for name, sign in (
            ("commas", ","),
            ("semicolons", ";"),
            ("tabs", "\t"),
            ("bars", "|"),
            ("a caret", "^"),
            ("a letter of another script", "ж"),
        )
    ),
    read(
        "a sep= line in quotes",
        f'"sep=;"\nemail;name\n{ADA[0]};Ada\n',
        ADA[:2],
        header_line=2,
        sent=(1, 0),
    ),
    read(
        "a sep= line in UTF-16",
        codecs.BOM_UTF16_LE + f"sep=;\r\nemail;name\r\n{ADA[0]};Ada\r\n".encode("utf-16-le"),
        ADA[:2],
        header_line=2,
    ),
    read("a sep= line without a sign", f"sep=\nemail,name\n{ADA[0]},Ada\n", ADA[:2], sent=(1, 0)),
    read("a sep= line of a quote", f'sep="\nemail,name\n{ADA[0]},Ada\n', ADA[:2], sent=(1, 0)),
    rejected("a sep= line that is wrong", f"sep=;\nemail,name\n{ADA[0]},Ada\n", "no_usable_column"),
    rejected("nothing but a sep= line", "sep=;\n", "no_usable_column"),
    read(
        "rows delimited in another way than the header",
        f"email,name\n{ADA[0]};Ada\n{GRACE[0]},Grace\n",
        (f"{ADA[0]};Ada",),
        GRACE[:2],
        sent=(1, 0),
    ),
    read(
        "a delimiter in a header's quotes",
        f'"name; first, or whole";email\n"Ada";{ADA[0]}\n',
        ("Ada", ADA[0]),
        header=("name; first, or whole", "email"),
        sent=(1, 0),
    ),
    read(
        "more commas than semicolons",
        f"email;name;notes\n{ADA[0]};Ada;a,b,c,d,e,f\n",
        (ADA[0], "Ada", "a,b,c,d,e,f"),
        sent=(1, 0),
    ),
    read(
        "a delimiter at every line's end",
        f"email,name,\n{ADA[0]},Ada,\n",
        (*ADA[:2], ""),
        sent=(1, 0),
    ),
    read(
        "a table as Markdown has it",
        f"| email | name |\n|---|---|\n| {ADA[0]} | Ada |\n",
        ("", "---", "---", ""),
        ("", f" {ADA[0]} ", " Ada ", ""),
        sent=(1, 0),
    ),
    rejected("nothing but delimiters", ",,,\n,,,\n,,,\n", "no_usable_column"),
    read(
        "one column needs no delimiter",
        f"email\n{ADA[0]}\n{GRACE[0]}\n",
        ADA[:1],
        GRACE[:1],
        sent=(2, 0),
    ),
]


def _lines(name: str, content: str, *lines: int) -> Kind:
    return read(name, content, ADA, GRACE, lines=lines, sent=(2, 2))


LINES = [
    _lines("lines end in LF", f"{_HEAD}{_ADA}\n{_GRACE}\n", 2, 3),
    _lines("lines end in CRLF", f"{_HEAD}{_ADA}\n{_GRACE}\n".replace("\n", "\r\n"), 2, 3),
    _lines("lines end in CR", f"{_HEAD}{_ADA}\n{_GRACE}\n".replace("\n", "\r"), 2, 3),
    _lines("lines end in LF, CR and CRLF", f"{_HEAD.strip()}\r{_ADA}\r\n{_GRACE}\n", 2, 3),
    _lines("lines end in CRCRLF", f"{_HEAD}{_ADA}\n{_GRACE}\n".replace("\n", "\r\r\n"), 3, 5),
    _lines("the last line has no end", f"{_HEAD}{_ADA}\n{_GRACE}", 2, 3),
    _lines("blank lines everywhere", f"\n\n{_HEAD}\n{_ADA}\n\n\n{_GRACE}\n\n\n", 5, 8),
    _lines(
        "lines of spaces and delimiters", f"{_HEAD} , ,\n{_ADA}\n,,\n\t\n{_GRACE}\n,,,,,,\n", 3, 6
    ),
    _lines("a thousand blank lines between", f"{_HEAD}{_ADA}\n{_BLANK}{_GRACE}\n", 2, 1003),
    _lines("the end of a file of DOS", f"{_HEAD}{_ADA}\n{_GRACE}\n\x1a", 2, 3),
    _lines("the same, in a line", f"{_HEAD}{_ADA}\r\n{_GRACE}\r\n\x1a\r\n", 2, 3),
    _lines("the same, after a blank line", f"{_HEAD}{_ADA}\n{_GRACE}\n\n\x1a", 2, 3),
    rejected("nothing but LF", "\n" * 100, "empty_file"),
    rejected("nothing but CRLF", "\r\n" * 100, "empty_file"),
    rejected("nothing but CR", "\r" * 100, "empty_file"),
    rejected("nothing but spaces", "   \t  ", "empty_file"),
    *(
        _name(f"{name} does not end a line", f"A{sign}da", f"A{sign}da")
        for name, sign in (
            ("NEL", "\x85"),
            ("U+2028", "\u2028"),
            ("U+2029", "\u2029"),
            ("a vertical tab", "\x0b"),
            ("a form feed", "\x0c"),
            ("a file separator", "\x1c"),
            ("a group separator", "\x1d"),
            ("a record separator", "\x1e"),
            ("a unit separator", "\x1f"),
        )
    ),
    *(
        _name(f"{name} in quotes is part of the cell", f'"A{sign}da"', f"A{sign}da")
        for name, sign in (("CR", "\r"), ("LF", "\n"), ("CRLF", "\r\n"), ("LFCR", "\n\r"))
    ),
]

"""Headers, ragged rows, footers, sizes."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from tests.unit.tables.hostile.kind import ADA, GRACE, Kind, in_pieces, read, rejected, written

_HEAD = "email,first name,linkedin\n"
_ADA, _GRACE = ",".join(ADA), ",".join(GRACE)
_LIMIT = 1 << 20
_COLUMNS = 2_000


def _headed(name: str, header: str, *, sent: tuple[int, int] = (1, 1)) -> Kind:
    return read(name, f"{header}\n{_ADA}\n", ADA, sent=sent)


HEADERS = [
    *(
        read(
            f"a header after {lines} lines of preamble",
            "Report of xyzzy\n" * lines + f"{_HEAD}{_ADA}\n",
            ADA,
            header=("email", "first name", "linkedin"),
            header_line=lines + 1,
            lines=(lines + 2,),
            sent=(1, 1),
        )
        for lines in range(1, 20)
    ),
    rejected(
        "a header in line 21", "Report of xyzzy\n" * 20 + f"{_HEAD}{_ADA}\n", "no_usable_column"
    ),
    read(
        "a preamble with delimiters, quotes and an address",
        f'"Leads, of ""spring""",,\nAsk grace@example.com,,\n,,\n{_HEAD}{_ADA}\n',
        ADA,
        header_line=4,
        sent=(1, 1),
    ),
    read(
        "a preamble with a quoted cell of several lines",
        f'"Leads\nof\nspring"\n{_HEAD}{_ADA}\n',
        ADA,
        header_line=4,
        lines=(5,),
    ),
    read(
        "a preamble with one known word",
        f"Company,Xyzzy Ltd,\n{_HEAD}{_ADA}\n",
        ADA,
        header=("email", "first name", "linkedin"),
        header_line=2,
    ),
    read(
        "the same header twice: the first that is filled counts",
        "email,email,linkedin\nada@example.com,grace@example.com,\n,grace@example.com,\n",
        ("ada@example.com", "grace@example.com", ""),
        ("", "grace@example.com", ""),
        sent=(2, 0),
    ),
    read(
        "the same unknown header twice",
        f"email,x,x\n{ADA[0]},1,2\n",
        (ADA[0], "1", "2"),
        header=("email", "x", "x"),
        sent=(1, 0),
    ),
    read(
        "a column without a header",
        f"email,,linkedin\n{_ADA}\n",
        ADA,
        header=("email", "", "linkedin"),
        sent=(1, 1),
    ),
    read(
        "columns without headers at the end",
        f"email,name,,,\n{ADA[0]},Ada,,x,\n",
        (ADA[0], "Ada", "", "x", ""),
        sent=(1, 0),
    ),
    _headed("headers of spaces", "email,   ,linkedin"),
    _headed("headers with spaces around", "  email\t, first name , linkedin "),
    _headed("headers with unbreakable spaces", "\u00a0email\u00a0,first\u00a0name,linkedin"),
    _headed("headers with invisible letters", "\u200bemail,first\u2011name,\ufefflinkedin"),
    _headed("headers in capitals with underscores", "E_MAIL,FIRST_NAME,LINKEDIN"),
    _headed("headers in full-width letters", "\uff45\uff4d\uff41\uff49\uff4c,name,linkedin"),
    _headed("a header with a line end", '"e-\nmail","first\r\nname",linkedin'),
    _headed("a header in quotes after a mark", '\ufeff"email","first name","linkedin"'),
    _headed("a header that a spreadsheet would run", "email,=1+1,linkedin"),
    _headed("a header with an apostrophe before a sign", "email,'=first name,linkedin"),
    _headed("headers that are numbers", "email,2,3.5", sent=(1, 0)),
    _headed("a very long header", f"email,{'x' * 100_000},linkedin"),
    rejected("headers that are all numbers", "1,2,3\n4,5,6\n", "no_usable_column"),
    rejected("headers that nobody knows", "colour,shape\nxyzzy,round\n", "no_usable_column"),
    rejected("no header but an address", f"{_ADA}\n{_GRACE}\n", "no_header"),
    rejected(
        "no header but a profile", "Ada;Lovelace;https://www.linkedin.com/in/ada\n", "no_header"
    ),
    read("a header alone", _HEAD, header=("email", "first name", "linkedin")),
    read("a header alone without a line end", _HEAD.strip()),
    read("a header alone with blank lines after", f"{_HEAD}\n,,\n\n"),
    read(
        "a header repeated among the rows",
        f"{_HEAD}{_ADA}\n{_HEAD}{_GRACE}\n",
        ADA,
        ("email", "first name", "linkedin"),
        GRACE,
        sent=(2, 2),
    ),
]

RAGGED = [
    read("a row too short", f"{_HEAD}{ADA[0]},Ada\n{_GRACE}\n", ADA[:2], GRACE, sent=(2, 1)),
    read("a row of one cell", f"{_HEAD}{ADA[0]}\n{_GRACE}\n", ADA[:1], GRACE, sent=(2, 1)),
    read("a row too long", f"{_HEAD}{_ADA},x\n{_GRACE}\n", (*ADA, "x"), GRACE, sent=(1, 1)),
    read("a row with empty cells too many", f"{_HEAD}{_ADA},,,\n", (*ADA, "", "", ""), sent=(1, 1)),
    read("a row with blank cells too many", f"{_HEAD}{_ADA}, \n", (*ADA, " ")),
    read(
        "a row of thousands of cells",
        f"{_HEAD}{_ADA}{',x' * 5_000}\n{_GRACE}\n",
        (*ADA, *["x"] * 5_000),
        GRACE,
        sent=(1, 1),
    ),
    read(
        "every row too short",
        f"{_HEAD}{ADA[0]},x\n{GRACE[0]},x\n",
        (ADA[0], "x"),
        (GRACE[0], "x"),
        sent=(2, 0),
    ),
    read(
        "a comma that nobody quoted",
        f"{_HEAD}{ADA[0]},Lovelace, Ada,{ADA[2]}\n",
        (ADA[0], "Lovelace", " Ada", ADA[2]),
        sent=(0, 0),
    ),
    read(
        "the same person twice",
        f"{_HEAD}{_ADA}\n{_ADA.upper()}\n",
        ADA,
        tuple(map(str.upper, ADA)),
        sent=(1, 1),
    ),
]

FOOTERS = [
    read(
        "a footer of totals",
        f'{_HEAD}{_ADA}\n\n"Grand Totals (1 record)"\n\nCopyright\n',
        ADA,
        sent=(1, 1),
    ),
    read(
        "a footer of totals with delimiters", f"{_HEAD}{_ADA}\n,,\nTotal: 1,,\n", ADA, sent=(1, 1)
    ),
    read(
        "a footer without a blank line before is a row",
        f"{_HEAD}{_ADA}\nPage 1\n",
        ADA,
        ("Page 1",),
    ),
    read("a sum without a blank line before", f"{_HEAD}{_ADA}\nTotal: 1\n", ADA, sent=(1, 1)),
    read("a sum of two filled cells", f"{_HEAD}{_ADA}\n\nTotal,1,\n", ADA, sent=(1, 1)),
    read(
        "a person called Total",
        f"{_HEAD}{_ADA}\ntotal@example.com,Total,\n",
        ADA,
        ("total@example.com", "Total", ""),
        sent=(2, 1),
    ),
    read(
        "a footer that rows come after is rows",
        f"{_HEAD}{_ADA}\n\nPage 1\n{_GRACE}\n",
        ADA,
        ("Page 1",),
        GRACE,
        lines=(2, 4, 5),
        sent=(2, 2),
    ),
    read(
        "a person alone after a blank line is no footer",
        f"{_HEAD}{_ADA}\n\n{GRACE[0]},,\n",
        ADA,
        (GRACE[0], "", ""),
        sent=(2, 1),
    ),
    read(
        "a footer of two filled cells is a row",
        f"{_HEAD}{_ADA}\n\nPage,1,\n",
        ADA,
        ("Page", "1", ""),
    ),
    read("a footer after a header alone", f"{_HEAD}\nNo records\n"),
]

_FIRST_LIMITED = "x" * _LIMIT
SIZES = [
    read(
        "a cell of just the limit",
        f"email,notes\n{ADA[0]},{_FIRST_LIMITED}\n",
        (ADA[0], _FIRST_LIMITED),
    ),
    rejected("a cell just over the limit", f"email,notes\n{ADA[0]},{_FIRST_LIMITED}x\n", "too_big"),
    read(
        "a cell of just the limit in letters of three bytes",
        f"email,notes\n{ADA[0]},{'語' * _LIMIT}\n",
        (ADA[0], "語" * _LIMIT),
    ),
    rejected(
        "a header just over the limit",
        f"email,{_FIRST_LIMITED}x\n{ADA[0]},\n",
        "too_big",
    ),
    read(
        "two thousand columns",
        written(
            [("email", *(f"c{n}" for n in range(_COLUMNS - 1))), (ADA[0], *["x"] * (_COLUMNS - 1))]
        ),
        (ADA[0], *["x"] * (_COLUMNS - 1)),
        sent=(1, 0),
    ),
    rejected(
        "two thousand and one columns",
        ",".join(["email", *["c"] * _COLUMNS]) + f"\n{ADA[0]}\n",
        "too_big",
    ),
    read(
        "two thousand columns of no name", "email" + "," * (_COLUMNS - 1) + f"\n{ADA[0]}\n", ADA[:1]
    ),
    read(
        "a cell of ten thousand addresses",
        f"email\n{' '.join(f'p{n}@example.com' for n in range(10_000))}\n",
        (" ".join(f"p{n}@example.com" for n in range(10_000)),),
        sent=(1, 0),
    ),
    read(
        "ten thousand people",
        "email\n" + "".join(f"p{n}@example.com\n" for n in range(10_000)),
        *((f"p{n}@example.com",) for n in range(10_000)),
        sent=(10_000, 0),
    ),
]


def _people(rows: int) -> Iterator[bytes]:
    yield b"email,linkedin\n"
    for start in range(0, rows, 10_000):
        yield b"".join(b"p%d@b.co,in/p%d\n" % (n, n) for n in range(start, start + 10_000))


def _repeated(start: bytes, piece: bytes, times: int, end: bytes = b"") -> Iterator[bytes]:
    yield start
    for _ in range(times):
        yield piece
    yield end


_MEBIBYTE = 1 << 20
_ACCENTS = "\u0301\u0316" * 100_000
_START = b"email,notes\nada@example.com,"


def _filled(column: bytes, cell: bytes, rows: int) -> Iterator[bytes]:
    """Yield rows that each have a long cell of their own, a little different."""
    yield b"email," + column + b"\n"
    for number in range(rows):
        yield b"p%d@example.com,%s %d\n" % (number, cell, number)


HUGE = [
    Kind("a million people", lambda: _people(1_000_000), rows=1_000_000, sent=(1_000_000,) * 2),
    Kind(
        "a million rows of one letter",
        lambda: _repeated(b"email\n", b"x\n" * 10_000, 100),
        rows=1_000_000,
        cells={1_000_000: ("x",)},
        sent=(0, 0),
    ),
    Kind(
        "a line of 100 MiB in one cell",
        lambda: _repeated(_START, b"x" * _MEBIBYTE, 100, b"\n"),
        reason="too_big",
    ),
    Kind(
        "a line of 900 MiB in one cell",
        lambda: _repeated(_START, b"x" * _MEBIBYTE, 900, b"\n"),
        reason="too_big",
    ),
    Kind(
        "500 cells of 1 MiB, all different",
        lambda: _filled(b"notes", b"x" * (_MEBIBYTE - 9), 500),
        rows=500,
    ),
    Kind(
        "500 addresses of 1 MiB, all different",
        lambda: _filled(b"second email", b"x" * (_MEBIBYTE - 9), 500),
        rows=500,
    ),
    Kind(
        "five names of 300,000 doctors",
        lambda: _filled(b"full name", b"Dr " * 300_000, 5),
        rows=5,
        sent=(5, 0),
    ),
    Kind(
        "a header of 200,000 accents that want to be sorted",
        lambda: in_pieces(("email,e" + _ACCENTS + f"\n{ADA[0]},x\n").encode()),
        rows=1,
        sent=(1, 0),
    ),
    Kind(
        "a line of 100 MiB in cells of 1 KiB",
        lambda: _repeated(_START, (b"," + b"x" * 1023) * 1024, 100, b"\n"),
        reason="too_big",
    ),
    Kind(
        "a line of 20 MiB in cells of one letter",
        lambda: _repeated(_START, b",x" * (_MEBIBYTE >> 1), 20, b"\n"),
        reason="too_big",
    ),
    Kind(
        "a line of 100 MiB before any header",
        lambda: _repeated(b"", b"x" * _MEBIBYTE, 100),
        reason="too_big",
    ),
    Kind(
        "a header of 50 million columns",
        lambda: _repeated(b"email", b"," * _MEBIBYTE, 50, b"\nada@example.com\n"),
        reason="too_big",
    ),
    Kind(
        "a quote open for 300 MiB",
        lambda: _repeated(_START + b'"', b"grace@example.com,Grace\n" * 40_000, 320),
        reason="unreadable_quoting",
    ),
    Kind(
        "50 million blank lines between two rows",
        lambda: _repeated(_START + b"x\n", b"\n" * _MEBIBYTE, 48, b"grace@example.com,y\n"),
        reason="too_big",
    ),
    Kind(
        "100 MiB of blank lines alone",
        lambda: _repeated(b"", b"\n" * _MEBIBYTE, 100),
        reason="empty_file",
    ),
    Kind("over 1 GiB of zeros", lambda: _repeated(b"", bytes(_MEBIBYTE), 1100), reason="too_big"),
    Kind(
        "over 1 GiB of text",
        lambda: _repeated(_START, b"x" * 1023 + b"\n", 1100 << 10),
        reason="too_big",
    ),
    Kind(
        "over 1 GiB of UTF-16",
        lambda: _repeated(codecs.BOM_UTF16_LE, "语\n".encode("utf-16-le") * 65_536, 4400),
        reason="too_big",
    ),
]

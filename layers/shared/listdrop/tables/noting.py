"""What is said of a workbook's sheet: each a sentence or two, as a job's warning."""

from __future__ import annotations

from collections.abc import Mapping

from listdrop.models.warnings import enumerated

_SHOWN_COLUMNS = 5


def hidden(count: int) -> str:
    """Say that a sheet hides rows."""
    if count == 1:
        return (
            "The sheet hides a row (for example by a filter). It is sent too; delete it if you do "
            "not want to send it."
        )
    return (
        f"The sheet hides {count:,} rows (for example by a filter). Hidden rows are sent too; "
        "delete those that you do not want to send."
    )


def unread_links(count: int) -> str:
    """Say that cells lead to profiles by links that are not read."""
    if count == 1:
        return (
            "One cell of the sheet links to a LinkedIn profile, but Listdrop cannot read the link: "
            "put the address into a separate column."
        )
    return (
        f"{count:,} cells of the sheet link to LinkedIn profiles, but Listdrop cannot read the "
        "links: put the addresses into a column of their own."
    )


def without_results(counts: Mapping[int, int]) -> str:
    """Say in which columns there are formulas without results; `counts` is by column."""
    count = sum(counts.values())
    columns = sorted(counts)
    named = list(map(_letters, columns[:_SHOWN_COLUMNS]))
    if len(columns) > _SHOWN_COLUMNS:
        named.append(f"{len(columns) - _SHOWN_COLUMNS} more")
    where = f"in column{'' if len(columns) == 1 else 's'} {enumerated(named)}"
    if count == 1:
        said = f"One cell {where} has a formula whose result is not in the file."
    else:
        said = f"{count:,} cells {where} have formulas whose results are not in the file."
    return f"{said} Open the file in your spreadsheet program, save it, and drop it again."


def _letters(column: int) -> str:
    """Return a column's name in a spreadsheet: A, B, ..., AA."""
    letters = ""
    while column:
        column, place = divmod(column - 1, 26)
        letters = f"{chr(65 + place)}{letters}"
    return letters

"""Small files in the shape of trouble that people reported of importers, and what is right.

`tables/*.toml` says it: one entry a file, by its name in `files/`. Members of an entry:

- `kind`: files of one kind break the same rule; a fix is for the kind.
- `right`: the same in words.
- `by`: what rows are upserted by: `email`, `linkedin`, or `any` (the default: either).
- `route`: members of the route; `suppression = true`: the file is a suppression list.
- `rejected`: the reasons that the whole file may be rejected for (alone: it has to be), and
  `says`: words that the sentence has to hold.
- `sent`: how many rows are sent, or their numbers; `suppressed`, `invalid`: numbers of rows.
- `rows`: fields by row number; a field that is `""` is not there.
- `padded`: how many rows had too few cells; `tags`: the tags by row number.
- `warned`: the warning by row number; `never`: texts that no row that is sent may hold.
- `alarms`: the warnings of the job, each once.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import orjson
import pytest

from listdrop.cells.tags import tag_list
from tests.cases.reading import FILES, Read, read_case

TABLES = sorted((Path(__file__).parent / "tables").glob("*.toml"))
CASES: dict[str, dict[str, Any]] = {
    name: case for table in TABLES for name, case in tomllib.loads(table.read_text("utf-8")).items()
}


def test_every_file_has_its_entry() -> None:
    assert {path.name for path in FILES.iterdir() if path.name != ".gitattributes"} == set(CASES)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_case_is_read_right(name: str) -> None:
    case = CASES[name]
    content = (FILES / name).read_bytes()
    if case.get("suppression"):
        check_list(case, content)
        return
    found = read_case(content, name, by=case.get("by", "any"), route=case.get("route"))
    if "rejected" in case and (found.rejected or len(case) <= 4):
        assert found.rejected in case["rejected"]
        assert all(word in found.text for word in case.get("says", ()))
        return
    assert not found.rejected, found.text
    check_rows(case, found)


def check_rows(case: dict[str, Any], found: Read) -> None:
    if "sent" in case:
        wanted = case["sent"]
        assert (
            len(found.sent) == wanted if isinstance(wanted, int) else sorted(found.sent) == wanted
        )
    for outcome in ("suppressed", "invalid"):
        if outcome in case:
            rows = [row for row, (said, _) in found.settled.items() if said == outcome]
            assert sorted(rows) == case[outcome]
    if "padded" in case:
        assert list(found.warnings.values()).count("row_padded") == case["padded"]
    if "alarms" in case:
        assert sorted(found.alarms) == case["alarms"]
    for number, fields in case.get("rows", {}).items():
        sent = found.sent[int(number)]
        assert {name: sent.get(name, "") for name in fields} == fields, f"row {number}"
    for number, tags in case.get("tags", {}).items():
        assert tag_list(found.sent[int(number)]["tags"]) == tags, f"row {number}"
    for number, warning in case.get("warned", {}).items():
        assert found.warnings.get(int(number)) == warning, f"row {number}"
    if "alarms" in case:
        assert sorted(found.alarms) == case["alarms"]
    text = orjson.dumps(list(found.sent.values())).decode()
    for word in case.get("never", ()):
        assert word not in text


def check_list(case: dict[str, Any], content: bytes) -> None:
    """Ask of a suppression list whom it blocks: `blocks` and `spares` are addresses."""
    people = [*case["blocks"], *case["spares"]]
    upload = "\n".join(["Email", *people]).encode()
    found = read_case(upload, "people.csv", suppression=content)
    blocked = [people[row - 1] for row, (said, _) in found.settled.items() if said == "suppressed"]
    assert sorted(blocked) == sorted(case["blocks"])

"""A route's suppression list: whom it names, and that nobody of them is sent."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from listdrop.errors import UploadRejectedError
from listdrop.models import Job, JobState, Json, Prospect
from listdrop.prospects.columns import map_columns
from listdrop.prospects.mapping import Mapper
from listdrop.prospects.suppression import SuppressionList, read_suppression_list
from listdrop.providers.preparing import required_profile
from listdrop.providers.routing import parse_route
from listdrop_cli.app import app
from tests.support.containers import zipped
from tests.support.providers import ToyProvider
from tests.support.world import World, outcomes_of, route_to

LIST = "suppression/never.csv"
PEOPLE = (
    ("ada@example.com", "https://www.linkedin.com/in/ada"),
    ("BO@Example.org", "linkedin.com/in/Bo-1/"),
    ("cy@else.example", "in/cy"),
)
"""Rows 0, 1 and 2 of an upload."""


def workbook(*rows: list[str]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(file)
    return file.getvalue()


def named_by(found: SuppressionList) -> list[int]:
    """Which of the people are on a list."""
    mapped = Mapper(map_columns(["Email", "LinkedIn"], {})).map(PEOPLE)
    return sorted(set(found.places(mapped)))


def test_an_address_with_marks_or_entities_is_the_same_in_a_list_and_in_an_upload() -> None:
    for cell in ("=o'neil@example.com", "o&#39;neil@example.com", "%20o'neil@example.com"):
        found = read_suppression_list([f"Email\n{cell}\n".encode()])
        mapped = Mapper(map_columns(["Email"], {})).map([[cell], ["neil@example.com"]])
        assert list(found.places(mapped)) == [0]


@pytest.mark.parametrize(
    "entry", ["münchen.example", "@xn--mnchen-3ya.example", "a@münchen.example"]
)
@pytest.mark.parametrize("email", ["a@münchen.example", "a@xn--mnchen-3ya.example"])
def test_a_domain_is_the_same_in_letters_and_in_ascii(entry: str, email: str) -> None:
    found = read_suppression_list([f"Email\n{entry}\n".encode()])

    mapped = Mapper(map_columns(["Email"], {})).map([[email], ["a@munchen.example"]])

    assert list(found.places(mapped)) == [0]


@pytest.mark.parametrize(
    ("content", "places"),
    [
        (b"Email\nada@example.com\nsomebody@else.example\n", [0]),
        (b"Name;E-Mail-Adresse\nBo;bo@EXAMPLE.org\n", [1]),
        *(
            (f"Email\n{mark}ada@example.com\n".encode(), [0])
            for mark in ("=", "+", "/", "%20", "#", "'=", "&nbsp;")
        ),
        (b"Email\nada&#64;example.com\n", [0]),
        (b"Email\n&lt;bo@example.org&gt;\n", [1]),
        (b"LinkedIn URL\nhttps://uk.linkedin.com/in/ADA/?x=1\nin/bo-1\n", [0, 1]),
        (b"Email,LinkedIn\nada@example.com,\n,linkedin.com/in/cy\n", [0, 2]),
        (b"Email,Personal Email\nx@x.example,ada@example.com\n", [0]),
        (b"Domain\nexample.com\nelse.example\n", [0, 2]),
        (b"Website\nhttps://www.example.com/about\nwww.else.example\n", [0, 2]),
        (b"Email,Website\nada@example.com,example.org\n", [0]),
        (b"Email\n@example.org\n", [1]),
        (b"Email\n*@example.org\n", [1]),
        (b"Email\nexample.org\n", [1]),
        (b"ada@example.com\ncy@else.example\n", [0, 2]),
        (b"ada@example.com,Ada\nbo@example.org,Bo\n", [0, 1]),
        (b"example.com;Acme\nelse.example;Other\n", [0, 2]),
        (b"@example.com\n*@else.example\n", [0, 2]),
        (b"linkedin.com/in/ada\nin/cy\n", [0, 2]),
        (b"Emial adress,Since\nbo@example.org,2026\n", [1]),
        (b"Our list\nbo@example.org\n", [1]),
        (b"\xef\xbb\xbfEmail\r\nada@example.com\r\n", [0]),
        ("Email\tName\r\nada@example.com\té\r\n".encode("utf-16"), [0]),
        (b"Email\n<mailto:ada@example.com>\n", [0]),
        (b"Email\n\"Ada Lovelace <ada@example.com>\"\n'bo@example.org'\n", [0, 1]),
        (b'Email\n"ada@example.com; bo@example.org, @else.example"\n', [0, 1, 2]),
        (b'LinkedIn\n"in/ada; in/cy"\n', [0, 2]),
        (gzip.compress(b"Email\nada@example.com\n", mtime=0), [0]),
        (workbook(["Name", "Email"], ["Ada", "ada@example.com"], ["", "bo@example.org"]), [0, 1]),
        (workbook(["cy@else.example"]), [2]),
    ],
)
def test_a_list_of_any_form_names_its_people(content: bytes, places: list[int]) -> None:
    assert named_by(read_suppression_list([content])) == places


@pytest.mark.parametrize(
    "content",
    [
        b"Email\nada@example.org\nada@example.com.example\nxada@example.com\n",
        b"Email\n@ample.com\n@mail.example.com\n",
        b"Email,Company\nx@x.example,example.com\n",
        b"LinkedIn\nlinkedin.com/in/ada-2\n",
    ],
)
def test_nobody_else_is_named(content: bytes) -> None:
    assert named_by(read_suppression_list([content])) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Email\n",
        b"Email\nn/a\n\n",
        b"Name,Company\nAda,Acme\n",
        b"LinkedIn\nhttps://www.linkedin.com/company/acme\n",
        b"https://www.linkedin.com/sales/lead/ACwAA,NAME\n",
        b"\x00\x01\x02",
        b'Email\n"never closed\n',
        b"PK\x03\x04",
        gzip.compress(b"Email\nada@example.com\n", mtime=0)[:-4],
    ],
)
def test_a_list_that_names_nobody_is_a_bad_route(content: bytes) -> None:
    with pytest.raises(UploadRejectedError, match="suppression list") as rejected:
        read_suppression_list([content])
    assert rejected.value.reason == "bad_route"
    assert rejected.value.text.endswith(".")


WILDCARDS = [
    "%@example.com", "*@example.com", ".*@example.com", "^.*@example\\.com$", "||example.com^",
    "@example.com", "*.example.com", ".example.com", "example.com", "*@*.example.com",
    "%@%.example.com", "http://example.com/", "*://*.example.com/*", "EXAMPLE.COM.",
    "'@example.com'",
    "example.com:443", "%.example.com", "@example.com^",
]  # fmt: skip


@pytest.mark.parametrize("header", ["Email", "Domain", "Blocked"])
@pytest.mark.parametrize("entry", WILDCARDS)
def test_a_domain_is_understood_as_other_tools_write_it(entry: str, header: str) -> None:
    content = f"{header}\nsomebody@else.test\n{entry}\n"
    assert named_by(read_suppression_list([content.encode()])) == [0]


@pytest.mark.parametrize("entry", ["*.ru", ".ru", "||ru^", "%.ru"])
def test_all_that_ends_alike_may_be_blocked(entry: str) -> None:
    mapped = Mapper(map_columns(["Email"], {})).map([["ada@mail.example.ru"], ["bo@example.com"]])
    found = read_suppression_list([f"Email\n{entry}\n".encode()])
    assert list(found.places(mapped)) == [0]


NO_ENTRIES = [
    "ada*@example.com", "ada@*", "@example.*", "*@*", "@com", "ada(at)example.com",
    "ada@@example.com",
    "/^ada/", "%", "ada@localhost", "John Smith", "acme", "linkedin.com/company/acme", "*foo bar",
    "*@exa*mple.com", "192.168.1.1", "*@*.ru", "*ru", "ada@example.com bo@", "||||",
]  # fmt: skip


@pytest.mark.parametrize("header", ["Email,Name", "LinkedIn,Name", "Our own list,Name"])
@pytest.mark.parametrize("entry", NO_ENTRIES)
def test_an_entry_that_is_not_understood_is_named_by_its_line(entry: str, header: str) -> None:
    content = f"{header}\nbo@example.org,Bo\n\n{entry},\ncy@else.example,Cy\n"

    with pytest.raises(UploadRejectedError) as rejected:
        read_suppression_list([content.encode()])

    assert rejected.value.reason == "bad_route"
    assert "line 4 " in rejected.value.text.lower()
    assert entry not in rejected.value.text


@pytest.mark.parametrize(
    ("content", "places"),
    [
        (b"Email,Domain\nbo@example.org,\n,example.com\n", [0, 1]),
        (b"Email,Domain\nbo@example.org,example.com\n", [1]),
        (b"Name,Email,Added\nBooking.com,bo@example.org,01.02.2024\n", [1]),
        (b"Name,Email\nBo,\nAda,ada@example.com\n", [0]),
        (b"bo@example.org,Booking.com,2024-01-02\n", [1]),
        (b"bo@example.org,01/02/2024,n/a\n", [1]),
        (b"bo@example.org,Bo Example\n,example.com\n", [0, 1]),
        (b"Blocked\n# from the old tool\nbo@example.org\n", [1]),
        (b"bo@example.org (bounced in 2024)\n", [1]),
        (b"example.com Acme Inc.\nbo@example.org\n", [0, 1]),
        (b"Email,Name\nada@example.com,Ada\n\n%@else.example,\n", [0, 2]),
        ("Email\nBO\uff20example.org\n".encode(), [1]),
        (b"Email\nada@example.com|bo@example.org\n", [0, 1]),
        (b"Email\n||else.example^|bo@example.org\n", [1, 2]),
        (b"Domain,Company,Since\nelse.example,Acme,2024\n", [2]),
    ],
)
def test_only_cells_that_may_hold_entries_are_asked_for_them(
    content: bytes, places: list[int]
) -> None:
    assert named_by(read_suppression_list([content])) == places


@pytest.mark.parametrize(
    ("entry", "email", "is_named"),
    [
        ("@example.com", "ada@mail.example.com", True),
        ("@mail.example.com", "ada@example.com", False),
        ("@ample.com", "ada@example.com", False),
    ],
)
def test_a_domain_stands_for_its_parts_too(
    entry: str, email: str, is_named: bool
) -> None:  # a case
    mapped = Mapper(map_columns(["Email"], {})).map([[email]])
    assert bool(list(SuppressionList([entry]).places(mapped))) == is_named


# ---------------------------------------------------------------- jobs


class ByProfile(ToyProvider):
    """Upserts by profile, as Kakiyo and Waalaxy do."""

    def prepare(self, prospect: Prospect) -> tuple[str, Json]:
        return required_profile(prospect), {"url": prospect.fields["linkedin_url"]}


def listed(kind: type[ToyProvider] = ToyProvider, content: bytes | None = None) -> World:
    """A world whose route has a list."""
    world = World(kind, route=route_to(suppression_list=LIST))
    if content is not None:
        world.uploads.put(LIST, content)
    return world


def is_rejected(world: World, job: Job) -> bool:
    return (job.state, job.reason) == (JobState.REJECTED, "bad_route") and not world.script.asked


def test_who_is_on_the_list_is_suppressed_and_the_others_go() -> None:
    world = listed(content=b"Email\nbo@example.com\n@else.example\n")

    job = world.process(
        b"Email,First name\nada@example.com,Ada\nBo@example.com,Bo\ncy@else.example,Cy\n"
    )

    assert outcomes_of(world.outcomes(job)) == ["confirmed", "suppressed", "suppressed"]
    assert world.outcomes(job)[2].reason == "opted_out"
    assert "suppression list" in world.outcomes(job)[2].reason_text
    assert world.script.sent_rows == {1: 1}
    assert job.state is JobState.SUCCEEDED


def test_who_is_on_the_list_is_not_sent_from_another_row_either() -> None:
    world = listed(ByProfile, b"Email\nada@example.com\n")

    job = world.process(
        b"Email,LinkedIn\nada@example.com,in/ada\n,in/ada\nbo@example.com,in/bo\nADA@example.com,in/bo\n"
    )

    assert outcomes_of(world.outcomes(job)) == [
        "suppressed", "duplicate", "suppressed", "suppressed",
    ]  # fmt: skip
    assert world.outcomes(job)[2].reason == "duplicate_of_row_1"
    assert not world.script.sent_rows


def test_an_invalid_row_of_somebody_on_the_list_is_suppressed() -> None:
    world = listed(ByProfile, b"Email\nada@example.com\n")

    job = world.process(b"Email,LinkedIn\nada@example.com,\nbo@example.com,\n")

    assert outcomes_of(world.outcomes(job)) == ["suppressed", "invalid"]


def test_the_list_counts_as_it_is_when_the_file_comes() -> None:
    world = listed(content=b"Email\nbo@example.com\n")
    first = world.process(b"Email\nada@example.com\n")
    world.uploads.put(LIST, b"Email\nada@example.com\n")

    second = world.process(b"Email\nada@example.com\nbo@example.com\n", "b.csv")

    assert outcomes_of(world.outcomes(first)) == ["confirmed"]
    assert outcomes_of(world.outcomes(second)) == ["suppressed", "confirmed"]


@pytest.mark.parametrize("content", [None, b"", b"Email\n", b"\x00", b"Name\nAda\n"])
def test_a_list_that_cannot_be_used_rejects_the_job_and_sends_nothing(
    content: bytes | None,
) -> None:
    world = listed(content=content)

    job = world.process(b"Email\nada@example.com\n")

    assert is_rejected(world, job)
    assert job.reason_text.endswith(".")


def test_a_broken_list_rejects_every_table_of_an_archive() -> None:
    world = listed()
    content = zipped({"a.csv": b"Email\nada@example.com\n", "b.csv": b"Email\nbo@example.com\n"})

    job_ids = world.submit(world.uploads.put("inbox/spring/both.zip", content))
    jobs = [world.run(world.jobs.get(job_id)) for job_id in job_ids]

    assert [is_rejected(world, job) for job in jobs] == [True, True]


# ---------------------------------------------------------------- the route, and `check`


def route_json(suppression_list: object) -> str:
    destinations = [{"provider": "activecampaign"}]
    return json.dumps({"destinations": destinations, "suppression_list": suppression_list})


def test_a_route_names_a_list_in_its_folder() -> None:
    assert parse_route("r", route_json("suppression/a b.csv")).suppression_list == (
        "suppression/a b.csv"
    )
    assert parse_route("r", route_json(None)).suppression_list is None


@pytest.mark.parametrize(
    "key", ["", "never.csv", "suppression/", "inbox/suppression/a.csv", "/suppression/a.csv", 7]
)
def test_a_list_from_anywhere_else_is_a_bad_route(key: object) -> None:
    with pytest.raises(UploadRejectedError, match="suppression_list") as rejected:
        parse_route("r", route_json(key))
    assert rejected.value.reason == "bad_route"


def checked(tmp_path: Path, *options: str) -> tuple[int, str]:
    (tmp_path / "route.json").write_text(route_json(LIST), "utf-8")
    (tmp_path / "people.csv").write_text("Email\nada@example.com\nbo@example.com\n", "utf-8")
    files = [str(tmp_path / "people.csv"), "--route", str(tmp_path / "route.json")]
    shown = CliRunner().invoke(app, ["check", *files, *options])
    return shown.exit_code, shown.output


def test_check_applies_a_list_that_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "never.csv").write_text("bo@example.com\n", "utf-8")

    code, shown = checked(tmp_path, "--suppression-list", str(tmp_path / "never.csv"))

    assert code == 0
    assert "1 row to send" in shown
    assert "not sent: 1 suppressed" in shown
    assert "row 2 (line 3): suppressed, opted_out" in shown
    assert "not applied" not in shown


def test_check_says_that_the_route_has_a_list_that_it_was_not_given(tmp_path: Path) -> None:
    code, shown = checked(tmp_path)

    assert code == 0
    assert f"list {LIST} is not applied here" in shown
    assert "2 rows to send" in shown


def test_check_refuses_a_list_that_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "never.csv").write_text("Name\nAda\n", "utf-8")

    code, shown = checked(tmp_path, "--suppression-list", str(tmp_path / "never.csv"))

    assert code == 2
    assert "suppression list" in shown

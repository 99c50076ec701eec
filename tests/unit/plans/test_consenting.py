"""Consent in a job: who is suppressed, and what is said about what nobody understands."""

from __future__ import annotations

import json

import pytest

from listdrop.errors import UploadRejectedError
from listdrop.models import Job, Outcome
from listdrop.providers.routing import parse_route
from tests.support.containers import rows_as_csv, zipped
from tests.support.providers import Bulk, ByProfile, ToyProvider
from tests.support.world import World, outcomes_of, route_to


def jobs_of(tables: dict[str, bytes], kind: type[ToyProvider] = ToyProvider) -> dict[str, Job]:
    """Drop an archive; returns its jobs by table."""
    world = World(kind)
    ids = world.submit(world.uploads.put("inbox/spring/both.zip", zipped(tables)))
    jobs = [world.run(world.jobs.get(job_id)) for job_id in ids]
    return {job.upload.table: job for job in jobs}


def codes(job: Job) -> list[str]:
    return [warning.code for warning in job.warnings]


def text_of(*rows: tuple[str, ...], header: tuple[str, ...] = ("Email", "Newsletter")) -> str:
    """Return the warning about a column."""
    job = World().process(rows_as_csv(header, *rows))
    (warning,) = job.warnings
    assert warning.code == "unclear_consent"
    return warning.text


# ---------------------------------------------------------------- not understood


def test_what_is_not_understood_is_sent_and_told() -> None:
    world = World()

    job = world.process(
        rows_as_csv(
            ("Email", "Zustimmung"),
            ("a@example.com", "ja"),
            ("b@example.com", "vielleicht"),
            ("c@example.com", "nein"),
            ("d@example.com", ""),
        )
    )

    outcomes = outcomes_of(world.outcomes(job))
    assert outcomes == ["confirmed", "confirmed", "suppressed", "confirmed"]
    assert job.state == "succeeded"
    assert codes(job) == ["unclear_consent"]
    assert job.warnings[0].text == (
        'The column "Zustimmung" is about consent, but Listdrop does not understand this: '
        '"vielleicht". The rows concerned are sent.'
    )
    published = world.notices.published[0]
    assert published.attributes["warnings"] == 1
    assert "vielleicht" in published.message
    assert "vielleicht" in published.text


@pytest.mark.parametrize(
    ("value", "is_quoted"),
    [
        ("Mary", False),
        ("ask Wilhelmina Canaryson", False),
        ("per Percy", False),
        ("by O'Neil", False),
        ("(Mary)", False),
        ("asked İpek", False),
        ("王小明", False),
        ("Maybe", True),
        ("Vielleicht später", True),
        ("PENDING", True),
        ("Not asked", True),
        ("xyzzy", True),
        ("wave 2", True),
    ],
)
def test_what_may_be_anybody_s_name_is_not_quoted(value: str, is_quoted: bool) -> None:
    text = text_of(("a@example.com", value), ("b@example.com", "yes"))

    assert (value in text) is is_quoted
    assert is_quoted or "1 value." in text


def test_a_route_may_suppress_what_is_not_understood() -> None:
    world = World(route=route_to(unclear_consent="suppress"))

    job = world.process(
        rows_as_csv(
            ("Email", "Zustimmung", "Permission"),
            ("a@example.com", "ja", ""),
            ("b@example.com", "vielleicht", ""),
            ("c@example.com", "ja", "yes"),
            ("nobody", "vielleicht", ""),
        )
    )

    outcomes = world.outcomes(job)
    assert outcomes_of(outcomes) == ["confirmed", "suppressed", "suppressed", "suppressed"]
    assert outcomes[2].reason == "opted_out"
    assert "not understood" in outcomes[2].reason_text
    assert codes(job) == ["unclear_consent"] * 2
    assert all("are not sent" in warning.text for warning in job.warnings)


@pytest.mark.parametrize("value", ["send", "", None, True, "Warn"])
def test_a_route_warns_or_suppresses_and_nothing_else(value: object) -> None:
    route = {"destinations": [{"provider": "activecampaign"}], "unclear_consent": value}
    with pytest.raises(UploadRejectedError, match="unclear_consent"):
        parse_route("r", json.dumps(route))


def test_what_an_opt_out_says_and_nobody_understands_is_not_sent_and_told() -> None:
    text = text_of(("a@example.com", "xyzzy"), ("b@example.com", "no"), header=("Email", "Opt out"))
    assert text.endswith('"xyzzy". The rows concerned are not sent.')


def test_a_file_that_is_understood_has_no_warnings() -> None:
    job = World().process(
        rows_as_csv(
            ("Email", "Newsletter", "Status", "Unsub reason", "Do not call"),
            ("a@example.com", "yes", "Open - later", "", "yes"),
            ("b@example.com", "", "xyzzy", "too many", ""),
        )
    )
    assert job.warnings == ()


# ---------------------------------------------------------------- nobody's data


@pytest.mark.parametrize(
    "value",
    [
        "Ada Lovelace", "ADA", "ada@example.com", "+44 20 7946 0011", "1234567", "Karen Smith",
        "https://example.com/x", "asked at the fair in Leeds on a Monday", "Engine Works", "x" * 40,
    ],
)  # fmt: skip
def test_a_value_that_may_be_somebody_s_is_counted_and_not_shown(value: str) -> None:
    header = ("Email", "First Name", "Last Name", "Company", "Consent")
    row = ("ada@example.com", "Ada", "Lovelace", "Engine Works", value)
    job = World().process(rows_as_csv(header, row, ("bo@example.com", "Bo", "B", "C", "vague")))

    told = " ".join(warning.text for warning in job.warnings)
    assert value not in told
    if "@" not in value and "://" not in value:
        assert '"vague" and 1 more value.' in told


def test_few_values_are_shown_and_none_of_many() -> None:
    few = text_of(*((f"a{n}@example.com", f"word{'x' * n}") for n in range(6)))
    assert few.count('"word') == 4
    assert "and 2 more values" in few
    many = text_of(
        *((f"a{n}@example.com", f"word{'x' * n}") for n in range(19)),
        *((f"b{n}@example.com", f"more{'x' * n}") for n in range(19)),
    )
    assert '"word' not in many
    assert "over 20 values" in many


def test_an_odd_header_is_called_by_its_number() -> None:
    text = text_of(("a@example.com", "vague"), header=("Email", "Newsletter of ada@example.com"))
    assert text.startswith("Column 2 is about consent")


def test_many_such_columns_are_counted() -> None:
    header = ("Email", *(f"Newsletter {name}" for name in "abcdefgh"))
    job = World().process(rows_as_csv(header, ("a@example.com", *["vague"] * 8)))

    assert codes(job) == ["unclear_consent"] * 6
    assert job.warnings[-1].text == "The same applies to other columns: 3 more."
    assert len(str(job.warnings)) < 2048


# ---------------------------------------------------------------- lists


def test_a_list_of_unsubscribed_people_says_so() -> None:
    world = World()

    job = world.process(rows_as_csv(("Email",), ("a@example.com",)), "désinscrits 2025.csv")

    assert (job.state, job.reason) == ("succeeded", "unsubscribed_list")
    assert codes(job) == ["unsubscribed_list"]
    assert world.outcomes(job)[1].outcome is Outcome.SUPPRESSED
    published = world.notices.published[0]
    assert published.attributes["warnings"] == 1
    assert "0 of 1 row in, a list of people" in published.subject
    assert "rename the file" in published.text
    assert '"reason":"unsubscribed_list"' in published.message


def test_a_name_that_says_the_opposite_is_no_such_list() -> None:
    job = World().process(
        rows_as_csv(("Email",), ("a@example.com",)), "leads without unsubscribed.csv"
    )
    assert (job.counts["confirmed"], job.reason, job.warnings) == (1, "", ())


@pytest.mark.parametrize("is_first", [True, False])
def test_people_of_an_archives_list_are_suppressed_in_its_other_tables(*, is_first: bool) -> None:
    people = rows_as_csv(("Email",), ("Ada@example.com",), ("bo@example.com",))
    listed = rows_as_csv(("Name", "E-Mail"), ("Ada", "ada@example.com"), ("", ""))
    tables = {"people.csv": people, "unsubscribed.csv": listed}
    jobs = jobs_of(dict(sorted(tables.items(), reverse=is_first)))

    assert jobs["people.csv"].counts["suppressed"] == 1
    assert jobs["people.csv"].counts["confirmed"] == 1
    assert jobs["people.csv"].warnings == ()
    assert codes(jobs["unsubscribed.csv"]) == ["unsubscribed_list"]


@pytest.mark.parametrize(
    "listed",
    [
        b"LinkedIn\nlinkedin.com/in/ada\n",
        b"Email,Profile URL\n,https://www.linkedin.com/in/Ada/\n",
        b"https://www.linkedin.com/in/ada\n",
    ],
)
def test_they_are_found_by_their_profile_too(listed: bytes) -> None:
    people = rows_as_csv(("LinkedIn",), ("in/ada",), ("in/bo",))
    jobs = jobs_of({"people.csv": people, "bounces/all.csv": listed}, ByProfile)
    assert jobs["people.csv"].counts["suppressed"] == 1
    assert jobs["people.csv"].counts["confirmed"] == 1


def test_a_list_without_a_header_counts_and_one_without_people_does_no_harm() -> None:
    people = rows_as_csv(("Email",), ("ada@example.com",), ("bo@example.com",))
    jobs = jobs_of(
        {
            "Abmeldungen.txt": b"ada@example.com\n",
            "people.csv": people,
            "unsubscribed empty.csv": b"Email\n",
        }
    )
    assert jobs["people.csv"].counts["suppressed"] == 1
    assert jobs["people.csv"].counts["confirmed"] == 1


def test_nothing_is_sent_past_a_list_of_an_archive_that_cannot_be_read() -> None:
    people = rows_as_csv(("Email",), ("ada@example.com",))
    jobs = jobs_of({"people.csv": people, "unsubscribed.csv": b'Email\n"never closed\n'})
    assert {job.state for job in jobs.values()} == {"rejected"}
    assert jobs["people.csv"].reason == "bad_archive"
    assert "list of people who opted out" in jobs["people.csv"].reason_text


def test_an_archive_may_itself_be_such_a_list() -> None:
    world = World()
    content = zipped({"a.csv": rows_as_csv(("Email",), ("ada@example.com",))})
    ids = world.submit(world.uploads.put("inbox/spring/unsubscribes.zip", content))
    job = world.run(world.jobs.get(ids[0]))
    assert (job.counts["suppressed"], job.reason) == (1, "unsubscribed_list")


def test_a_column_of_ours_says_nothing_about_consent() -> None:
    job = World().process(
        rows_as_csv(
            ("Email", "listdrop_outcome"), ("a@example.com", "invalid"), ("b@a.example", "x")
        )
    )
    assert (job.counts["confirmed"], job.warnings) == (2, ())


# ---------------------------------------------------------------- of a person with several rows


HEADER = ("Email", "LinkedIn URL", "Opt out")
ADA = ("ada@example.com", "https://www.linkedin.com/in/ada")
BO = ("bo@example.com", "https://www.linkedin.com/in/bo")


def person_rows(*said: str) -> list[tuple[str, ...]]:
    """Rows of one person, each with what it says of opting out."""
    return [(*ADA, each) for each in said]


@pytest.mark.parametrize("kind", [ToyProvider, ByProfile])
@pytest.mark.parametrize(
    ("said", "outcomes"),
    [
        (("", "yes"), ["suppressed", "suppressed"]),
        (("", "", "yes"), ["suppressed", "duplicate", "suppressed"]),
        (("yes", ""), ["suppressed", "duplicate"]),
        (("", "yes", ""), ["suppressed", "suppressed", "duplicate"]),
        (("yes", "yes"), ["suppressed", "suppressed"]),
        (("", "no"), ["confirmed", "duplicate"]),
    ],
)
def test_who_opts_out_in_any_row_is_sent_in_none(
    kind: type[ToyProvider], said: tuple[str, ...], outcomes: list[str]
) -> None:
    world = World(kind)

    job = world.process(rows_as_csv(HEADER, *person_rows(*said), (*BO, "")))

    assert outcomes_of(world.outcomes(job)) == [*outcomes, "confirmed"]
    sent = [row.row for asked in world.script.of("send") for row in asked.batch.rows]  # type: ignore[union-attr] # of a send
    assert sent == ([1] if "confirmed" in outcomes else []) + [len(said) + 1]


def test_a_row_says_that_a_later_one_suppressed_it() -> None:
    world = World()

    job = world.process(rows_as_csv(HEADER, *person_rows("", "yes")))

    first = world.outcomes(job)[1]
    assert (first.reason, first.reason_text) == (
        "opted_out", "A later row of the same person says so.",
    )  # fmt: skip


def test_a_later_row_is_heeded_however_far_away_it_is() -> None:
    world = World(Bulk)
    others = [(f"p{n}@example.com", f"https://www.linkedin.com/in/p{n}", "") for n in range(3_000)]

    job = world.process(rows_as_csv(HEADER, (*ADA, ""), *others, (*ADA, "unsubscribed")))

    assert job.counts["suppressed"] == 2
    assert world.outcomes(job)[1].outcome is Outcome.SUPPRESSED
    assert job.counts["confirmed"] == 3_000


def test_an_earlier_row_without_the_address_on_the_route_s_list_is_found_by_its_profile() -> None:
    world = World(ByProfile, route=route_to(suppression_list="suppression/all.csv"))
    world.uploads.put("suppression/all.csv", b"Email\r\nada@example.com\r\n")

    job = world.process(rows_as_csv(HEADER[:2], ("", ADA[1]), ADA, BO))

    assert outcomes_of(world.outcomes(job)) == ["suppressed", "suppressed", "confirmed"]


@pytest.mark.parametrize(
    ("header", "value", "shown"),
    [
        ("Info", "Not interested", '"Not interested"'),
        ("Updates", "No", '"No"'),
    ],
)
def test_a_column_that_may_be_about_anything_is_not_said_to_be_about_consent(
    header: str, value: str, shown: str
) -> None:
    assert text_of(("a@example.com", value), header=("E-mail", header)) == (
        f'The column "{header}" may say something about consent, which Listdrop does not '
        f"understand: {shown}. The rows concerned are sent."
    )


# ---------------------------------------------------------------- beside addresses

OPEN_BESIDE = [
    "{} (opted out by phone)", "Blocked Drains Ltd <{}>", "Mary Jones unsubscribed <{}>",
    "{} bounced; other@example.com", "{} (abgemeldet per Telefon)", "Désabonné Médias <{}>",
]  # fmt: skip


@pytest.mark.parametrize("cell", OPEN_BESIDE)
def test_what_stands_beside_addresses_is_told_by_its_rows(cell: str) -> None:
    rows = [(cell.format(f"p{number}@example.com"), "") for number in (1, 2)]
    text = text_of(("a@example.com", ""), *rows, ("b@example.com", ""), rows[0])
    assert text == (
        'The column "Email" may say something about consent beside addresses, which Listdrop does '
        "not understand: see rows 2, 3 and 5. They are sent."
    )


def test_what_stands_beside_one_address_or_profile_is_told_by_its_row() -> None:
    text = text_of(("a@example.com", ""), (OPEN_BESIDE[0].format("b@example.com"), ""))
    assert text.endswith("does not understand: see row 2. It is sent.")
    header = ("Email", "LinkedIn URL")
    text = text_of(("a@example.com", "linkedin.com/in/a (not interested)"), header=header)
    assert text == (
        'The column "LinkedIn URL" may say something about consent beside addresses, which '
        "Listdrop does not understand: see row 1. It is sent."
    )


@pytest.mark.parametrize("rows", [9, 3_000])
def test_of_many_such_rows_the_first_are_named(rows: int) -> None:
    cells = [(OPEN_BESIDE[0].format(f"p{number}@example.com"), "") for number in range(rows)]
    text = text_of(("a@example.com", ""), *cells)
    assert text.endswith(f"see rows 2, 3, 4, 5, 6 and {rows - 5:,} more. They are sent.")


def test_such_rows_are_not_sent_if_the_route_says_so() -> None:
    world = World(route=route_to(unclear_consent="suppress"))
    job = world.process(rows_as_csv(("Email",), (OPEN_BESIDE[0].format("a@example.com"),)))
    assert [warning.text[-24:] for warning in job.warnings] == ["see row 1. It is not sent."[-24:]]

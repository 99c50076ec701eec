"""`route`: routes are checked before they are written, and shown as they were."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.stub import ANY, Stubber
from typer.testing import Result

from listdrop.errors import NoAnswerError, UploadRejectedError
from listdrop.jobs.route_checks import MOST_BYTES, STANDARD_BYTES
from listdrop.models import Choices, JobColumns
from listdrop.providers import REGISTRY
from listdrop.providers.base import Rates
from tests.support.world import World, csv_of
from tests.unit.cli.faked_target import FakedTarget, client_of, run, stubbed
from tools import limits

SPRING = "/listdrop/routes/spring"
MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_routes_are_listed_with_where_they_go_or_why_nowhere() -> None:
    texts = {
        "spring": '{"destinations": [{"provider": "waalaxy", "prospect_list_id": "x"}]}',
        "broken": '{"destinations": [{"provider": "hubspot"}]}',
    }
    found = [
        {"Name": f"/listdrop/routes/{name}", "Value": text, "LastModifiedDate": MOMENT}
        for name, text in texts.items()
    ]
    with stubbed("ssm") as (ssm, routes):
        for _ in range(2):
            routes.add_response(
                "get_parameters_by_path", {"Parameters": found}, {"Path": "/listdrop/routes/"}
            )
        shown = run(FakedTarget(ssm=ssm), "route", "list")
        told = json.loads(run(FakedTarget(ssm=ssm), "route", "list", "--json").output)

    broken, spring = (line.split("\t") for line in shown.output.splitlines())
    assert broken[0] == "broken"
    assert broken[1].startswith("cannot be used: Route 'broken'")
    assert spring == ["spring", "waalaxy", "2026-03-02 09:00"]
    assert told["routes"][1]["changed_at"] == "2026-03-02T09:00:00.000Z"


def test_a_route_is_shown_as_it_was_written_and_whole_as_json() -> None:
    text = '{"destinations": [{"provider": "kakiyo", "campaign_id": "c"}]}'
    with stubbed("ssm") as (ssm, routes):
        for _ in range(2):
            answer = {"Parameter": {"Value": text}}
            routes.add_response(
                "get_parameter", answer, {"Name": "/listdrop/routes/spring", "WithDecryption": True}
            )
        shown = run(FakedTarget(ssm=ssm), "route", "show", "spring")
        told = json.loads(run(FakedTarget(ssm=ssm), "route", "show", "spring", "--json").output)

    assert shown.output == f"{text}\n"
    assert (told["retention_days"], told["destinations"][0]["account"]) == (30, "default")


def test_a_name_that_no_route_can_have_is_not_asked_for() -> None:
    assert run(FakedTarget(), "route", "show", "../secret").exit_code == 2


def test_a_route_is_checked_before_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "spring.json"
    file.write_text('{"destinations": [{"provider": "kakiyo", "campaign": "x"}]}')

    shown = run(FakedTarget(), "route", "put", str(file))

    assert shown.exit_code == 2
    assert "unknown key 'campaign'" in shown.stderr


LONG = (
    '{"destinations": [{"provider": "waalaxy", "prospect_list_id": "x"}], "deadline_minutes": 2880}'
)


class Forgetful(FakedTarget):
    """A stack that keeps uploads for a day."""

    kept_days = 1


def test_a_route_whose_deadline_is_longer_than_the_stack_keeps_uploads_is_not_written(
    tmp_path: Path,
) -> None:
    file = tmp_path / "spring.json"
    file.write_text(LONG)

    shown = run(Forgetful(), "route", "put", str(file))

    assert shown.exit_code == 2
    assert "deadline_minutes: must not be longer than uploads are kept, 1 days" in " ".join(
        shown.stderr.split()
    )


@pytest.mark.parametrize("command", ["check", "drop"])
def test_no_file_is_told_to_be_fit_for_such_a_route_or_dropped_on_it(
    command: str, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("LinkedIn\nlinkedin.com/in/ada\n")
    with stubbed("ssm") as (ssm, routes):
        answer = {"Parameter": {"Value": LONG}}
        routes.add_response(
            "get_parameter", answer, {"Name": "/listdrop/routes/spring", "WithDecryption": True}
        )

        shown = run(Forgetful(ssm=ssm), command, str(file), "--route", "spring")

    assert shown.exit_code == 2
    assert "RetentionDays" in shown.stderr


@pytest.mark.parametrize(("stack", "is_short"), [(FakedTarget, False), (Forgetful, True)])
def test_a_plan_that_needs_longer_than_the_stack_keeps_it_is_said(
    stack: type[FakedTarget], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_short: bool
) -> None:
    monkeypatch.setattr(REGISTRY["waalaxy"], "rates", Rates(send_gap=20 * 3600, poll_gap=1))
    file = tmp_path / "people.csv"
    file.write_text("LinkedIn\nlinkedin.com/in/ada\n")
    text = '{"destinations": [{"provider": "waalaxy", "prospect_list_id": "x"}]}'
    with stubbed("ssm") as (ssm, routes):
        routes.add_response(
            "get_parameter",
            {"Parameter": {"Value": text}},
            {"Name": "/listdrop/routes/spring", "WithDecryption": True},
        )

        shown = run(stack(ssm=ssm), "check", str(file), "--route", "spring")

    assert shown.exit_code == 0
    said = " ".join(shown.output.split())
    assert ("the deadline is after 1,440 min" in said) == is_short


def test_such_a_route_is_listed_as_going_nowhere() -> None:
    found = [{"Name": "/listdrop/routes/spring", "Value": LONG, "LastModifiedDate": MOMENT}]
    with stubbed("ssm") as (ssm, routes):
        routes.add_response(
            "get_parameters_by_path", {"Parameters": found}, {"Path": "/listdrop/routes/"}
        )
        shown = run(Forgetful(ssm=ssm), "route", "list")

    assert shown.output.split("\t")[1].startswith(
        "cannot be used: Route 'spring': deadline_minutes"
    )


def route_of(size: int) -> str:
    """A route of this many bytes."""
    text = '{"destinations": [{"provider": "kakiyo", "campaign_id": "c"}], "columns": {"x": "é"}}'
    return text.replace("x", "x" * (size - len(text.encode()) + 1))


@pytest.mark.parametrize("size", [100, STANDARD_BYTES, STANDARD_BYTES + 1, MOST_BYTES])
def test_a_route_is_kept_in_the_tier_that_is_large_enough(tmp_path: Path, size: int) -> None:
    file = tmp_path / "spring.json"
    file.write_text(route_of(size), encoding="utf-8")
    assert len(file.read_bytes()) == size
    with stubbed("ssm") as (ssm, routes):
        request = {
            "Name": "/listdrop/routes/spring",
            "Value": route_of(size),
            "Type": "String",
            "Overwrite": True,
            "Tier": "Intelligent-Tiering",
        }
        routes.add_response("put_parameter", {"Version": 1}, request)
        shown = run(FakedTarget(ssm=ssm), "route", "put", str(file), "--unchecked")

    assert shown.exit_code == 0
    assert ("5 US cents" in shown.output) == (size > STANDARD_BYTES)


BRACES = (
    '{"destinations": [{"provider": "kakiyo", "campaign_id": "c"}], "columns": {"{{x}}": null}}'
)


def test_a_header_of_two_braces_is_written_as_aws_takes_it_and_shown_as_it_was(
    tmp_path: Path,
) -> None:
    file = tmp_path / "spring.json"
    file.write_text(BRACES, encoding="utf-8")
    stored = BRACES.replace("{{x}}", r"\u007b{x}}")
    with stubbed("ssm") as (ssm, routes):
        request = {"Name": SPRING, "Value": stored, "Type": ANY, "Overwrite": True, "Tier": ANY}
        routes.add_response("put_parameter", {"Version": 1}, request)
        written = run(FakedTarget(ssm=ssm), "route", "put", str(file), "--unchecked")
        routes.add_response(
            "get_parameter",
            {"Parameter": {"Value": stored}},
            {"Name": SPRING, "WithDecryption": True},
        )
        shown = run(FakedTarget(ssm=ssm), "route", "show", "spring")

    assert written.exit_code == 0
    assert shown.output == f"{BRACES}\n"


@pytest.mark.parametrize(
    ("size", "is_too_large"), [(MOST_BYTES - 10, False), (MOST_BYTES - 9, True)]
)
def test_a_route_is_as_large_as_it_is_stored(tmp_path: Path, size: int, is_too_large: bool) -> None:
    # Each of two braces that are written by their number has five bytes more.
    file = tmp_path / "spring.json"
    file.write_text(route_of(size).replace("xxx", "{{{", 1), encoding="utf-8")
    client = client_of("ssm")
    with Stubber(client) as stubber:
        stubber.add_response("put_parameter", {"Version": 1})
        shown = run(FakedTarget(ssm=client), "route", "put", str(file), "--unchecked")

    assert ("AWS takes 8,192 at most" in " ".join(shown.stderr.split())) is is_too_large
    assert ("5 US cents" in shown.output) is not is_too_large


def test_a_route_that_is_larger_than_aws_takes_is_not_written(tmp_path: Path) -> None:
    assert (
        limits.STANDARD_PARAMETER_BYTES.most,
        limits.ADVANCED_PARAMETER_BYTES.most,
    ) == (STANDARD_BYTES, MOST_BYTES)
    file = tmp_path / "spring.json"
    file.write_text(route_of(MOST_BYTES + 1), encoding="utf-8")

    shown = run(FakedTarget(), "route", "put", str(file))

    assert shown.exit_code == 2
    assert "8,193 bytes, and AWS takes 8,192 at most" in " ".join(shown.stderr.split())


# ---------------------------------------------------------------- what is checked


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Choices] | Exception]:
    """What each provider has, which tests may change; by default whatever is asked for."""
    found: dict[str, list[Choices] | Exception] = {}

    def choices(_: object, provider: Any, __: str) -> list[Choices]:
        said = found.get(provider.name, [])
        if isinstance(said, Exception):
            raise said
        return said

    monkeypatch.setattr("listdrop_cli.account_probes.choices_stored", choices)
    return found


def put(tmp_path: Path, route: dict[str, Any], *options: str, world: World | None = None) -> Result:
    """Put a route, on a stack that takes it."""
    file = tmp_path / "spring.json"
    file.write_text(json.dumps(route), encoding="utf-8")
    client = client_of("ssm")
    with Stubber(client) as stubber:
        stubber.add_response("put_parameter", {"Version": 1})
        return run(FakedTarget(world, ssm=client), "route", "put", str(file), *options)


def kakiyo(**members: Any) -> dict[str, Any]:
    """A route to a campaign."""
    return {"destinations": [{"provider": "kakiyo", "campaign_id": "camp_demo"}], **members}


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        ("e_mial", "email"), ("E-Mail", "email"), ("frist_name", "first_name"), ("phon", "phone"),
        ("linkdin_url", "linkedin_url"), ("contry", "country"), ("note", "notes"),
        ("email_address", "email"), ("profile_url", "linkedin_url"), ("phone_number", "phone"),
        ("surname", "last_name"), ("company_name", "company"), ("title", "job_title"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("offered")
def test_a_field_that_is_almost_a_known_one_is_refused(
    tmp_path: Path, target: str, meant: str
) -> None:
    shown = put(tmp_path, kakiyo(columns={"Kontakt": target}))

    assert shown.exit_code == 2
    assert f"did you mean {meant}?" in shown.stderr
    assert "--unchecked" in shown.stderr


@pytest.mark.parametrize(
    "target", ["email", None, "phone2", "email 2", "company_id", "Region", "Team size", "state"]
)
@pytest.mark.usefixtures("offered")
def test_a_field_of_its_own_is_taken(tmp_path: Path, target: str | None) -> None:
    assert put(tmp_path, kakiyo(columns={"Kontakt": target})).exit_code == 0


@pytest.mark.usefixtures("offered")
def test_a_column_may_keep_its_own_name(tmp_path: Path) -> None:
    assert put(tmp_path, kakiyo(columns={"Personal Email": "personal_email"})).exit_code == 0


@pytest.mark.usefixtures("offered")
def test_a_name_that_a_destination_asks_for_is_meant_as_it_is(tmp_path: Path) -> None:
    route = kakiyo(columns={"Bemerkung": "note"})
    route["destinations"][0]["field_names"] = {"note": "Note"}

    assert put(tmp_path, route).exit_code == 0


@pytest.mark.usefixtures("offered")
def test_a_route_is_written_unchecked_where_somebody_insists(tmp_path: Path) -> None:
    assert put(tmp_path, kakiyo(columns={"County": "county"}), "--unchecked").exit_code == 0


LISTS = Choices("list", ("lists", "unsubscribe_lists"), {"4": "Former", "12": "Newsletter"})
FIELDS = Choices("field", ("fields",), {"7": "Industry"})


def activecampaign(**members: Any) -> dict[str, Any]:
    """A route to ActiveCampaign's lists."""
    return {"destinations": [{"provider": "activecampaign", **members}]}


@pytest.mark.parametrize(
    ("members", "unknown"),
    [
        ({"lists": [12, 13]}, "lists: the account default has no list '13'; it has 4 (Former), 12"),
        ({"unsubscribe_lists": [5]}, "unsubscribe_lists: the account default has no list '5'"),
        ({"fields": {"Branche": 8}}, "fields: the account default has no field '8'; it has 7"),
    ],
)
def test_what_an_account_does_not_have_is_refused_with_what_it_has(
    tmp_path: Path, offered: Any, members: dict[str, Any], unknown: str
) -> None:
    offered["activecampaign"] = [LISTS, FIELDS]

    shown = put(tmp_path, activecampaign(**members))

    assert shown.exit_code == 2
    assert f"activecampaign: {unknown}" in " ".join(shown.stderr.split())


def test_what_an_account_has_is_taken_without_a_word(tmp_path: Path, offered: Any) -> None:
    offered["activecampaign"] = [LISTS, FIELDS]

    shown = put(tmp_path, activecampaign(lists=[4, 12], fields={"Branche": 7}))

    assert (shown.exit_code, shown.stderr) == (0, "")


def test_what_may_be_there_all_the_same_is_only_warned_of(tmp_path: Path, offered: Any) -> None:
    offered["kakiyo"] = [Choices("campaign", ("campaign_id",), {}, is_whole=False)]

    shown = put(tmp_path, kakiyo())

    assert shown.exit_code == 0
    assert "Warning: kakiyo: campaign_id: the account default has no campaign 'camp_demo'" in (
        " ".join(shown.stderr.split())
    )


@pytest.mark.parametrize(
    "error",
    [
        NoAnswerError("unreachable", "It cannot be reached."),
        UploadRejectedError("unknown_account", "There is no account."),
        GetParameterError("denied"),
    ],
)
def test_a_provider_that_cannot_be_asked_holds_nothing_up(
    tmp_path: Path, offered: Any, error: Exception
) -> None:
    offered["kakiyo"] = error

    shown = put(tmp_path, kakiyo(), "--json")

    assert shown.exit_code == 0
    (warning,) = json.loads(shown.output)["warnings"]
    assert warning.startswith("kakiyo: it was not asked whether it has what the route names.")


@pytest.mark.usefixtures("offered")
def test_a_header_that_no_file_of_the_route_had_is_warned_of(tmp_path: Path) -> None:
    world = World()
    world.drop(csv_of(2))
    columns = JobColumns(sent=("E-Mail: email", "Name: of pet: full_name"), unused=("Notiz",))
    for job_id, job in world.jobs.jobs.items():
        world.jobs.jobs[job_id] = job.model_copy(update={"columns": columns})
    wanted = {"e mail": "email", "Name: of pet": "full_name", "NOTIZ": None, "Profil": "website"}

    shown = put(tmp_path, kakiyo(columns=wanted), world=world)

    assert shown.exit_code == 0
    said = "Warning: columns: no file of the last 1 jobs of spring had 'Profil'."
    assert shown.stderr.strip() == said


@pytest.mark.parametrize("sent", [(), ("Email", "and 7 more")])
@pytest.mark.usefixtures("offered")
def test_of_files_that_are_not_known_whole_nothing_is_said(
    tmp_path: Path, sent: tuple[str, ...]
) -> None:
    world = World()
    world.drop(csv_of(2))
    columns = JobColumns(sent=sent) if sent else None
    for job_id, job in world.jobs.jobs.items():
        world.jobs.jobs[job_id] = job.model_copy(update={"columns": columns})

    assert put(tmp_path, kakiyo(columns={"Profil": "website"}), world=world).stderr == ""


# ---------------------------------------------------------------- delete


def test_a_route_is_deleted_and_its_open_jobs_are_said() -> None:
    world = World()
    job = world.drop(csv_of(2))
    with stubbed("ssm") as (ssm, routes):
        routes.add_response(
            "get_parameter",
            {"Parameter": {"Value": "{}"}},
            {"Name": SPRING, "WithDecryption": True},
        )
        routes.add_response("delete_parameter", {}, {"Name": SPRING})

        shown = run(FakedTarget(world, ssm=ssm), "route", "delete", "spring", "--yes")

    assert shown.exit_code == 0
    assert f"have not ended, and go on: {job.job_id}." in " ".join(shown.stderr.split())
    assert shown.output.splitlines()[-1].startswith("Route spring is deleted.")


def test_a_route_is_not_deleted_before_somebody_confirms_it() -> None:
    with stubbed("ssm") as (ssm, routes):
        routes.add_response(
            "get_parameter",
            {"Parameter": {"Value": "{}"}},
            {"Name": SPRING, "WithDecryption": True},
        )

        shown = run(FakedTarget(ssm=ssm), "route", "delete", "spring")

    assert (shown.exit_code, shown.stderr) == (2, "There is no terminal to ask on: pass --yes.\n")


def test_a_route_that_is_not_there_cannot_be_deleted() -> None:
    with stubbed("ssm") as (ssm, routes):
        routes.add_client_error("get_parameter", "ParameterNotFound")

        shown = run(FakedTarget(ssm=ssm), "route", "delete", "spring", "--yes")

    assert shown.exit_code == 2
    assert "There is no route spring" in shown.stderr

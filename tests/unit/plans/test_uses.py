from __future__ import annotations

from listdrop.plans.uses import column_uses, job_columns
from listdrop.prospects.columns import map_columns
from listdrop.providers.kakiyo import Kakiyo, KakiyoDestination
from listdrop.providers.saleshandy import Saleshandy, SaleshandyDestination
from tests.support.world import World, csv_of

HEADER = ["Full Name", "Email", "Personal Email", "Plan", "", "listdrop_row", "Profil"]
SALESHANDY = Saleshandy(
    SaleshandyDestination(provider="saleshandy", step_id="s", fields={"Plan": "Tariff"})
)
KAKIYO = Kakiyo(KakiyoDestination(provider="kakiyo", campaign_id="c"))


def test_every_column_with_a_header_is_sent_or_not() -> None:
    columns = map_columns(HEADER, {"Profil": "linkedin_url"})

    found = {use.header: use.sent_as for use in column_uses(SALESHANDY, columns)}

    assert found == {
        "Full Name": "First Name and Last Name",
        "Email": "Email",
        "Personal Email": "Email",
        "Plan": "Plan",
        "listdrop_row": "",
        "Profil": "LinkedIn",
    }


def test_who_takes_all_is_sent_other_columns_by_their_headers() -> None:
    found = job_columns(KAKIYO, map_columns(HEADER, {}))

    assert found.sent == (
        "Full Name: full_name",
        "Email: email",
        "Personal Email: email",
        "Plan",
        "Profil",
    )
    assert found.unused == ("listdrop_row",)


def test_a_job_remembers_no_more_than_an_item_should_hold() -> None:
    header = ["Email", *(f"Column number {number} of very many" for number in range(300))]

    found = job_columns(KAKIYO, map_columns(header, {}))

    assert len(", ".join(found.sent).encode()) < 1000
    assert found.sent[-1] == f"and {301 - len(found.sent) + 1} more"


def test_a_job_names_its_columns() -> None:
    job = World().process(csv_of(2))

    assert job.columns is not None
    assert any(name.startswith("Email") for name in job.columns.sent)

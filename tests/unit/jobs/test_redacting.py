from __future__ import annotations

import pytest

from listdrop.jobs.redacting import published_reason
from listdrop.jobs.settling import WHOLE_IMPORT, WHOLE_REQUEST
from listdrop.models import Outcome, PlannedRow, RowResult
from listdrop.providers.base import PollAnswer
from tests.support.providers import received
from tests.support.world import World, csv_of

ROW = PlannedRow(
    1, 2, "zoe.quarmby@mail.example", linkedin_url="https://linkedin.com/in/zoe-quarmby-1a"
)
CELLS = [
    "Zoë van Quarmby",
    "zoe.quarmby@mail.example",
    "+49 171 5550100",
    "https://www.linkedin.com/in/zoe-quarmby-1a",
]


def published(words: str, text: str = "") -> str:
    return published_reason(RowResult(Outcome.REFUSED, words, text, raw_status="400"), CELLS, ROW)


@pytest.mark.parametrize(
    "words",
    [
        "Import stopped at prospect Zoë",
        "QUARMBY is blocked",
        "Zoë van Quarmby (zoe.quarmby@mail.example) exists",
        "no mailbox zoe.quarmby",
        "see linkedin.com/in/zoe-quarmby-1a",
        "call +49 171 5550100",
    ],
)
def test_no_part_of_a_name_address_or_profile_is_published(words: str) -> None:
    said = published(words).casefold()

    assert not {"zoë", "zoe", "quarmby", "5550100"} & set(said.replace(".", " ").split())
    assert "quarmby" not in said


@pytest.mark.parametrize(
    ("cell", "words"), [("张伟", "联系人张伟已存在"), ("김민준", "김민준님은 이미 있습니다")]
)
def test_a_name_is_found_where_words_have_no_spaces(cell: str, words: str) -> None:
    said = published_reason(RowResult(Outcome.REFUSED, words), [cell], PlannedRow(1, 2))

    assert cell not in said
    assert "…" in said


def test_a_name_is_found_where_only_the_decoded_profile_has_it() -> None:
    url = "https://linkedin.com/in/j%C3%BCrgen-quarmby"
    planned = PlannedRow(1, 2, "j\u00fcrgen-quarmby", linkedin_url=url)

    said = published_reason(RowResult(Outcome.REFUSED, "J\u00fcrgen is blocked"), [url], planned)

    assert said == "… is blocked"


def test_what_identifies_a_row_is_found_wherever_the_file_has_it() -> None:
    planned = PlannedRow(1, 2, "quarmby1970")

    assert published_reason(RowResult(Outcome.REFUSED, "no Quarmby1970"), [], planned) == "no …"


def test_words_about_a_whole_import_name_nobody_in_it() -> None:
    world = World()
    world.script.then_send = received
    words = "Import stopped at prospect Given2 Family2"
    world.script.then_poll = PollAnswer(is_terminal=True, rest=RowResult(Outcome.UNKNOWN, words))

    job = world.process(csv_of(3))

    (notice,) = world.notices.published
    assert "Given2" not in notice.message + notice.text
    assert "Given2" not in world.result_file(job, "summary.json")
    assert "Given2" in world.result_file(job, "results.csv")


@pytest.mark.parametrize(
    "words", ["Required field company is missing", "Invalid LinkedIn profile.", "Not in LinkedIn"]
)
def test_words_that_name_nobody_stay(words: str) -> None:
    assert published(words) == words


def test_a_code_stays_and_words_about_all_rows_become_one() -> None:
    assert published("enrichment_failed") == "enrichment_failed"
    assert published("row 3: Ann Other is wrong", WHOLE_REQUEST) == "request refused 400"
    assert published("Stopped at Ann Other", f"{WHOLE_IMPORT} It ended early.") == "import refused"


def test_without_the_upload_nothing_that_cannot_be_compared_is_published() -> None:
    gone = RowResult(Outcome.REFUSED, "Zoë is blocked")

    assert "Zoë" not in published_reason(gone, None, ROW)
    assert published_reason(gone._replace(reason="lost_answer"), None, ROW) == "lost_answer"


def test_only_its_own_cell_is_cut_where_an_addresss_domain_begins() -> None:
    cells = ["zoe@corp.example", "Quarmby", "HTTPS://de.LinkedIn.com/in/lovelace", "a@b\x1fHopper"]

    said = published_reason(
        RowResult(Outcome.REFUSED, "Quarmby, Lovelace, Hopper de corp: see example"), cells, ROW
    )

    assert said == "…, …, … de corp: see example"

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from listdrop.errors import NotAsSeenError, UploadRejectedError
from listdrop.jobs import staged_copies, staging
from listdrop.jobs.staged_copies import NOT_LOOKED_AT
from listdrop.jobs.staged_sending import (
    COPYING,
    StagePorts,
    jobs_of,
    named_as_dropper,
    rejections_of,
    seen,
    send_rest,
    send_staged,
    what_changed,
)
from listdrop.jobs.staging import RoutePreview, look
from listdrop.models import (
    CORRECTS,
    RETRY_OF,
    STAGED,
    Hold,
    Job,
    JobState,
    Sample,
    Sent,
    Staged,
    Upload,
)
from listdrop.tables import sheets, unpacking
from tests.support.clock import NOW, ManualClock
from tests.support.providers import SlowProvider, ToyDestination, ToyProvider
from tests.support.world import World, csv_of, route_to

ID = "0123456789abcdef" * 2
PROVIDERS = {"toy": ToyProvider}


class Desk:
    """Somebody who drops files on the routes of a world."""

    def __init__(self, **route: Any) -> None:
        self.world = World(route=route_to(**route))
        self.ports = StagePorts(
            self.world.staging, self.world.routes, self.world.jobs, self.world.clock
        )

    def stage(self, content: bytes, name: str = "a.csv", **members: Any) -> tuple[Staged, Upload]:
        """Upload a file, and decide what is given of it."""
        given = {"staged_id": ID, "who": "ada", "routes": ("spring",), "changed_at": NOW}
        staged = Staged.model_validate(given | members)
        file = self.world.staging.post(staged.staged_id, name, content)
        self.world.staging.keep(staged)
        return staged, file

    def look(self, staged: Staged, file: Upload) -> RoutePreview:
        """Return the preview for the only route."""
        (found,) = look(staged, file, self.ports, PROVIDERS)
        return found

    def send(self, staged: Staged, file: Upload) -> list[Job]:
        """Send a file, and submit its copies."""
        copied: list[Upload] = []
        self.world.staging.submit = copied.append
        send_staged(staged, file, "bob", self.ports)
        ids = [job_id for upload in copied for job_id in self.world.submit(upload)]
        return [self.world.jobs.get(job_id) for job_id in ids]


def zipped(**files: bytes) -> bytes:
    """Return an archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.csv", content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("kept_days", "is_short"), [(0, False), (90, False), (3, False), (2, True)]
)
def test_a_look_says_that_a_plan_is_not_kept_as_long_as_it_needs(
    kept_days: int, *, is_short: bool
) -> None:
    desk = Desk()
    ports = desk.ports._replace(kept_days=kept_days)
    (found,) = look(*desk.stage(csv_of(10 * ToyProvider.limits.rows)), ports, {"toy": SlowProvider})

    said = found.tables[0].destinations[0].deadline_text
    assert ("RetentionDays" in said) == is_short
    assert bool(said) == is_short


FILES: dict[str, tuple[str, bytes]] = {
    "plain": ("a.csv", csv_of(7) + csv_of(2) + b"nobody,,\r\n"),
    "utf-16": ("a.txt", csv_of(5).decode().replace(",", "\t").encode("utf-16")),
    "gzip": ("a.csv.gz", gzip.compress(csv_of(4))),
    "archive": ("a.zip", zipped(one=csv_of(3), two=csv_of(2, first=3))),
    "opt-outs": ("unsubscribed.csv", csv_of(3)),
    "no-column": ("a.csv", b"Company,City\r\nACME,Bonn\r\n"),
    "empty": ("a.csv", b""),
}


@pytest.mark.parametrize(("name", "content"), FILES.values(), ids=FILES)
def test_what_is_looked_at_is_what_submit_plans(name: str, content: bytes) -> None:
    desk = Desk()
    staged, file = desk.stage(content, name)

    preview = desk.look(staged, file)
    jobs = desk.send(staged, file)

    if preview.reason:
        assert [(job.reason, job.reason_text) for job in jobs] == [
            (preview.reason, preview.reason_text)
        ]
        return
    assert [job.upload.table for job in jobs] == [each.table for each in preview.tables]
    for job, table in zip(jobs, preview.tables, strict=True):
        (to,) = table.destinations
        counts = {name: count for name, count in job.counts.items() if count and name != "rows"}
        assert job.counts["rows"] == table.rows
        assert counts == to.not_sent
        assert job.batches["planned"] == to.batches
        assert job.warnings == table.warnings


def test_a_mapping_is_laid_over_the_routes_own() -> None:
    desk = Desk(columns={"wer": "first_name", "Was": "company"})
    table = b"Wer,Was,Wo\r\nAda,a@b.example,Bonn\r\n"
    staged, file = desk.stage(table, columns={"was": "email", "Wo": None})

    preview = desk.look(staged, file)
    (job,) = desk.send(staged, file)

    assert [each.field for each in preview.tables[0].columns] == ["first_name", "email", ""]
    assert job.counts["rows"] == 1
    assert job.columns
    assert job.columns.sent == ("Wer: first_name", "Was: email")
    assert job.state is JobState.PENDING


def test_an_upload_is_dropped_by_who_sent_it_also_in_a_later_submit() -> None:
    desk = Desk()
    (job,) = desk.send(*desk.stage(csv_of(2)))
    assert job.dropped_by == "bob"

    submission = desk.world.jobs.submission(job.upload)
    assert submission
    assert submission.dropped_by == "bob"


def test_without_what_was_decided_nothing_is_sent() -> None:
    desk = Desk()
    staged, file = desk.stage(csv_of(2), columns={"Email": "notes"})
    copied: list[Upload] = []
    desk.world.staging.submit = copied.append
    send_staged(staged, file, "bob", desk.ports)
    del desk.world.staging.decided[ID]

    (job_id,) = desk.world.submit(copied[0])

    job = desk.world.jobs.get(job_id)
    assert (job.verdict, job.reason) == (JobState.REJECTED, "bad_route")
    assert "Drop it there again." in job.reason_text
    assert job_id in rejections_of(
        Sent(route="spring", key=copied[0].key, version_id=copied[0].version_id),
        "uploads",
        "",
        None,
    )


def test_what_was_decided_is_for_its_own_copies_alone() -> None:
    desk = Desk()
    desk.send(*desk.stage(csv_of(2)))
    other = Upload(bucket="uploads", key="inbox/spring/other.csv", version_id="x1")
    desk.world.uploads.keep(other, csv_of(3), NOW, {STAGED: ID})

    (job_id,) = desk.world.submit(other)

    assert desk.world.jobs.get(job_id).verdict is JobState.REJECTED


def test_rows_that_are_sent_again_are_mapped_as_they_were() -> None:
    desk = Desk()
    table = b"Wer,Was\r\nAda,a@b.example\r\n"
    (job,) = desk.send(*desk.stage(table, columns={"Was": "email", "Wer": None}))
    for retry_of in (job.job_id, ""):
        again = desk.world.uploads.put("inbox/spring/retry.csv", table, retry_of=retry_of or "")
        (job_id,) = desk.world.submit(again)
        later = desk.world.jobs.get(job_id)
        if retry_of:
            assert later.columns
            assert later.columns.sent == ("Was: email",)
        else:
            assert later.reason == "no_usable_column"


@pytest.mark.parametrize("kind", [RETRY_OF, CORRECTS])
def test_rows_are_sent_again_by_who_does_it_and_mapped_as_before(kind: str) -> None:
    desk = Desk()
    table = b"Wer,Was\r\nAda,a@b.example\r\n"
    (job,) = desk.send(*desk.stage(table, columns={"Was": "email", "Wer": None}))
    for number, who in enumerate(("eve", "kim")):
        key = f"inbox/spring/again-{number}.csv"
        staged_id = f"{number}" * 32
        said = named_as_dropper(who, "spring", key, staged_id, desk.ports.staging, NOW)
        again = Upload(
            bucket="uploads", key=key, version_id=f"w{number}", dropped_by="AWS:AROA:function"
        )
        desk.world.uploads.keep(again, table, NOW, said | {kind: job.job_id})

        (job_id,) = desk.world.submit(again)

        job = desk.world.jobs.get(job_id)
        assert job.dropped_by == who
        assert job.columns
        assert job.columns.sent == ("Was: email",)


def test_a_corrected_file_is_looked_at_as_the_first_one_was_mapped() -> None:
    desk = Desk()
    table = b"Wer,Was,Wo\r\nAda,a@b.example,Bonn\r\n"
    (job,) = desk.send(*desk.stage(table, columns={"Was": "email", "Wer": "first_name"}))
    for number, columns in enumerate(({}, {"Wo": None}, {})):
        again = f"listdrop_job,Wer,Was,Wo\r\n{job.job_id},Eva,e{number}@b.example,Bonn\r\n"
        place = f"{number}" * 32
        staged, file = desk.stage(again.encode(), "rejects.csv", staged_id=place, columns=columns)

        preview = desk.look(staged, file)
        (job,) = desk.send(staged, file)

        assert not preview.reason
        fields = [each.field for each in preview.tables[0].columns]
        assert fields == ["", "first_name", "email", "" if number else "Wo"]
        assert job.columns
        assert job.columns.sent[:2] == ("Wer: first_name", "Was: email")
        assert ("Wo" in job.columns.unused) == (number > 0)


def test_the_ids_of_its_jobs_are_known_before_it_is_read() -> None:
    for name, content in FILES.values():
        desk = Desk()
        staged, file = desk.stage(content, name)
        preview = desk.look(staged, file)
        jobs = desk.send(staged, file)
        sent = desk.world.staging.decided[ID].sent[0]
        table = next((each.table for each in preview.tables), "")
        place = (sent, "uploads", table, desk.world.routes.get("spring"))
        assert jobs[0].job_id in {*jobs_of(*place), *rejections_of(*place)}


def test_the_same_content_is_said_to_be_skipped_and_is() -> None:
    desk = Desk()
    staged, file = desk.stage(csv_of(2))
    (first,) = desk.send(staged, file)
    desk.world.staging.claims = desk.world.jobs.claims
    desk.world.staging.decided.clear()
    staged, file = desk.stage(csv_of(2), "b.csv")

    preview = desk.look(staged, file)

    assert preview.earlier == {("", 0): first.job_id}
    assert not preview.sends_anything
    (second,) = desk.send(staged, file)
    assert second.duplicate_of == first.job_id


def test_a_job_that_would_wait_says_so() -> None:
    desk = Desk(hold=Hold(above_rows=2))
    staged, file = desk.stage(csv_of(3))
    assert "this route asks for approval above 2" in desk.look(staged, file).held
    assert desk.send(staged, file)[0].state is JobState.HELD


def test_rows_that_are_sent_first_are_said() -> None:
    desk = Desk(sample=Sample(rows=3))
    assert desk.look(*desk.stage(csv_of(9))).sample == 3


def test_people_on_the_routes_suppression_list_are_not_sent() -> None:
    desk = Desk(suppression_list="suppression/all.csv")
    desk.world.uploads.put("suppression/all.csv", b"Email\r\np1@example.com\r\n")
    preview = desk.look(*desk.stage(csv_of(2)))
    assert preview.tables[0].destinations[0].not_sent == {"suppressed": 1}


def test_a_file_that_no_route_can_use_shows_its_columns() -> None:
    desk = Desk()
    for table in (b"Wer,Was\r\nAda,Bonn\r\n", b"Company,City\r\nAda,Bonn\r\n"):
        preview = desk.look(*desk.stage(table))
        assert preview.reason == "no_usable_column"
        assert len(preview.columns) == 2
        assert preview.columns[0].example == "Ada"


@pytest.mark.parametrize(
    "header",
    [
        "Wer,Wo,Was,Was",
        "Wer,Wo,,",
        "Wer,,,Wo",
        "Kontakte,,,\r\nStand: heute\r\n\r\nWer,Wo,Was,Was",
    ],
    ids=["repeated", "no names", "gap", "title"],
)
def test_of_a_table_that_nobody_knows_no_person_is_its_header(header: str) -> None:
    people = ["Ada,linkedin.com/in/ada-map,x;z,1", 'Bo,linkedin.com/in/bo-map,"y, yy",2']
    text = "\r\n".join([header, *people, "Cy,linkedin.com/in/cy-map,a,b,c", ""])

    desk = Desk()
    preview = desk.look(*desk.stage(text.encode()))

    assert preview.reason == "no_usable_column"
    assert preview.columns[0].header == "Wer"
    assert preview.columns[0].example == "Ada"


# ---------------------------------------------------------------- large files


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "_WHOLE_BYTES", 100)
    monkeypatch.setattr(staging, "MOST_ROWS", 5)
    monkeypatch.setattr(staged_copies, "_MOST_PACKED", 400)


@pytest.mark.usefixtures("tight")
def test_of_a_large_file_the_first_rows_are_looked_at_and_all_are_sent() -> None:
    desk = Desk()
    staged, file = desk.stage(csv_of(12))

    preview = desk.look(staged, file)

    assert preview.is_cut
    assert preview.tables[0].rows == 5
    assert desk.send(staged, file)[0].counts["rows"] == 12


@pytest.mark.usefixtures("tight")
def test_a_file_with_as_many_rows_is_looked_at_as_a_whole() -> None:
    desk = Desk()
    assert not desk.look(*desk.stage(csv_of(5))).is_cut
    assert desk.look(*desk.stage(csv_of(6))).is_cut


def book_of(rows: int) -> bytes:
    """Return a workbook of people whose texts do not repeat."""
    book = openpyxl.Workbook()
    (sheet,) = book.worksheets
    for row in csv.reader(csv_of(rows).decode().splitlines()):
        sheet.append([cell or None for cell in row])
    book.create_sheet("second").append(["Email"])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


PACKED: dict[str, Callable[[int], bytes]] = {
    "a.xlsx": book_of,
    "a.csv.gz": lambda rows: gzip.compress(csv_of(rows)),
    "a.zip": lambda rows: zipped(one=csv_of(rows), two=csv_of(rows, first=50)),
    "b.zip": lambda rows: zipped(one=book_of(rows), two=gzip.compress(csv_of(rows, first=50))),
}


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("most", [10, 1 << 20], ids=["where it lies", "copied"])
@pytest.mark.parametrize("rows", [4, 900], ids=["whole", "cut"])
def test_of_a_large_packed_file_the_first_rows_of_each_table_are_looked_at(
    monkeypatch: pytest.MonkeyPatch, name: str, most: int, rows: int
) -> None:
    limits = {"_MOST_PACKED": most, "_MOST_SHEETS": 1, "_MOST_UNPACKED": 1, "_PIECE": 1_000}
    for limit, value in limits.items():
        monkeypatch.setattr(staged_copies, limit, value)
    for module in (staged_copies, staging):
        monkeypatch.setattr(module, "MOST_ROWS", 5)
    monkeypatch.setattr(staging, "_WHOLE_BYTES", 0)
    monkeypatch.setattr(unpacking, "_GZIP_PIECE", 1_000)
    monkeypatch.setattr(sheets, "_PIECE", 1_000)
    desk = Desk()
    staged, file = desk.stage(PACKED[name](rows), name)

    preview = desk.look(staged, file)

    assert not preview.reason
    assert preview.is_cut == (rows > 5)
    assert [each.rows for each in preview.tables] == [min(5, rows)] * len(preview.tables)
    jobs = desk.send(staged, file)
    assert [job.counts["rows"] for job in jobs] == [rows] * len(jobs)
    assert [job.upload.table for job in jobs] == [each.table for each in preview.tables]
    if rows < 5:
        for job, table in zip(jobs, preview.tables, strict=True):
            assert table.destinations[0].batches == job.batches["planned"]
            assert table.warnings == job.warnings or name == "b.zip"
            assert table.container == (job.table.container if job.table else "") or "zip" in name
    if most == 10 and rows > 5:
        assert sum(desk.world.staging.parts) < 3 * file.size + 4_000


class Impatient(ManualClock):
    """A clock by which everything takes a second."""

    def now(self) -> datetime:
        self.advance(1)
        return super().now()


@pytest.mark.parametrize("name", PACKED)
def test_unpacking_ends_in_time(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    limits = {"_MOST_PACKED": 10, "_PIECE": 1_000}
    for limit, value in limits.items():
        monkeypatch.setattr(staged_copies, limit, value)
    monkeypatch.setattr(unpacking, "_GZIP_PIECE", 1_000)
    monkeypatch.setattr(unpacking, "PIECE", 1_000)
    monkeypatch.setattr(sheets, "_PIECE", 1_000)
    desk = Desk()
    desk.ports = desk.ports._replace(clock=Impatient())

    preview = desk.look(*desk.stage(PACKED[name](2_000), name))

    assert preview.is_cut
    assert all(0 < each.rows < 2_000 for each in preview.tables)


def test_what_cannot_be_looked_at_in_time_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staged_copies, "_MOST_PACKED", 10)
    monkeypatch.setattr(staged_copies, "_MOST_STRINGS", 10)
    monkeypatch.setattr(staged_copies, "_MOST_INSIDE", 10)
    with_texts = io.BytesIO(book_of(5))
    with zipfile.ZipFile(with_texts, "a") as book:
        book.writestr("xl/sharedStrings.xml", bytes(11))
    for name, content in {"a.xlsx": with_texts.getvalue(), "b.zip": PACKED["b.zip"](5)}.items():
        desk = Desk()
        preview = desk.look(*desk.stage(content, name))
        assert preview.reason == NOT_LOOKED_AT
        assert "save it as CSV" in preview.reason_text
        assert not preview.sends_anything


@pytest.mark.parametrize("most", [10, 1 << 20])
def test_a_damaged_archive_is_what_submit_says_of_it(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(staged_copies, "_MOST_PACKED", most)
    for name, content in {
        "a.xlsx": b"PK\x03\x04" + bytes(500),
        "a.zip": zipped(one=csv_of(3))[:-9],
        "a.csv": zipped(one=csv_of(3)),
        "a.csv.gz": gzip.compress(csv_of(3))[:-9],
        "a.docx": book_of(3),
    }.items():
        desk = Desk()
        staged, file = desk.stage(content, name)
        preview = desk.look(staged, file)
        (job,) = desk.send(staged, file)
        assert (preview.reason, preview.reason_text) == (job.reason, job.reason_text)


def test_the_same_workbook_is_said_to_be_skipped_also_where_it_is_heavy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(staged_copies, "_MOST_SHEETS", 1)
    desk = Desk()
    (first,) = desk.send(*desk.stage(book_of(3), "a.xlsx"))
    desk.world.staging.claims = desk.world.jobs.claims
    desk.world.staging.decided.clear()
    staged, _ = desk.stage(b"", "b.xlsx")
    content = desk.world.uploads.contents[first.upload.key, first.upload.version_id]
    file = desk.world.staging.post(ID, "b.xlsx", content)
    assert desk.look(staged, file).earlier == {("", 0): first.job_id}


@pytest.mark.parametrize("end", [0, 1, 2, 9])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_text_is_cut_at_the_end_of_a_line(
    monkeypatch: pytest.MonkeyPatch, encoding: str, end: int
) -> None:
    text = 'Email,Notes\r\na@b.example,"one\r\ntwo"\r\nc@d.example,three\r\n'.encode(encoding)
    monkeypatch.setattr(staged_copies, "_MOST_TEXT", len(text) - 1 - end)
    desk = Desk()

    preview = desk.look(*desk.stage((b"\xfe\xff" if "be" in encoding else b"") + text))

    assert preview.is_cut
    assert preview.tables[0].rows == 1
    assert preview.tables[0].destinations[0].to_send == 1


# ---------------------------------------------------------------- what changed, and failures


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda staged, file, texts: (staged, file, texts), ""),
        (
            lambda staged, file, texts: (
                staged.model_copy(update={"routes": ("b", "a")}),
                file,
                texts,
            ),
            "other routes were chosen",
        ),
        (
            lambda staged, file, texts: (staged.model_copy(update={"routes": ("a",)}), file, texts),
            "other routes were chosen",
        ),
        (
            lambda staged, file, texts: (staged, file, texts | {"b": "{}"}),
            "the route b was changed",
        ),
        (lambda staged, file, _: (staged, file, {"a": "1"}), "the route b was changed"),
        (
            lambda staged, file, texts: (
                staged.model_copy(update={"columns": {"A": "email"}}),
                file.model_copy(update={"version_id": "v2"}),
                texts,
            ),
            "another file was uploaded in its place and the mapping of its columns was changed",
        ),
    ],
)
def test_what_changed_is_named(change: Callable[..., Any], said: str) -> None:
    staged = Staged(staged_id=ID, who="ada", routes=("a", "b"), changed_at=NOW)
    file = Upload(bucket="u", key="staged/x/a.csv", version_id="v1")
    texts = {"a": "1", "b": "2"}
    before = seen(staged, file, texts)
    later, *others = change(staged, file, texts)
    assert what_changed(later, before, seen(later, *others)) == said


@pytest.mark.parametrize("mark", ["", "-", "a-b-c-d-e-f-g", "é" * 9])
def test_a_made_up_mark_is_a_change(mark: str) -> None:
    staged = Staged(staged_id=ID, who="ada", routes=("a",), changed_at=NOW)
    file = Upload(bucket="u", key="staged/x/a.csv", version_id="v1")
    assert what_changed(staged, mark, seen(staged, file, {"a": "1"}))


class DiedError(BaseException):
    """The function has ended, in the middle of what it did."""


@dataclass
class Broken:
    """A sending to two routes that breaks off at the second: before its copy is made, or after."""

    desk: Desk
    staged: Staged
    file: Upload
    error: BaseException
    is_made: bool = False

    def send(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Send, and break off."""
        copy = self.desk.world.staging.copy

        def broken(upload: Upload, staged_id: str, key: str) -> str:
            if "autumn" in key:
                if self.is_made:
                    copy(upload, staged_id, key)
                raise self.error
            return copy(upload, staged_id, key)

        with monkeypatch.context() as patched:
            patched.setattr(self.desk.world.staging, "copy", broken)
            with pytest.raises(type(self.error)):
                send_staged(self.staged, self.file, "bob", self.desk.ports)

    @property
    def kept(self) -> Staged:
        """What is known of it."""
        return self.desk.world.staging.decided[ID]

    @property
    def copies(self) -> list[str]:
        """The keys of all copies."""
        contents = self.desk.world.uploads.contents
        return sorted(key for key, _ in contents if key.startswith("inbox/"))


def broken(error: BaseException, *, is_made: bool = False) -> Broken:
    desk = Desk()
    desk.world.routes.routes["autumn"] = route_to(ToyDestination(provider="toy", account="b"))
    staged, file = desk.stage(csv_of(2), routes=("spring", "autumn"))
    return Broken(desk, staged, file, error, is_made)


BOTH = ["inbox/autumn/a.csv", "inbox/spring/a.csv"]


@pytest.mark.parametrize("is_made", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("error", [DiedError(), OSError("no answer")], ids=["died", "no answer"])
def test_a_sending_that_was_cut_off_goes_on_and_sends_nothing_twice(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, *, is_made: bool
) -> None:
    cut = broken(error, is_made=is_made)
    cut.send(monkeypatch)
    assert [bool(each.version_id) for each in cut.kept.sent] == [True, False]
    with pytest.raises(NotAsSeenError):
        send_staged(cut.staged, cut.file, "bob", cut.desk.ports)
    with pytest.raises(NotAsSeenError, match="is being sent"):
        send_rest(cut.kept, cut.file, cut.desk.ports)

    cut.desk.world.clock.advance(COPYING.total_seconds())
    earlier = cut.kept
    sent = send_rest(earlier, cut.file, cut.desk.ports)

    assert cut.copies == BOTH
    assert cut.kept == sent
    assert all(each.version_id for each in sent.sent)
    assert sent.who == "bob"
    for late in (earlier, cut.kept):
        with pytest.raises(NotAsSeenError):
            send_rest(late, cut.file, cut.desk.ports)
    assert cut.copies == BOTH


def test_of_two_who_go_on_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = broken(DiedError())
    cut.send(monkeypatch)
    cut.desk.world.clock.advance(COPYING.total_seconds())
    seen_by_both = cut.kept
    cut.desk.world.staging.take_over(
        seen_by_both.model_copy(update={"changed_at": cut.desk.world.clock.now()}),
        seen_by_both.changed_at,
    )
    with pytest.raises(NotAsSeenError, match="Somebody else"):
        send_rest(seen_by_both, cut.file, cut.desk.ports)
    assert cut.copies == BOTH[1:]


def test_who_is_too_slow_leaves_the_rest_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = broken(DiedError())
    copy = cut.desk.world.staging.copy

    def slow(upload: Upload, staged_id: str, key: str) -> str:
        cut.desk.world.clock.advance(COPYING.total_seconds())
        return copy(upload, staged_id, key)

    monkeypatch.setattr(cut.desk.world.staging, "copy", slow)
    with pytest.raises(NotAsSeenError, match="too long"):
        send_staged(cut.staged, cut.file, "bob", cut.desk.ports)
    assert cut.copies == BOTH[1:]


def test_what_is_refused_at_once_may_be_sent_later(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    staged, file = desk.stage(csv_of(2))

    def refused(*_: object) -> str:
        raise PermissionError

    ports = desk.ports._replace(is_refused=lambda error: isinstance(error, PermissionError))
    with monkeypatch.context() as patched:
        patched.setattr(desk.world.staging, "copy", refused)
        with pytest.raises(PermissionError):
            send_staged(staged, file, "bob", ports)

    assert len(desk.send(staged, file)) == 1


def test_a_file_that_is_gone_is_a_rejection() -> None:
    desk = Desk()
    staged, file = desk.stage(csv_of(2))
    desk.world.uploads.delete(file)
    with pytest.raises(UploadRejectedError):
        next(desk.world.staging.read(file))
    assert desk.look(staged, file).reason == "empty_file"

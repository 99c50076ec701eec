"""The contract of the staging port: the fake and the one on AWS keep it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from listdrop.errors import UploadRejectedError
from listdrop.models import STAGED, Sent, Staged, Upload
from listdrop.ports import Archive, Staging, Uploads
from tests.support.dashboards import NOW

Post = Callable[[str, str, bytes], object]
"""Puts a file into a place, as a browser does: the place's id, the file's name, its content."""

ID = "0123456789abcdef" * 2


def new_staged(staged_id: str = ID, **members: object) -> Staged:
    """Return a decision about a file."""
    given = {"who": "ada", "routes": ("spring",), "changed_at": NOW}
    return Staged.model_validate({"staged_id": staged_id} | given | members)


class StagingContract:
    """The staging port. `post` puts a file there, as a browser does."""

    def test_what_is_decided_is_found_again(self, staging: Staging) -> None:
        staged = new_staged("1" * 32, columns={"Wer": "email", "Was": None}, table="a.csv")
        assert staging.staged("1" * 32) is None

        assert staging.keep(staged)
        assert staging.staged("1" * 32) == staged

        later = new_staged("1" * 32, who="bob", changed_at=NOW + timedelta(hours=1))
        assert staging.keep(later)
        assert staging.staged("1" * 32) == later

    def test_what_is_sent_is_not_decided_again(self, staging: Staging) -> None:
        sent = new_staged("2" * 32, sent=(Sent(route="spring", key="inbox/spring/a.csv"),))
        assert staging.keep(sent)

        assert not staging.keep(new_staged("2" * 32))
        assert not staging.keep(sent)
        assert staging.staged("2" * 32) == sent

    def test_of_what_could_not_be_sent_all_may_be_tried_again(self, staging: Staging) -> None:
        sent = new_staged("3" * 32, sent=(Sent(route="spring", key="inbox/spring/a.csv"),))
        staging.keep(sent)
        staging.keep_sent(new_staged("3" * 32))
        assert staging.keep(sent)

    @pytest.mark.parametrize(
        ("place", "name"),
        [
            ("1", "Kontakte März.csv"),
            ("2", "prénoms à corriger.csv"),
            ("3", "Łódź.csv"),
            ("4", "連絡先.csv"),
            ("5", "جهات الاتصال.csv"),
            ("6", "MÃ¤rz.csv"),
        ],
    )
    def test_a_file_keeps_its_name_in_every_language(
        self, staging: Staging, post: Post, place: str, name: str
    ) -> None:
        post("a" * 31 + place, name, b"Email\n")
        posted = staging.file("a" * 31 + place)
        assert posted
        assert posted.key == f"staged/{'a' * 31}{place}/{name}"

    def test_the_file_that_was_posted_last_is_there(self, staging: Staging, post: Post) -> None:
        assert staging.file("4" * 32) is None
        post("4" * 32, "a.csv", b"Email\na@b.example\n")
        first = staging.file("4" * 32)
        assert first
        assert first.key == f"staged/{'4' * 32}/a.csv"
        assert first.size == 18
        assert b"".join(staging.read(first)) == b"Email\na@b.example\n"

        post("4" * 32, "a.csv", b"Email\n")

        second = staging.file("4" * 32)
        assert second
        assert second.version_id != first.version_id
        assert b"".join(staging.read(first)) == b"Email\na@b.example\n"

    def test_a_copy_is_of_exactly_this_version(
        self, staging: Staging, post: Post, uploads: Uploads
    ) -> None:
        post("5" * 32, "a b+é.csv", b"first")
        first = staging.file("5" * 32)
        assert first
        post("5" * 32, "a b+é.csv", b"second")

        version = staging.copy(first, "5" * 32, "inbox/spring/a b+é.csv")

        copied = Upload(bucket=first.bucket, key="inbox/spring/a b+é.csv", version_id=version)
        assert b"".join(uploads.read(copied)) == b"first"
        assert uploads.metadata(copied) == {STAGED: "5" * 32}

    def test_a_copy_is_found_among_those_of_other_files(self, staging: Staging, post: Post) -> None:
        key = f"inbox/spring/{'a' * 32}.csv"
        mine, other = (new_staged(each * 32, changed_at=datetime.now(UTC)) for each in "ab")
        assert staging.copied(mine, key) == ""
        made = {}
        for staged in (mine, other):
            post(staged.staged_id, "a.csv", b"Email\n")
            file = staging.file(staged.staged_id)
            assert file
            made[staged.staged_id] = staging.copy(file, staged.staged_id, key)

        assert {each.staged_id: staging.copied(each, key) for each in (mine, other)} == made
        assert staging.copied(mine, key.removesuffix(".csv")) == ""

    def test_of_two_who_take_over_one_does(self, staging: Staging) -> None:
        sent = new_staged("c" * 32, sent=(Sent(route="spring", key="inbox/spring/a.csv"),))
        staging.keep(sent)
        later = sent.model_copy(update={"changed_at": NOW + timedelta(minutes=5)})

        assert staging.take_over(later, sent.changed_at)
        assert not staging.take_over(later, sent.changed_at)
        assert staging.staged("c" * 32) == later

    def test_what_an_upload_says_of_itself_is_told(self, staging: Staging, post: Post) -> None:
        post("d" * 32, "a.csv", b"Email\n")
        file = staging.file("d" * 32)
        assert file
        version = staging.copy(file, "d" * 32, "inbox/spring/d.csv")
        copied = Upload(bucket=file.bucket, key="inbox/spring/d.csv", version_id=version)
        assert staging.metadata(copied) == {STAGED: "d" * 32}
        assert staging.metadata(copied.model_copy(update={"key": "inbox/spring/e.csv"})) == {}

    def test_an_upload_that_is_erased_takes_what_it_is_a_copy_of_with_it(
        self, staging: Staging, post: Post, archive: Archive
    ) -> None:
        for staged_id, name in (("7" * 32, "é.csv"), ("7" * 32, "b.csv"), ("8" * 32, "b.csv")):
            post(staged_id, name, b"Email\n")
        file = staging.file("7" * 32)
        assert file
        version = staging.copy(file, "7" * 32, "inbox/spring/7.csv")
        copied = Upload(bucket=file.bucket, key="inbox/spring/7.csv", version_id=version)

        assert archive.delete_upload(copied)

        assert staging.file("7" * 32) is None
        with pytest.raises(UploadRejectedError):
            list(staging.read(file))
        assert staging.file("8" * 32)

    def test_a_part_of_a_file_is_read_where_it_lies(self, staging: Staging, post: Post) -> None:
        post("e" * 32, "a.csv", b"0123456789")
        file = staging.file("e" * 32)
        assert file
        places = ((0, 4), (4, 4), (8, 4))
        assert [staging.read_part(file, *each) for each in places] == [b"0123", b"4567", b"89"]
        with pytest.raises(UploadRejectedError):
            staging.read_part(file.model_copy(update={"key": "staged/none.csv"}), 0, 4)

    def test_nobody_holds_what_was_never_sent(self, staging: Staging) -> None:
        assert staging.holder("nothing#kakiyo#1") == ""

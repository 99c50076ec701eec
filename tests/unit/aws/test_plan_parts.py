from __future__ import annotations

from listdrop.aws.plan_parts import PlanParts

PLAN = bytes(range(256)) * 4096


class Bucket:
    """Has the plan of every job, and remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int]] = []

    def read(self, job_id: str, first: int, last: int) -> bytes:
        self.asked.append((job_id, first, last))
        return PLAN[first : last + 1]


def test_parts_that_follow_each_other_are_read_at_once() -> None:
    bucket = Bucket()
    parts = PlanParts(bucket.read)

    for first in range(0, 1_000_000, 10_000):
        assert parts.read("a", first, first + 9_999) == PLAN[first : first + 10_000]
        assert parts.read("a", first, first + 9_999) == PLAN[first : first + 10_000]  # to settle it

    assert len(bucket.asked) == 4


def test_a_part_before_and_another_job_are_read_again() -> None:
    bucket = Bucket()
    parts = PlanParts(bucket.read)
    parts.read("a", 500, 600)

    assert parts.read("a", 400, 600) == PLAN[400:601]
    assert parts.read("b", 450, 460) == PLAN[450:461]

    assert [(job, first) for job, first, _ in bucket.asked] == [("a", 500), ("a", 400), ("b", 450)]


def test_a_large_part_is_read_alone() -> None:
    bucket = Bucket()

    assert PlanParts(bucket.read).read("a", 0, 600_000) == PLAN[:600_001]

    assert bucket.asked == [("a", 0, 600_000)]

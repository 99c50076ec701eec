"""Keys of items: their form is the contract, as people query by it."""

from __future__ import annotations

import pytest

from listdrop.aws import keys


@pytest.mark.parametrize(
    ("number", "part"),
    [(1, "0000"), (9_999, "0000"), (10_000, "0001"), (19_999, "0001"), (20_000, "0002")],
)
def test_a_row_s_partition_is_its_number_divided_by_ten_thousand(number: int, part: str) -> None:
    key = keys.row("spring-kakiyo-1", number)

    assert key == {"pk": f"JOB#spring-kakiyo-1#{part}", "sk": f"ROW#{number:010d}"}
    assert keys.row_pk("spring-kakiyo-1", keys.last_part(number)) == key["pk"]
    assert [*keys.row_pks("spring-kakiyo-1", number)][-1] == key["pk"]
    assert keys.is_last_of_part(key["sk"]) == (number % 10_000 == 9_999)

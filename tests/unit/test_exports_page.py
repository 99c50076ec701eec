from __future__ import annotations

from tools.exports import PAGE, page


def test_the_page_of_exports_is_what_the_data_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m tools.exports`"

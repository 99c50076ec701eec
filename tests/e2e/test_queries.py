"""`docs/queries.md`: every way to ask a question is run, and all ways give the same answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.pages import QUERIES
from tests.support.routes import Route, person, table_text

pytestmark = pytest.mark.engine

OF_A_JOB = ("job_id", "state")
OF_A_ROW = ("job_id", "row", "outcome")
OF_A_BATCH = ("sk", "state")


PREAMBLE = QUERIES.blocks("Before you start")[1][1]
QUESTIONS = {
    heading: found
    for heading in QUERIES.headings
    if heading != "Before you start" and (found := QUERIES.blocks(heading))
}


def answers(
    language: str, block: str, fields: tuple[str, ...], ask: Callable[[str], str]
) -> Iterator[tuple[str, ...]]:
    """The answers that a block prints, as far as they are told by these members."""
    if language == "python":
        said = ask(f"python - <<'END'\n{PREAMBLE}\n{block}\nEND")
        for line in said.splitlines():
            yield tuple(line.split()[: len(fields)])
        return
    told = json.loads(ask(block))
    for item in told["Items"] if "Items" in told else [told["Item"]]:
        yield tuple(next(iter(item[name].values())) for name in fields)


def test_every_question_is_asked_in_three_ways() -> None:
    ways = {heading: [language for language, _ in blocks] for heading, blocks in QUESTIONS.items()}
    assert all(each == ["sh", "python", "sh"] for each in ways.values())
    assert all("execute-statement" in blocks[2][1] for blocks in QUESTIONS.values())


@pytest.mark.slow
def test_all_ways_to_ask_a_question_give_the_answer(make_route: Callable[..., Route]) -> None:
    route = make_route("activecampaign")
    route.drop(table_text(person("ada"), person("bo", "refused"), person("cy", "refused")))
    (job,) = route.finished(1)
    job_id = job["job_id"]
    good = (job_id, "1", "accepted")
    refused: list[tuple[str, ...]] = [(job_id, row, "refused") for row in ("2", "3")]
    expected: dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]] = {
        "How did that job go?": (OF_A_JOB, [(job_id, "partial")]),
        "What ran today?": (OF_A_JOB, [(job_id, "partial")]),
        "What ran on a route?": (OF_A_JOB, [(job_id, "partial")]),
        "Which rows failed, and why?": (OF_A_ROW, refused),
        "Which rows did the provider refuse?": (OF_A_ROW, refused),
        "What became of every row?": (OF_A_ROW, [good, *refused]),
        "What happened to this person?": (OF_A_ROW, [good]),
        "What is the state of its batches?": (OF_A_BATCH, [("BATCH#000001", "completed")]),
    }
    variables = {"JOB": job_id, "ROUTE": route.name, "PERSON": "EMAIL#ada@example.com"}
    assert set(QUESTIONS) == set(expected)

    def ask(text: str) -> str:
        return QUERIES.run(text, route, **variables)

    for heading, (fields, wanted) in expected.items():
        for language, block in QUESTIONS[heading]:
            said = answers(language, block, fields, ask)
            # Other tests drop files today, and on Ada, too.
            mine = [answer for answer in said if answer[0] in (job_id, "BATCH#000001")]
            assert sorted(mine) == wanted, (heading, language)

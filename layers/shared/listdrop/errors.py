"""Errors, named by what to do next. A bad row is data; a bad job is an exception."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, get_args


class ListdropError(Exception):
    """Every error that Listdrop raises on purpose."""


class UploadRejectedError(ListdropError):
    """The upload, its route or its account cannot be used: end the job `rejected`.

    `reason` is a code from `docs/design.md#reasons`; `text` is one plain sentence for people.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


class StopJobError(UploadRejectedError):
    """No more requests may be made for this job (bad key, no credits, unknown list)."""


class ImportMissingError(StopJobError):
    """The provider does not know the import that it opened: at first, ask again a little later.

    What loads, commits and looks up raises it.
    """


class InvalidRowError(ListdropError):
    """A row that cannot be sent to its provider: settle it `invalid`, and go on.

    `reason` is a code from `docs/design.md#reasons`; `text` is one plain sentence; `identity` is
    what the provider would upsert the row by, or empty if that is not known.
    """

    def __init__(self, reason: str, text: str, identity: str = "") -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text
        self.identity = identity


class BatchRefusedError(ListdropError):
    """The provider took nothing of this request and never will: its rows end `refused`.

    `reason` is the provider's own words, shortened.
    """

    def __init__(self, reason: str, raw_status: str = "") -> None:
        super().__init__("the provider refused the request")
        self.reason = reason
        self.raw_status = raw_status


class ProviderBusyError(ListdropError):
    """The provider took nothing and asks to wait `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("the provider asks to wait")
        self.retry_after = retry_after


class NotSentError(ListdropError):
    """The request never reached the provider: send it again later."""


class FateUnknownError(ListdropError):
    """The request may have been taken: the provider's `after_crash` rule decides.

    `retry_after`: in how many seconds the provider wants to be asked again; 0 if it did not say.
    """

    def __init__(self, said: str = "", retry_after: float = 0) -> None:
        super().__init__(said)
        self.retry_after = retry_after


class BrokenAnswerError(FateUnknownError):
    """An answer that its adapter could not read at all: end the batch, and go on with the others.

    What was raised may quote a person, so it is only its cause, and is not logged.
    """


class PlanUnreadableError(ListdropError):
    """A job's plan could not be read back: fail the turn, which the workflow tries again.

    It may be read in the middle of a provider's answer, which is not at fault.
    """


class NoPersonError(ListdropError):
    """The text names no person: ask for an e-mail address or a LinkedIn profile."""


class JobStillRunningError(ListdropError):
    """A job that has not ended still needs the data to be erased: cancel it, or wait."""


class NoProbeError(ListdropError):
    """The provider has no call that only tests a key: the first import will show."""


class NoChoicesError(ListdropError):
    """The provider has no call that lists what routes may name: people look there for the ids."""


class NoAnswerError(ListdropError):
    """A provider's answer about an account was of no use: say so.

    `result` is a word for why: `refused`, `unreachable` or `untestable`. `text` is one plain
    sentence, and never quotes the key.
    """

    def __init__(self, result: str, text: str) -> None:
        super().__init__(text)
        self.result = result
        self.text = text


class ReportUnavailableError(ListdropError):
    """A provider's report cannot or must not be downloaded: try again at the next poll."""


class UnversionedUploadError(ListdropError):
    """Versioning of the uploads bucket is off, so the object may not be the one announced."""

    def __init__(self) -> None:
        super().__init__("turn versioning of the uploads bucket on again, and drop the file again")


class UnfinishedJobError(ListdropError):
    """Finish ran out of time and no workflow calls it again: Lambda must retry it."""


class ClaimLostError(ListdropError):
    """Another call changed the batch or session first: leave it alone, or read it again."""


class ContendedError(ListdropError):
    """Too many calls reserve slots of an account at this moment: try again in the next turn."""


class TableBusyError(ListdropError):
    """The table takes no more row items for now: remember how far it got, and go on later."""


class NotHeldError(ListdropError):
    """A job cannot be approved or refused. The message is a sentence that says why."""


class NotAsSeenError(ListdropError):
    """A staged file cannot be sent as it was looked at. The message is a sentence that says why."""


class RouteChangedError(ListdropError):
    """A route is not any more what somebody changed: show it to them as it is now."""


class UnbalancedJobError(ListdropError):
    """The outcomes of a job do not add up to its rows. A bug: raise an alarm."""


def problems(error: Any, model: Any = None) -> str:
    """Turn a pydantic `ValidationError` into one line for people: each key and its problem.

    Values are never quoted, because one may be a secret. `model` is what was validated: then a key
    that is nearly one of its own is told which that is.
    """
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(_problem(problem, model) for problem in found[:_MOST_PROBLEMS])


def _problem(problem: Any, model: Any) -> str:
    where = problem["loc"]
    if problem["type"] == "extra_forbidden":
        *within, key = where
        said = f"unknown key {str(key)!r}{_meant(str(key), _keys_of(model, within))}"
        return f"{_place(within)}: {said}" if within else said
    return f"{_place(where)}: {words_of(problem)}"


def _place(where: Sequence[str | int]) -> str:
    """Name a place in a document. People count from one."""
    if len(where) == 2 and where[0] == "destinations":
        return f"destination {int(where[1]) + 1}"
    return ".".join(map(str, where)) or "the document"


def _keys_of(model: Any, where: Sequence[str | int]) -> list[str]:
    """Return the keys that a model has at a place within it; none if that is not known."""
    for name in where:
        field = getattr(model, "model_fields", {}).get(name)
        kinds = () if field is None else (field.annotation, *get_args(field.annotation))
        model = next((kind for kind in kinds if hasattr(kind, "model_fields")), None)
    return list(getattr(model, "model_fields", ()))


def _meant(key: str, known: list[str]) -> str:
    from difflib import get_close_matches  # not for every start: few routes are wrong

    near = get_close_matches(key, known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""


_PATTERNS = {
    r"^[A-Za-z0-9_.-]{1,64}$": "must be 1 to 64 letters, digits, `_`, `.` or `-`",
    r"^suppression/.+$": "must begin with suppression/",
    r"^[!-~]+$": "must be ASCII characters without spaces",
    r"^[!-~]([ -~]*[!-~])?$": "must be ASCII characters, without spaces around them",
    r"^[A-Za-z0-9-]+$": "must be letters, digits and `-`",
}
"""What the models' patterns ask for, in words."""


def words_of(problem: Any) -> str:
    """Return in our words what pydantic finds wrong, for the middle of a line."""
    message = problem["msg"].removeprefix("Value error, ")
    kind = problem["type"]
    if kind == "string_pattern_mismatch":
        pattern = message.partition("'")[2].removesuffix("'")
        return _PATTERNS.get(pattern, "is not of the form that it must have")
    if kind in ("too_short", "string_too_short"):
        return "name at least one" if kind == "too_short" else "must not be empty"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return "must be a JSON object"
    if kind in ("tuple_type", "list_type"):
        return "must be a list"
    message = _SHOULD.sub("must", message)
    return f"{message[:1].lower()}{message[1:]}"


_SHOULD = re.compile(r"^(?:Input|String|Tuple|List|Dictionary) should")
_MOST_PROBLEMS = 5

"""The turn that the workflow carries from state to state, and the slots that it has reserved."""

from datetime import datetime
from typing import Any, Literal, Self

from listdrop.models.base import Frozen


def execution_name(job_id: str, generation: int) -> str:
    """Return the name of a job's execution: the first is called as the job."""
    return job_id if generation == 1 else f"{job_id}.{generation}"


class Ticket(Frozen):
    """A reservation in an account's budget: `count` slots from `at` on, `gap` seconds apart."""

    at: datetime
    count: int
    gap: float


class Turn(Frozen):
    """What the execution carries from state to state: only ids and small numbers.

    `deadline_at` is the job's, so that the workflow can end even if its functions all fail.
    """

    job_id: str
    provider: str
    deadline_at: datetime | None = None
    next: Literal["send", "poll", "finish"] = "send"
    wait_until: datetime | None = None
    send_ticket: Ticket | None = None
    poll_ticket: Ticket | None = None
    turn: int = 0
    generation: int = 1

    def then(
        self,
        following: Literal["send", "poll", "finish"],
        wait_until: datetime | None = None,
        **tickets: Ticket | None,
    ) -> Self:
        """Return the next turn: what to do, and when. Tickets not given stay as they are."""
        changes = {"next": following, "wait_until": wait_until, "turn": self.turn + 1}
        return self.model_copy(update=changes | tickets)

    @property
    def execution(self) -> str:
        """The name of the execution that carries it."""
        return execution_name(self.job_id, self.generation)

    def state(self) -> dict[str, Any]:
        """Return the state machine's JSON, without members that are `None`."""
        return self.model_dump(mode="json", exclude_none=True)

"""The state machine: plays executions of the workflow that is deployed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from tests.simulation import workflow
from tests.simulation.stage import SPARED_AFTER, Frame, Stage

STATES = {turns: workflow.states_of(workflow.DEFINITION, turns) for turns in (4, 9, 30, 200)}
"""By the number of turns after which an execution is continued by another."""


@dataclass(eq=False)
class Execution:
    """An execution of the workflow."""

    name: str
    at: datetime
    state: Literal["running", "succeeded", "failed"] = "running"
    turns: int = 0
    transitions: int = 0
    """States that were entered, which is what AWS charges for."""


class Machine:
    """Everything that is executed. `handle` is what the functions' handlers do."""

    def __init__(
        self, world: Stage, turns: int, handle: Callable[[str, dict[str, Any]], dict[str, Any]]
    ) -> None:
        self.states = STATES[turns]
        self.executions: dict[str, Execution] = {}
        self._world = world
        self._handle = handle

    def start(self, name: str, data: dict[str, Any]) -> None:
        """Start an execution, unless there is or was one of that name."""
        if name in self.executions:
            return
        execution = self.executions[name] = Execution(name, self._world.now)
        self._world.at(self._world.now, lambda: self._step(execution, workflow.START, data))

    def _step(self, execution: Execution, name: str, data: dict[str, Any]) -> None:
        while True:
            state = self.states[name]
            execution.transitions += 1
            if state.kind == "Choice":
                tests = (to for test, to in state.choices if test(data, self._world.now))
                name = next(tests, state.following)
            elif state.kind == "Wait":
                moment = self._world.now + timedelta(seconds=state.seconds)
                if not state.seconds:
                    moment = max(workflow.wait_moment(data), self._world.now)
                self._world.at(moment, partial(self._step, execution, state.following, data))
                return
            elif state.kind == "Succeed":
                execution.state = "succeeded"
                return
            else:
                self._task(execution, state, data, (0,) * len(state.retries))
                return

    def _task(
        self,
        execution: Execution,
        state: workflow.State,
        data: dict[str, Any],
        tries: tuple[int, ...],
    ) -> None:
        if execution.state != "running":
            return
        if state.task == "continue":
            following = data | {"turn": 0, "generation": data["generation"] + 1}
            self.start(f"{data['job_id']}.{following['generation']}", following)
            execution.state = "succeeded"
            return
        execution.turns += 1
        execution.transitions += sum(tries) > 0  # a retry is charged, too
        frame = Frame(
            f"{short(data['job_id'])}.{state.task}",
            data["job_id"],
            self._world.now + timedelta(seconds=workflow.TIMEOUTS[state.task]),
            sum(tries),
        )

        def lost() -> None:
            frame.is_zombie = True
            self._failed(execution, state, data, tries, "Lambda.Unknown")

        frame.lost = lost
        answer = self._world.invoke(frame, lambda: self._handle(state.task, data))
        if frame.is_zombie:
            return
        if isinstance(answer, BaseException):
            self._failed(execution, state, data, tries, type(answer).__name__)
        elif frame.attempt < SPARED_AFTER and self._world.faults.hit("sfn.reply_lost", frame.label):
            self._failed(execution, state, data, tries, "Lambda.Unknown")
        else:
            self._world.at(self._world.now, partial(self._step, execution, state.following, answer))

    def _failed(
        self,
        execution: Execution,
        state: workflow.State,
        data: dict[str, Any],
        tries: tuple[int, ...],
        error: str,
    ) -> None:
        for index, rule in enumerate(state.retries):
            if workflow.matches(rule.errors, error) and tries[index] < rule.attempts:
                drawn = self._world.faults.draw(f"jitter {execution.name}")
                wait = timedelta(seconds=rule.seconds(tries[index], drawn))
                more = (*tries[:index], tries[index] + 1, *tries[index + 1 :])
                self._world.at(
                    self._world.now + wait, partial(self._task, execution, state, data, more)
                )
                return
        for catch in state.catches:
            if workflow.matches(catch.errors, error):
                caught = data | {"turn": data["turn"] + 1}
                self._world.at(
                    self._world.now, partial(self._step, execution, catch.following, caught)
                )
                return
        execution.state = "failed"
        self._world.note("execution failed", execution.name)
        self._world.at(self._world.now + timedelta(seconds=1), partial(self._broken_off, data))

    def _broken_off(self, data: dict[str, Any], tries: int = 0) -> None:
        """EventBridge has Finish end the job, which Lambda tries twice more."""
        frame = Frame(
            f"{short(data['job_id'])}.rule",
            data["job_id"],
            self._world.now + timedelta(seconds=workflow.TIMEOUTS["finish"]),
            tries,
        )
        answer = self._world.invoke(frame, lambda: self._handle("finish", data))
        is_over = not isinstance(answer, BaseException) and "state" in answer
        if not is_over and tries < 2:
            later = self._world.now + timedelta(minutes=tries + 1)
            self._world.at(later, partial(self._broken_off, data, tries + 1))


def short(job_id: str) -> str:
    """The end of a job's id, for traces."""
    return job_id[-4:]

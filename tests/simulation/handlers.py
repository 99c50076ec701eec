"""What the functions' handlers do: the real use cases on the ports of a simulation."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from listdrop.jobs.finishing import FinishPorts, finish_job
from listdrop.jobs.holding import refuse_forgotten
from listdrop.jobs.polling import poll_batches
from listdrop.jobs.sending import send_batches
from listdrop.jobs.submitting import SubmitPorts, submit_upload
from listdrop.jobs.sweeping import SweepPorts, sweep_uploads
from listdrop.jobs.turns import TurnPorts
from listdrop.models import Turn, Upload
from tests.simulation.machine import short
from tests.simulation.ports import SimDeliveries
from tests.support.messaging import MemoryEvents
from tests.support.staging import MemoryStaging
from tests.support.world import (
    FINISH_SECONDS,
    MORE_SECONDS,
    PASSES_SECONDS,
    SWEEP_SECONDS,
    TURN_SECONDS,
)

if TYPE_CHECKING:
    from tests.simulation.world import World


class Handlers:
    """The functions, by name."""

    def __init__(self, world: World) -> None:
        self.outdated: set[str] = set()
        """Jobs whose turns carry what newer code does not know."""
        self._world = world

    def submit(self, upload: Upload, *, is_short: bool) -> list[str]:
        """Run Submit, perhaps with too little time for everything."""
        return submit_upload(upload, self._submit_ports, 0 if is_short else PASSES_SECONDS)

    @cached_property
    def _submit_ports(self) -> SubmitPorts:
        world = self._world
        return SubmitPorts(
            uploads=world.uploads,
            routes=world.routes,
            providers=world.providers,
            submissions=world.jobs,
            jobs=world.jobs,
            files=world.files,
            executions=world.executions,
            deliveries=SimDeliveries(world),
            notices=world.notices,
            clock=world.clock,
            staged=MemoryStaging(world.uploads),
        )

    def sweep(self) -> list[Upload]:
        """Run Sweep; returns what it delivered again."""
        world, deliveries = self._world, SimDeliveries(self._world)
        ports = SweepPorts(
            uploads=world.uploads,
            submitted=world.jobs,
            sweeps=world.sweeps,
            deliveries=deliveries,
            events=MemoryEvents(),
            jobs=world.jobs,
            executions=world.executions,
            clock=world.clock,
        )
        refuse_forgotten(ports)
        sweep_uploads(ports, SWEEP_SECONDS)
        return deliveries.uploads

    def handle(self, task: str, data: dict[str, Any]) -> dict[str, Any]:
        """Run a function of the workflow."""
        if data["job_id"] in self.outdated:
            self.outdated.discard(data["job_id"])
            data = {k: v for k, v in data.items() if not k.endswith("_ticket")}
        turn = Turn.model_validate(data)
        if task == "finish":
            return self._finish(turn)
        use_case = send_batches if task == "send" else poll_batches
        return use_case(turn, self._turn_ports, TURN_SECONDS, MORE_SECONDS).state()

    @cached_property
    def _turn_ports(self) -> TurnPorts:
        world = self._world
        return TurnPorts(
            jobs=world.jobs,
            files=world.files,
            accounts=world.accounts,
            providers=world.providers,
            budget=world.budget,
            clock=world.clock,
            events=world.metrics,
        )

    def _finish(self, turn: Turn) -> dict[str, Any]:
        """Run Finish: hardly ever with too little time for what there is to write."""
        place = f"{short(turn.job_id)}.finish"
        is_short = self._world.faults.hit("lambda.little_time", place)
        ended = finish_job(turn, self._finish_ports, 0 if is_short else FINISH_SECONDS)
        return turn.then("finish").state() if ended is None else {"state": ended.value}

    @cached_property
    def _finish_ports(self) -> FinishPorts:
        world = self._world
        return FinishPorts(
            uploads=world.uploads,
            jobs=world.jobs,
            endings=world.jobs,
            files=world.files,
            notices=world.notices,
            clock=world.clock,
            events=world.metrics,
            piece_bytes=world.piece_bytes,
        )

"""The way to a provider, on which requests and answers are lost, late or garbled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from listdrop.errors import FateUnknownError, NotSentError, ReportUnavailableError
from listdrop.jobs.cancelling import Effect
from listdrop.providers import REGISTRY
from listdrop.providers.base import Provider
from listdrop.providers.http import Answer, HttpClient
from listdrop.wiring.turns import OnlineProviders
from tests.simulation.stage import CrashError, Frame
from tests.simulation.vendors import Reply
from tests.support.clock import NOW

if TYPE_CHECKING:
    from tests.simulation.world import World


_DOING = ("send", "open", "commit")
"""What is no longer done for a job that was cancelled. It is still asked about."""


_REMEMBERED_SECONDS = 2.0
"""For so long at least, the network remembers a connection on which nothing is sent."""


class SimProviders:
    """The providers port: the real class, with batches of a few rows."""

    def __init__(self, world: World, client: type[SimHttp] | None = None) -> None:
        self.cached: dict[str, Provider[Any, Any]] = {}
        self._world = world
        self._client = client or SimHttp
        self._warm: dict[str, list[Process]] = {}
        """Frozen processes, by function."""

    def of(self, destination: Mapping[str, Any]) -> Provider[Any, Any]:
        members = destination if isinstance(destination, dict) else dict(destination)
        name = members["provider"]
        if name not in self.cached:
            kind = REGISTRY[name]
            provider = kind(kind.destination_model.model_validate(members))
            limits = type(provider.limits)(
                rows=self._world.batch_rows,
                bytes=provider.limits.bytes,
                lone_rows=provider.limits.lone_rows,
            )
            vars(provider)["limits"] = limits
            self.cached[name] = provider
        return self.cached[name]

    def http(self) -> HttpClient:
        frame = self._world.frame
        if frame.process is None:
            warm = self._warm.setdefault(_function_of(frame), [])
            frame.process = warm.pop() if warm else Process(self._world, self._client)
            frame.process.thaw()
        return frame.process.http()

    def freeze(self, frame: Frame) -> None:
        """Keep the process of a function that has answered for the function's next call."""
        if frame.process is not None:
            frame.process.freeze()
            self._warm[_function_of(frame)].append(frame.process)
            frame.process = None


def _function_of(frame: Frame) -> str:
    return frame.label.rpartition(".")[2]


class Process(OnlineProviders):
    """A process of Lambda, with the real rule of which client a turn gets.

    Between two calls it is frozen: its clock stands still, and the network may forget its
    connections.
    """

    _http: SimHttp

    def __init__(self, world: World, client: type[SimHttp]) -> None:
        self._world = world
        self._frozen_at = world.now
        self._asleep = timedelta()
        super().__init__(lambda: client(world, self.seconds))

    def seconds(self) -> float:
        """Return how long it has been awake."""
        return (self._world.now - NOW - self._asleep).total_seconds()

    def freeze(self) -> None:
        """Stop, until the function is called again."""
        self._frozen_at = self._world.now

    def thaw(self) -> None:
        """Go on."""
        self._asleep += self._world.now - self._frozen_at
        self._http.be_forgotten("lambda.frozen")


class SimHttp(HttpClient):
    """The HTTP client without sockets: it raises what the real one raises.

    Which connection a request goes out on is decided by the real one.
    """

    def __init__(self, world: World, seconds: Callable[[], float]) -> None:
        self._world = world
        self._now = seconds
        self._answered_at = seconds()
        self._is_open = False
        self._is_forgotten = False

    def close(self) -> None:
        self._is_open = self._is_forgotten = False

    def be_forgotten(self, fault: str) -> None:
        """Perhaps let the network forget the open connection, of which nobody hears."""
        if self._is_open and self._world.faults.hit(fault, self._world.frame.label):
            self._is_forgotten = True

    def request(self, *arguments: Any, **more: Any) -> Answer:
        if self._now() - self._answered_at > _REMEMBERED_SECONDS:
            self.be_forgotten("idle.forgotten")
        return super().request(*arguments, **more)

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> Answer:
        world, vendor = self._world, self._world.vendor
        if self._is_forgotten:
            self.close()
            world.fail(f"I4 a request of {world.frame.label} was lost on an idle connection")
            self._wait(seconds)
            raise FateUnknownError("no answer")
        self._is_open = True
        frame = world.frame
        if not url.startswith(vendor.base):
            world.fail(f"I10 a request went to {url}")
        path = url.removeprefix(vendor.base)
        endpoint = vendor.endpoint(method, path)
        asked = orjson.loads(body) if body else None
        kind = "poll" if endpoint == "poll" else "send"
        if not path.endswith("/fields"):  # read in the same slot as what follows it
            world.requests.append((world.now, kind, frame.label))
        place = f"{frame.label} {endpoint}"
        fault = world.faults.pick("net.", place)
        if "crash" in fault and world.is_spared(frame):
            fault = ""
        if world.trace is not None:
            shown = vendor.rows_of(path, asked) if asked and endpoint == "send" else ""
            world.note(f"{method} {path}", f"{shown} {fault}")
        key = vendor.key_of(headers)

        def served() -> Reply:
            if key not in vendor.keys:
                return Reply(*vendor.denied)
            return vendor.serve(endpoint, path, asked, frame.job_id)

        is_first = frame.path != "/fields"  # of a call that makes two
        frame.path = path[-len("/fields") :]
        effect = world.cancelled.get(frame.job_id)
        if effect is Effect.STOPPED and is_first and not frame.is_zombie and endpoint in _DOING:
            world.fail(f"I11 {frame.job_id} was cancelled, and then there was a {endpoint}")
        if endpoint in ("send", "commit"):
            rows = {(frame.job_id, row) for row in vendor.rows_of(path, asked)}
            frame.sent |= rows
            if fault not in ("", "net.not_sent", "net.busy"):
                vendor.ledger.doubtful |= rows
        self._look_beside(frame, endpoint)
        world.asking.append(frame)
        try:
            return self._answer(fault, served, seconds, place)
        finally:
            world.asking.remove(frame)
            frame.in_flight_until = None

    def _look_beside(self, frame: Frame, endpoint: str) -> None:
        """Where an account takes one request at a time, see whether another is in flight."""
        world = self._world
        if frame.is_zombie or not world.kind.rates.one_at_a_time:
            return
        for other in world.asking:
            is_over = other.in_flight_until is None or other.in_flight_until <= world.now
            if not other.is_zombie and not is_over:
                world.fail(f"§8.8 a {endpoint} of {frame.label} beside a request of {other.label}")

    def _answer(self, fault: str, served: Any, seconds: float, place: str) -> Answer:
        world = self._world
        self._fail_before(fault, served, seconds, place)
        if fault == "net.busy":
            return _answer_of(world.vendor.busy())
        if fault == "net.5xx_before":
            return _answer_of(Reply((500, 502, 503, 504)[int(4 * world.faults.draw(place))]))
        told = len(world.frame.told)
        reply: Reply = served()
        world.interfere(place)
        if fault:
            del world.frame.told[told:]
        if fault == "net.crash_after":
            raise CrashError(place)
        if fault == "net.timeout_after":
            self._wait(seconds * world.faults.draw(f"after {place}"))
            raise FateUnknownError("the connection broke")
        self._wait(0.05 + world.faults.draw(f"latency {place}"))
        if fault == "net.5xx_after":
            return _answer_of(Reply(500, {"message": "internal"}))
        if fault == "net.poisoned":
            raise _poison(world.faults.draw(f"poison {place}"))
        if fault == "net.redirect":
            return Answer(303, {"Location": "https://elsewhere.example"}, b"")
        if fault == "net.garbage" and reply.status != 429:  # which may say what was taken
            bodies = (b"", b"<html>", b"[]", b'{"status"', b"null", b'"ok"', b"{}")
            return Answer(
                reply.status, {}, bodies[int(len(bodies) * world.faults.draw(f"body {place}"))]
            )
        return _answer_of(reply)

    def _fail_before(self, fault: str, served: Any, seconds: float, place: str) -> None:
        """Let a request come to nothing, or to something much later."""
        world = self._world
        if fault == "net.crash_before":
            raise CrashError(place)
        if fault == "net.not_sent":
            self._wait(5)
            raise NotSentError("no connection")
        if fault == "net.timeout_before":
            self._wait(seconds)
            raise FateUnknownError("no answer")
        if fault == "net.late":  # it lands when nobody waits for it any more
            delay = 5 + seconds * 2 * world.faults.draw(f"late {place}")
            world.at(world.now + timedelta(seconds=delay), lambda: self._unattended(served))
            self._wait(seconds)
            raise FateUnknownError("no answer")

    def _unattended(self, served: Callable[[], Any]) -> None:
        """Let the provider do something that nobody waits for."""
        world = self._world
        before, world.frame = world.frame, Frame("nobody", "", world.now, 0)
        world.note("a late request lands")
        served()
        world.frame = before

    def _wait(self, seconds: float) -> None:
        world = self._world
        world.frame.in_flight_until = world.now + timedelta(seconds=seconds)
        world.pass_time(world.now + timedelta(seconds=seconds))
        if world.now > world.frame.ends_at:
            raise CrashError("timed out")

    def fetch_report(self, url: str, *, max_bytes: int, seconds: float) -> bytes:
        del max_bytes
        world = self._world
        fault = world.faults.pick("net.", f"{world.frame.label} report")
        world.note(f"report {url}", fault)
        if fault.startswith("net.crash"):
            raise CrashError(url)
        if fault == "net.poisoned":
            raise _poison(world.faults.draw("poison report"))
        if fault:
            self._wait(seconds if "timeout" in fault else 1)
            raise ReportUnavailableError("the report could not be downloaded")
        return world.vendor.report(url)


def _poison(drawn: float) -> Exception:
    """Return what an adapter may raise that has met an answer of which nobody has thought."""
    poisons = (RecursionError("too deep"), UnicodeError("label too long"), KeyError("id"))
    return poisons[int(drawn * len(poisons))]


def _answer_of(reply: Reply) -> Answer:
    return Answer(reply.status, reply.headers, reply.content())

"""Listdrop on a laptop: engine, simulators, the deployed stack, and a demo route, in one object."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.deploy import STACK, client, deploy, session
from local.engine import ROOT, Engine
from local.simulators import SIMULATORS
from local.simulators.base import Simulator

HOME = ROOT / ".listdrop"
DEMO_ROUTE = ROOT / "events" / "demo-route.json"


class Stack:
    """The deployed stack on an engine that runs on this machine."""

    def __init__(self, url: str, outputs: dict[str, str] | None = None) -> None:
        self.url = url
        """Where AWS is."""
        self.outputs = outputs or {}
        self._clients: dict[str, Any] = {}

    def client(self, name: str) -> Any:
        """Return a client of the engine. Clients are cached, because creating one is slow."""
        if name not in self._clients:
            self._clients[name] = client(name, self.url)
        return self._clients[name]

    @cached_property
    def table(self) -> Any:
        """The table of jobs."""
        resource = session().resource("dynamodb", endpoint_url=self.url)
        return resource.Table(self.outputs["JobsTable"])

    def put_route(self, name: str, route: dict[str, Any] | str) -> None:
        """Write a route."""
        text = route if isinstance(route, str) else json.dumps(route)
        self.client("ssm").put_parameter(
            Name=f"/{STACK}/routes/{name}", Value=text, Type="String", Overwrite=True
        )

    def put_account(self, provider: str, name: str, secret: dict[str, str]) -> None:
        """Write an account."""
        self.client("secretsmanager").create_secret(
            Name=f"{STACK}/{provider}/{name}", SecretString=json.dumps(secret)
        )

    def drop(self, key: str, content: bytes) -> str:
        """Put a file into the uploads bucket. Returns its version id."""
        bucket = self.outputs["UploadsBucket"]
        stored = self.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
        return str(stored["VersionId"])


class LocalStack(Stack, AbstractContextManager["LocalStack"]):
    """Everything that `make up` starts. `wait_scale` also shortens the simulators' delays.

    With `as_in_prod`, the engine enforces IAM, and the stack encrypts with its own key.
    """

    def __init__(
        self,
        *,
        home: Path = HOME,
        port: int = 0,
        wait_scale: float = 1.0,
        as_in_prod: bool = False,
    ) -> None:
        self.engine = Engine(home, port, enforce_iam=as_in_prod)
        super().__init__(self.engine.url)
        self.simulators: dict[str, Simulator] = {}
        self._wait_scale = wait_scale
        self._as_in_prod = as_in_prod
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.engine)
            for name, simulator in SIMULATORS.items():
                self.simulators[name] = stack.enter_context(simulator(delay_scale=self._wait_scale))
            self.outputs = deploy(
                self.url, wait_scale=self._wait_scale, as_in_prod=self._as_in_prod
            )
            self._write_demo_route()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _write_demo_route(self) -> None:
        for name, simulator in self.simulators.items():
            self.put_account(name, "default", simulator.account())
        self.put_route("demo", DEMO_ROUTE.read_text("utf-8"))

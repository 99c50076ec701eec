"""Listdrop on a laptop: engine, simulators, the deployed stack, and a demo route, in one object."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from functools import cached_property
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

from listdrop.models import storable_route
from local.deploy import STACK, client, deploy, is_deployed, session
from local.engine import ROOT, Engine
from local.kept import Addresses, end_broken_off
from local.simulators import SIMULATORS
from local.simulators.base import Simulator

HOME = ROOT / ".listdrop"
"""The folder of what runs here: logs, temporary files, and what `make up` keeps."""
DEMO_ROUTE = ROOT / "events" / "demo-route.json"


def home_of(port: int) -> Path:
    """Return the folder of the stack on a port, which is `LISTDROP_HOME`'s if that is set."""
    return Path(os.environ.get("LISTDROP_HOME") or HOME) / str(port)


def data_of(port: int) -> Path:
    """Return the folder of what the stack on a port keeps between runs."""
    return home_of(port) / "data"


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
            Name=f"/{STACK}/routes/{name}",
            Value=storable_route(text),
            Type="String",
            Overwrite=True,
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

    With `as_in_prod`, the engine enforces IAM, and the stack encrypts with its own key. With
    `data`, a folder, everything but what simulators were sent lasts between runs. With `layers`, a
    folder of packages, functions see only those. `more` are other parameters of the template.
    """

    def __init__(
        self,
        *,
        home: Path = HOME,
        port: int = 0,
        wait_scale: float = 1.0,
        as_in_prod: bool = False,
        data: Path | None = None,
        layers: Path | None = None,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.engine = Engine(home, port, enforce_iam=as_in_prod, data=data)
        super().__init__(self.engine.url)
        self.simulators: dict[str, Simulator] = {}
        self.broken_off: list[str] = []
        """Jobs that ran when the last run was stopped, and are being ended."""
        self._data = data
        self._wait_scale = wait_scale
        self._as_in_prod = as_in_prod
        self._layers = layers
        self._more = more
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.engine)
            addresses = Addresses(self._data) if self._data else None
            for name, simulator in SIMULATORS.items():
                port = addresses.port(name) if addresses else 0
                self.simulators[name] = stack.enter_context(
                    simulator(delay_scale=self._wait_scale, port=port)
                )
            is_kept = is_deployed(self.url)
            self.outputs = deploy(
                self.url,
                wait_scale=self._wait_scale,
                as_in_prod=self._as_in_prod,
                layers=self._layers,
                more=self._more,
            )
            if addresses and is_kept:
                self._go_on(addresses)
            else:
                self._write_accounts(*self.simulators)
                self.put_route("demo", DEMO_ROUTE.read_text("utf-8"))
            if addresses:
                urls = {name: simulator.url for name, simulator in self.simulators.items()}
                addresses.keep(urls, self)
            self.engine.save_often()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _go_on(self, addresses: Addresses) -> None:
        """Leave routes and accounts as they are, which may be changed or deleted by now."""
        self._write_accounts(*(name for name in self.simulators if name not in addresses))
        self.broken_off = end_broken_off(self)

    def _write_accounts(self, *names: str) -> None:
        for name in names:
            self.put_account(name, "default", self.simulators[name].account())

"""Starts functions as copies of a process that has imported everything, which takes no time.

The engine runs a function's `bootstrap`, which runs this file as a program. That connects to the
starter, which forks; the copy takes over the program's environment, folder and output, and becomes
AWS's runtime client. The program ends when the copy does, and the copy when the program does.
"""

from __future__ import annotations

import json
import os
import socket
import sys

SERVE = "import sys; from local.starter import serve; serve(sys.argv[1])"
"""The starter, as a command that is given its address: so started, it finds modules in whatever
folder it is in, and so does a copy in its function's."""

ADDRESS = "LISTDROP_STARTER"
"""The variable with the starter's address, where there is one."""

_MOST_BYTES = 1 << 20


def ask(handler: str) -> int:
    """Become a function: by the starter, or else from the beginning; returns the exit code."""
    runtime = [sys.executable, "-m", "awslambdaric", handler]
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as starter:
        try:
            starter.connect(os.environ[ADDRESS])
        except (KeyError, OSError):
            os.execv(sys.executable, runtime)  # noqa: S606 # nosec B606 - our own interpreter
        wanted = {
            "handler": handler,
            "folder": os.getcwd(),  # noqa: PTH109 # imports little
            "environment": dict(os.environ),
        }
        socket.send_fds(starter, [json.dumps(wanted).encode()], [1, 2])
        return int(starter.recv(1) != b"0")


def serve(address: str) -> None:
    """Fork on each request, until the process that started this closes our standard input."""
    import select
    import signal

    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(address)
        listening.listen(128)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the copies here
        while True:
            ready, _, _ = select.select([listening, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            asking, _ = listening.accept()
            with asking:
                _import_everything()
                if os.fork() == 0:
                    listening.close()
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    _become(asking)


def _import_everything() -> None:
    """Import what all functions do, but for the runtime client: it reads its address at once."""
    import aws_lambda_powertools.utilities.batch
    import aws_lambda_powertools.utilities.data_classes  # noqa: F401

    from listdrop.providers import REGISTRY

    list(REGISTRY.values())


def _become(asking: socket.socket) -> None:
    """Take over what the program that asks was given, and run its function to the end."""
    import threading

    code = b"1"
    try:
        text, files, _, _ = socket.recv_fds(asking, _MOST_BYTES, 2)
        wanted = json.loads(text)
        for number, file in enumerate(files, 1):
            os.dup2(file, number)
            os.close(file)
        environment = wanted["environment"]
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(wanted["folder"])
        threading.Thread(target=_end_with, args=(asking,), daemon=True).start()

        from awslambdaric.__main__ import main  # type: ignore[import-untyped] # has no types

        main(["", wanted["handler"]])
        code = b"0"
    finally:
        asking.send(code)
        os._exit(int(code))


def _end_with(asking: socket.socket) -> None:
    """End as soon as the program does that we stand for: it was killed."""
    asking.recv(1)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(ask(sys.argv[1]))

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Self

import pytest

from listdrop.errors import FateUnknownError, NotSentError, ReportUnavailableError
from listdrop.providers import http
from listdrop.providers.http import MAX_DEPTH, Answer, HttpClient
from listdrop.wiring.turns import OnlineProviders

SOON = 0.3
"""Seconds that a request is given where the server never answers in time."""
STEPS = 60
STEP = 0.03
"""A slow server sends a little every `STEP` seconds: each piece in time, all of it far too late."""


class Wire:
    """One accepted connection of the raw server."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self.request = b""

    def read_request(self) -> bytes:
        """Read one request with its body, and return it."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self._socket.recv(65_536)
            if not piece:
                return data
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(header_lines(head).get("content-length", "0"))
        while len(body) < length:
            body += self._socket.recv(65_536)
        self.request = head + b"\r\n\r\n" + body
        return self.request

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def drip(self, data: bytes) -> bool:
        """Send byte after byte, slowly; returns whether the client left before the end."""
        for index in range(len(data)):
            try:
                self._socket.sendall(data[index : index + 1])
            except OSError:
                return True
            if self.client_left(STEP):
                return True
        return False

    def client_left(self, seconds: float) -> bool:
        """Wait so long for the client to close the connection."""
        self._socket.settimeout(seconds)
        try:
            return self._socket.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    def reset(self) -> None:
        """Break the connection rudely."""
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._socket.close()

    def drop(self, last: bytes) -> None:
        """Close the connection beneath TLS without a farewell, with these last plain bytes."""
        with socket.socket(fileno=self._socket.detach()) as plain:
            plain.sendall(last)
            with suppress(OSError):  # the client may have left at the last bytes
                plain.shutdown(socket.SHUT_RDWR)


Script = Callable[[Wire], object]


class RawServer:
    """Plays one script for each connection, the last one for all that follow."""

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None) -> None:
        self._scripts = list(scripts)
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.requests: list[bytes] = []
        self.returned: list[object] = []
        """What each script returned."""

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.join()
        self._socket.close()

    def join(self) -> None:
        """Take no more connections, and wait until the script of the last one is over."""
        with suppress(OSError):  # after the first time
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
            try:
                if self._tls:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                wire = Wire(connection)
                try:
                    self.returned.append(script(wire))
                finally:
                    if wire.request:
                        self.requests.append(wire.request)
            except OSError:
                pass
            finally:
                connection.close()


def answering(data: bytes) -> Script:
    """Answer each request on the connection with these bytes, then close it."""

    def play(wire: Wire) -> None:
        wire.read_request()
        wire.send(data)

    return play


def whole(body: bytes = b"{}", status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body


def get(server: RawServer, seconds: float = 5, path: str = "/", **headers: str) -> Answer:
    return HttpClient().request("GET", server.url + path, headers=headers, seconds=seconds)


def header_lines(request: bytes) -> dict[str, str]:
    head = request.partition(b"\r\n\r\n")[0].decode("latin-1")
    pairs = (line.split(": ", 1) for line in head.split("\r\n")[1:])
    return {name.lower(): value for name, value in pairs}


# ---------------------------------------------------------------- whole answers


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b""),
        (
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"5\r\nhello\r\n1;ext=1\r\n,\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n"
            ),
            b"hello, world",
        ),
    ],
    ids=["length", "empty", "no content", "until closed", "no chunks", "chunks"],
)
def test_an_answer_comes_whole(data: bytes, body: bytes) -> None:
    with RawServer(answering(data)) as server:
        assert get(server).body == body


@pytest.mark.parametrize("status", [200, 201, 400, 401, 404, 413, 422, 429, 500, 503])
def test_an_answer_of_any_status_is_an_answer(status: int) -> None:
    with RawServer(answering(whole(b"why", f"{status} Words", X_Id="7"))) as server:
        answer = get(server)
    assert (answer.status, answer.body, answer.headers["x-id"]) == (status, b"why", "7")
    assert answer.is_success == (status < 300)


def test_a_request_is_sent_as_it_is_given() -> None:
    with RawServer(answering(whole())) as server:
        HttpClient().request(
            "POST",
            f"{server.url}/v1/import",
            headers={"Api-Token": "key", "Content-Type": "application/json"},
            params={"q": "a b&c", "é": "1"},
            body=b'{"a": 1}',
        )
    assert server.requests[0].startswith(b"POST /v1/import?q=a+b%26c&%C3%A9=1 HTTP/1.1\r\n")
    assert server.requests[0].endswith(b'\r\n\r\n{"a": 1}')
    sent = header_lines(server.requests[0])
    assert (sent["api-token"], sent["content-length"]) == ("key", "8")


def test_no_compressed_answer_is_asked_for_and_none_is_unpacked() -> None:
    packed = gzip.compress(bytes(1 << 20), mtime=0)
    with RawServer(answering(whole(packed, Content_Encoding="gzip"))) as server:
        answer = get(server)
    assert header_lines(server.requests[0])["accept-encoding"] == "identity"
    assert answer.body == packed


def test_a_connection_is_kept_and_one_that_the_provider_closed_is_opened_again() -> None:
    def twice(wire: Wire) -> None:
        for _ in range(2):
            wire.read_request()
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with RawServer(twice) as server:
        client = HttpClient()
        for _ in range(4):
            assert client.request("GET", server.url, headers={}, seconds=5).body == b"{}"
    assert len(server.returned) == 2


def forgetful(wire: Wire) -> bytes:
    """Answer once, and then swallow whatever comes: a connection that the network has forgotten."""
    wire.read_request()
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    wire._socket.settimeout(SOON)
    with suppress(TimeoutError):
        return wire._socket.recv(65_536)
    return b""


def test_nothing_is_sent_on_a_connection_that_was_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [1000.0]
    clock = SimpleNamespace(monotonic=lambda: passed[0])
    monkeypatch.setattr("listdrop.providers.http.time", clock)
    with RawServer(forgetful) as server:
        client = HttpClient()
        for _ in range(3):
            assert client.request("POST", server.url, headers={}, body=b"x", seconds=5).is_success
            passed[0] += http.IDLE_SECONDS + 0.1
    assert server.returned == [b""] * 3


def test_nothing_is_sent_on_a_connection_of_an_earlier_turn() -> None:
    providers = OnlineProviders(HttpClient)
    with RawServer(forgetful) as server:
        for _ in range(3):
            client = providers.http()
            assert client.request("POST", server.url, headers={}, body=b"x", seconds=5).is_success
        providers.http()
    assert server.returned == [b""] * 3


# ---------------------------------------------------------------- broken answers


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 many\r\n\r\n",
        b"SSH-2.0-server\r\n",
    ],
    ids=[
        "nothing", "no body", "half a body", "two lengths", "no chunk", "half a chunk",
        "no last chunk", "no chunk size", "a huge header", "many headers", "no header",
        "half a header", "no status", "no HTTP",
    ],
)  # fmt: skip
def test_an_answer_that_is_not_whole_leaves_the_fate_unknown(data: bytes) -> None:
    with RawServer(answering(data)) as server, pytest.raises(FateUnknownError):
        get(server)
    assert len(server.requests) == 1


def test_a_connection_reset_after_the_request_leaves_the_fate_unknown() -> None:
    def play(wire: Wire) -> None:
        wire.read_request()
        wire.reset()

    with RawServer(play) as server, pytest.raises(FateUnknownError):
        get(server)


def test_a_connection_reset_inside_the_answer_leaves_the_fate_unknown() -> None:
    def play(wire: Wire) -> None:
        wire.read_request()
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel")
        wire.client_left(0.1)
        wire.reset()

    with RawServer(play) as server, pytest.raises(FateUnknownError):
        get(server)


def test_a_request_is_never_repeated() -> None:
    def play(wire: Wire) -> None:
        wire.read_request()
        wire.reset()

    with RawServer(play) as server, pytest.raises(FateUnknownError):
        HttpClient().request("POST", server.url, headers={}, body=b"{}", seconds=5)
    assert len(server.requests) == 1


# ---------------------------------------------------------------- requests that never left


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        return int(reserved.getsockname()[1])


def test_a_refused_connection_was_sent_nothing() -> None:
    with pytest.raises(NotSentError, match=r"^the connection was refused$"):
        HttpClient().request("GET", f"http://127.0.0.1:{closed_port()}", headers={})


def test_a_name_without_an_address_was_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSentError, match=r"^its host name has no address$"):
        HttpClient().request("GET", "https://api.example.com", headers={})


@pytest.mark.parametrize(
    "url", ["https://api example.com/", "https://", "nonsense", "ftp://127.0.0.1/", "http://[::1/"]
)
def test_an_address_that_cannot_be_used_was_sent_nothing(url: str) -> None:
    with pytest.raises(NotSentError):
        HttpClient().request("GET", url, headers={}, seconds=SOON)


@pytest.mark.parametrize("key", ["key\n", "key\r\nX-Other: 1", "key\u20ac", " key"])
def test_a_header_that_cannot_be_sent_was_not_sent(key: str) -> None:
    with RawServer(answering(whole())) as server, pytest.raises(NotSentError):
        get(server, Authorization=key)
    assert server.requests == []


# ---------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of `reports.example` and 127.0.0.1, with its key, in one file."""
    path = tmp_path_factory.mktemp("tls") / "loopback.pem"
    names = "subjectAltName=DNS:reports.example,IP:127.0.0.1"
    command = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-nodes", "-days", "2", "-subj", "/CN=reports.example", "-addext", names,
        "-keyout", str(path), "-out", str(path.with_suffix(".crt")),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusting(certificate: Path) -> HttpClient:
    """A client that trusts the certificate."""
    client = HttpClient()
    client._session.verify = str(certificate)
    return client


def test_an_answer_over_tls_comes_whole(tls: ssl.SSLContext, trusting: HttpClient) -> None:
    with RawServer(answering(whole(b"hello")), tls=tls) as server:
        assert trusting.request("GET", server.url, headers={}).body == b"hello"


def test_an_untrusted_server_was_sent_nothing(tls: ssl.SSLContext) -> None:
    untrusted = pytest.raises(NotSentError, match=r"^no trusted connection could be made \(TLS\)$")
    with RawServer(answering(whole()), tls=tls) as server, untrusted:
        get(server)
    assert server.requests == []


def test_a_server_without_tls_was_sent_nothing() -> None:
    plain = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with RawServer(lambda wire: wire.send(plain)) as server, pytest.raises(NotSentError):
        HttpClient().request("GET", server.url.replace("http:", "https:"), headers={})


@pytest.mark.parametrize("last", [b"", b"\x00" * 32], ids=["closed", "garbage"])
@pytest.mark.parametrize(
    "answered",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel"],
    ids=["before the answer", "inside the answer"],
)
def test_tls_that_breaks_after_the_request_leaves_the_fate_unknown(
    tls: ssl.SSLContext, trusting: HttpClient, answered: bytes, last: bytes
) -> None:
    def play(wire: Wire) -> None:
        wire.read_request()
        wire.send(answered)
        wire.drop(last)

    with RawServer(play, tls=tls) as server, pytest.raises(FateUnknownError):
        trusting.request("POST", server.url, headers={}, body=b"{}", seconds=5)
    assert len(server.requests) == 1


def test_a_pinned_connection_still_wants_the_certificate_of_the_name(
    tls: ssl.SSLContext, certificate: Path
) -> None:
    named: list[str | None] = []
    tls.sni_callback = lambda _, name, __: named.append(name)
    with RawServer(answering(whole(b"report")), tls=tls) as server:
        for host, is_trusted in (("reports.example", True), ("other.example", False)):
            with http._Session(host) as session:
                session.verify = str(certificate)
                arguments = (session, "GET", server.url, {"Host": host}, None, 5, 1_000)
                if is_trusted:
                    assert http._answer(*arguments).body == b"report"
                else:
                    with pytest.raises(NotSentError):
                        http._answer(*arguments)
    assert named == ["reports.example", "other.example"]
    assert len(server.requests) == 1


# ---------------------------------------------------------------- deadlines


def test_a_server_that_never_answers_is_left() -> None:
    def play(wire: Wire) -> bool:
        wire.read_request()
        return wire.client_left(10)

    with RawServer(play) as server:
        with pytest.raises(FateUnknownError):
            get(server, SOON)
        server.join()
    assert server.returned == [True]


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SLOW = {
    "status line": (b"HTTP/1.1 200 ", b"O" * STEPS),
    "header": (b"HTTP/1.1 200 OK\r\nX: ", b"x" * STEPS),
    "body": (HEAD, b"x" * STEPS),
    "body until closed": (b"HTTP/1.0 200 OK\r\n\r\n", b"x" * STEPS),
    "one large chunk": (CHUNKED + b"3c\r\n", b"x" * STEPS),
    "small chunks": (CHUNKED, b"1\r\nx\r\n" * (STEPS // 6)),
    "chunk extension": (CHUNKED + b"1;", b"x" * STEPS),
    "body of a redirect": (HEAD.replace(b"200 OK", b"302 Found\r\nLocation: /x"), b"x" * STEPS),
}


@pytest.mark.parametrize("part", SLOW)
def test_a_slow_drip_is_ended_by_the_deadline_of_the_whole_answer(part: str) -> None:
    start, slow = SLOW[part]

    def play(wire: Wire) -> bool:
        wire.read_request()
        wire.send(start)
        return wire.drip(slow)

    with RawServer(play) as server:
        with pytest.raises(FateUnknownError):
            get(server, SOON)
        server.join()
    assert server.returned == [True], "the client waited until the server was finished"


# ---------------------------------------------------------------- sizes


def sending(start: bytes, body: bytes) -> Script:
    """Send this much of an answer that promises more, then wait for the client to leave."""

    def play(wire: Wire) -> None:
        wire.read_request()
        wire.send(start + body)
        wire.client_left(10)

    return play


LONG = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
    "until closed": b"HTTP/1.0 200 OK\r\n\r\n",
    "one large chunk": CHUNKED + b"186a0\r\n",
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 100000\r\n\r\n",
}


@pytest.mark.parametrize("kind", LONG)
def test_an_answer_that_is_too_large_is_ended_when_it_is(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 1_000)
    server = RawServer(sending(LONG[kind], b"x" * 2_000))
    with server, pytest.raises(FateUnknownError, match="over 1000 bytes"):
        get(server, 1)


def test_an_answer_of_exactly_the_largest_size_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 1_000)
    with RawServer(answering(whole(b"x" * 1_000))) as server:
        assert len(get(server).body) == 1_000


# ---------------------------------------------------------------- nothing is followed, kept or read


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    with RawServer(answering(whole())) as other:
        moved = whole(b"moved", f"{status} Moved", Location=f"{other.url}/x")
        with RawServer(answering(moved)) as server:
            answer = get(server, Authorization="key")
    assert (answer.status, answer.body) == (status, b"moved")
    assert other.requests == []


@pytest.mark.parametrize(
    "location", ["http://[", "http://a b/", "//", "\xff\xfe", "https://" + "x" * 300]
)
def test_a_redirect_to_nonsense_is_an_answer_too(location: str) -> None:
    with RawServer(answering(whole(b"", "302 Found", Location=location))) as server:
        assert get(server).status == 302


def test_a_redirect_with_a_packed_body_is_not_unpacked() -> None:
    packed = gzip.compress(bytes(1 << 20), mtime=0)
    moved = whole(packed, "302 Found", Location="/x", Content_Encoding="gzip")
    with RawServer(answering(moved)) as server:
        assert get(server).body == packed


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        RawServer(answering(whole(b"proxy"))) as proxy,
        RawServer(answering(whole(b"api"))) as server,
    ):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert get(server).body == b"api"
    assert proxy.requests == []


def test_netrc_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    with RawServer(answering(whole())) as server:
        get(server)
    assert "authorization" not in header_lines(server.requests[0])


def test_cookies_are_not_kept() -> None:
    with RawServer(answering(whole(Set_Cookie="session=1; Path=/"))) as server:
        client = HttpClient()
        for _ in range(2):
            client.request("GET", server.url, headers={})
    assert [header_lines(request).get("cookie") for request in server.requests] == [None, None]


# ---------------------------------------------------------------- what an answer says


def said(**headers: str) -> Answer:
    return Answer(429, {name.replace("_", "-"): value for name, value in headers.items()}, b"")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 1),
        ("901", 900),
        ("9" * 400, 900),
        ("-5", 60),
        ("1.5", 60),
        ("soon", 60),
        ("", 60),
        ("\u0665", 60),
        ("\xb2", 60),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 60),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 900),
        ("Fri, 31 Dec 99999 23:59:59 GMT", 60),
        (f"Fri, 31 Dec {'9' * 30} 23:59:59 GMT", 60),
        (f"Fri, {'9' * 30} Dec 2015 23:59:59 GMT", 60),
        (f"Wed, 21 Oct 2015 07:28:00 +{'9' * 30}", 60),
        ("Fri, 31 Dec 9999 23:59:59 -2300", 900),
        ("Mon, 01 Jan 0001 00:00:00 +2300", 1),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(value: str, seconds: float) -> None:
    assert said(Retry_After=value).retry_after(60) == seconds


def test_retry_after_as_a_date_is_the_time_until_then() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=300), usegmt=True)
    assert 200 < said(Retry_After=date).retry_after(60) <= 300


@pytest.mark.parametrize(("default", "seconds"), [(0.1, 1), (30, 30), (10_000, 900)])
def test_without_retry_after_a_provider_has_its_own_default(default: float, seconds: float) -> None:
    assert said().retry_after(default) == seconds


def test_retry_after_of_a_real_answer_is_found_in_any_case() -> None:
    data = b"HTTP/1.1 429 Too Many\r\nretry-AFTER: 7\r\nContent-Length: 0\r\n\r\n"
    with RawServer(answering(data)) as server:
        assert get(server).retry_after(60) == 7


@pytest.mark.parametrize(
    "body", [b"", b"<html></html>", b'{"a": 1', b"\xff", b"[" * 100_000, b"NaN", b"{'a': 1}"]
)
def test_a_body_that_is_no_json_is_none(body: bytes) -> None:
    answer = Answer(200, {}, body)
    assert answer.json() is None
    assert answer.object() == {}


@pytest.mark.parametrize(("levels", "is_read"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False)])
@pytest.mark.parametrize(("before", "after"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_an_answer_that_is_nested_too_deep_is_none(
    levels: int, before: bytes, after: bytes, *, is_read: bool
) -> None:
    body = before * levels + b"1" + after * levels
    assert (Answer(200, {}, body).json() is not None) == is_read


@pytest.mark.parametrize(
    ("body", "found"),
    [(b'{"a": 1}', {"a": 1}), (b"[1]", {}), (b"null", {}), (b'"a"', {}), (b"7", {})],
)
def test_only_an_object_is_an_object(body: bytes, found: dict[str, Any]) -> None:
    assert Answer(200, {}, body).object() == found


# ---------------------------------------------------------------- reports


def fetch(url: str, *, local: bool = False, max_bytes: int = 1_000, seconds: float = 5) -> bytes:
    return HttpClient(allow_loopback=local).fetch_report(url, max_bytes=max_bytes, seconds=seconds)


@pytest.fixture
def no_connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Attempts to connect, none of which may be made."""
    attempts: list[object] = []

    def attempted(_: socket.socket, address: object) -> None:
        attempts.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", attempted)
    yield attempts
    assert attempts == []


@pytest.mark.usefixtures("no_connections")
@pytest.mark.parametrize(
    "url",
    [
        "",
        "report.csv",
        "//reports.example/x",
        "http://93.184.216.34/x",
        "ftp://93.184.216.34/x",
        "file:///etc/passwd",
        "https:///x",
        "https://93.184.216.34:8443/x",
        "https://93.184.216.34:80/x",
        "https://93.184.216.34:0/x",
        "https://user@93.184.216.34/x",
        "https://user:password@93.184.216.34/x",
        "https://:@93.184.216.34/x",
        "https://reports.example:443@127.0.0.1/x",
        "https://93.184.216.34\\@127.0.0.1/x",
        "https://93.184.216.34/a\\b",
        "https://93.184.216.34/a b",
        " https://93.184.216.34/x",
        "https://93.184.216.34/x\n",
        "https://93.184.216.34/\r\nX-Other: 1",
        "https://93.184.216.34/\tx",
        "https://93.184.216.34/\x00x",
        "https://93.184.216.34/\x7fx",
        "https://r\u00e9ports.example/x",
        "https://\uff11\uff12\uff17.0.0.1/x",
        "https://[::1/x",
        "http://127.0.0.1:9001/x",
        "http://localhost:9001/x",
    ],
)
def test_a_report_is_fetched_over_https_from_a_plain_address_only(url: str) -> None:
    with pytest.raises(ReportUnavailableError, match="link is not"):
        fetch(url)


PRIVATE = [
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://0x7f.1/x",
    "https://0177.0.0.1/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://0/x",
    "https://0.0.0.0/x",
    "https://localhost/x",
    "https://LOCALHOST/x",
    "https://[::1]/x",
    "https://[::]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[::ffff:169.254.169.254]/x",
    "https://[64:ff9b::7f00:1]/x",
    "https://[64:ff9b::a9fe:a9fe]/x",
    "https://[64:ff9b:1::a9fe:a9fe]/x",
    "https://[::169.254.169.254]/x",
    "https://[fec0::1]/x",
    "https://[5f00::1]/x",
    "https://[3fff::1]/x",
    "https://[2001:db8::1]/x",
    "https://[2001::1]/x",
    "https://192.88.99.1/x",
    "https://[2002:7f00:1::]/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://169.254.170.2/v2/credentials/",
    "https://2852039166/latest/meta-data/",
    "https://0xa9fea9fe/latest/meta-data/",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "https://[fe80::1]/x",
    "https://10.0.0.1/x",
    "https://172.16.0.1/x",
    "https://192.168.0.1/x",
    "https://100.64.0.1/x",
    "https://198.18.0.1/x",
    "https://224.0.0.1/x",
    "https://240.0.0.1/x",
    "https://255.255.255.255/x",
]


@pytest.mark.usefixtures("no_connections")
@pytest.mark.parametrize("url", PRIVATE)
def test_a_report_is_not_fetched_from_an_address_that_is_not_public(url: str) -> None:
    with pytest.raises(ReportUnavailableError, match="host is not public"):
        fetch(url)


@pytest.mark.usefixtures("no_connections")
@pytest.mark.parametrize("host", ["a..example", ".example", f"{'x' * 64}.example"])
def test_a_host_that_no_name_can_be_has_no_report(host: str) -> None:
    with pytest.raises(ReportUnavailableError):
        fetch(f"https://{host}/report.csv")


def resolving(*addresses: str) -> Callable[..., list[Any]]:
    def resolve(_: object, port: int, *__: object, **___: object) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses
        ]

    return resolve


@pytest.mark.usefixtures("no_connections")
@pytest.mark.parametrize(
    "addresses",
    [("10.0.0.1",), ("93.184.216.34", "169.254.169.254"), ("127.0.0.1", "93.184.216.34")],
)
def test_a_name_with_any_address_that_is_not_public_is_refused(
    addresses: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving(*addresses))
    with pytest.raises(ReportUnavailableError, match="host is not public"):
        fetch("https://reports.example/x")


def test_the_address_that_was_checked_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolved: list[object] = []
    connected: list[object] = []
    answers = [resolving("93.184.216.34"), *[resolving("127.0.0.1")] * 9]
    genuine = socket.getaddrinfo

    def rebinding(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        resolved.append(host)
        if host == "reports.example":
            return answers.pop(0)(host, port)
        return genuine(host, port, *rest, **named)

    def attempted(_: socket.socket, address: object) -> None:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket.socket, "connect", attempted)
    with pytest.raises(ReportUnavailableError):
        fetch("https://reports.example/x")
    assert connected == [("93.184.216.34", 443)]
    assert resolved.count("reports.example") == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1:9001/x",
        "http://93.184.216.34:9001/x",
        "http://user@127.0.0.1:9001/x",
        "http://127.0.0.1.reports.example:9001/x",
        "https://127.0.0.1:9001/x",
    ],
)
@pytest.mark.usefixtures("no_connections")
def test_a_local_stack_takes_plain_http_from_a_loopback_host_only(url: str) -> None:
    with pytest.raises(ReportUnavailableError, match="link is not"):
        fetch(url, local=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_local_stack_fetches_from_a_simulator(host: str) -> None:
    with RawServer(answering(whole(b"a,b\n"))) as server:
        url = f"http://{host}:{server.port}/reports/1.csv?sig=a%2Fb&x=1#part"
        assert fetch(url, local=True) == b"a,b\n"
    assert server.requests[0].startswith(b"GET /reports/1.csv?sig=a%2Fb&x=1 HTTP/1.1\r\n")
    assert header_lines(server.requests[0])["host"] == f"{host}:{server.port}"


def test_nothing_of_the_account_goes_to_a_reports_host(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with RawServer(answering(whole(Set_Cookie="session=1; Path=/"))) as server:
        client = HttpClient(allow_loopback=True)
        client.request("GET", server.url, headers={"Authorization": "key", "Api-Token": "key"})
        client.fetch_report(f"{server.url}/x", max_bytes=1_000, seconds=5)
    assert set(header_lines(server.requests[1])) <= {
        "host", "accept-encoding", "user-agent", "accept", "connection",
    }  # fmt: skip


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_report_that_has_moved_is_not_followed(status: int) -> None:
    with RawServer(answering(whole(b"secret"))) as other:
        moved = whole(b"", f"{status} Moved", Location=f"{other.url}/x")
        with RawServer(answering(moved)) as server, pytest.raises(ReportUnavailableError):
            fetch(f"{server.url}/x", local=True)
    assert other.requests == []


@pytest.mark.parametrize("status", [201, 204, 206, 403, 404, 500])
def test_a_report_of_any_other_status_is_none(status: int) -> None:
    server = RawServer(answering(whole(b"", f"{status} Words")))
    with server, pytest.raises(ReportUnavailableError, match=str(status)):
        fetch(f"{server.url}/x", local=True)


@pytest.mark.parametrize("kind", LONG)
def test_a_report_that_is_too_large_is_given_up(kind: str) -> None:
    server = RawServer(sending(LONG[kind], b"x" * 2_000))
    with server, pytest.raises(ReportUnavailableError) as refused:
        fetch(f"{server.url}/x", local=True, max_bytes=1_000, seconds=1)
    assert "over 1000 bytes" in f"{refused.value} {refused.value.__cause__}"


@pytest.mark.parametrize("data", [b"", HEAD + b"half", CHUNKED + b"5\r\nhel"])
def test_a_report_that_is_cut_off_is_none(data: bytes) -> None:
    with RawServer(answering(data)) as server, pytest.raises(ReportUnavailableError):
        fetch(f"{server.url}/x", local=True)


def test_a_packed_report_is_not_unpacked() -> None:
    packed = gzip.compress(bytes(1 << 20), mtime=0)
    with RawServer(answering(whole(packed, Content_Encoding="gzip"))) as server:
        assert fetch(f"{server.url}/x", local=True, max_bytes=10_000) == packed

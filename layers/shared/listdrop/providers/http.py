"""The one door to the outside: requests with a deadline, a size cap and no surprises.

Nothing here follows a redirect, reads proxy settings or `.netrc`, keeps cookies, or asks for a
compressed body. An answer is whole or it is an error, and every error says whether the request may
have been taken: `NotSentError` (it never left), or `FateUnknownError` (nobody can tell).
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode
from weakref import WeakSet

import orjson
import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, LocationParseError, NewConnectionError
from urllib3.util import Url, parse_url

from listdrop.errors import FateUnknownError, NotSentError, ReportUnavailableError

MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""Far above what providers send. As objects, JSON takes 30 times as much memory."""

MAX_DEPTH = 64
"""Levels of an answer. What is deeper is nobody's, and too deep for code that calls itself."""

IDLE_SECONDS = 2.0
"""Lambda freezes a process between two calls, and the network forgets connections that are idle,
without a word to either end: what is sent on one then is lost, but nobody can tell. So a connection
is used within a turn only, and again only this soon after its last answer
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html)."""

REQUEST_SECONDS = 30.0
_CONNECT_SECONDS = 5.0
_PIECE = 65_536
_UNICAST = ipaddress.ip_network("2000::/3")
"""All global unicast addresses there are: https://www.iana.org/assignments/ipv6-address-space"""
# Within it, or public by their number, but they lead elsewhere: translated and relayed IPv4
# addresses, private ones too, and examples.
_NOT_PUBLIC = tuple(
    map(ipaddress.ip_network, ("2002::/16", "2001::/23", "3fff::/20", "192.88.99.0/24"))
)
_WAIT_BOUNDS = (1.0, 900.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer. Header names are matched without case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the body as JSON, or `None` where it is none (empty, HTML, cut off, too deep)."""
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None
        return None if _is_too_deep(found) else found

    def object(self) -> dict[str, Any]:
        """Return the body as a JSON object, or an empty one where it is something else."""
        body = self.json()
        return body if isinstance(body, dict) else {}

    def retry_after(self, default: float) -> float:
        """Seconds that `Retry-After` asks for, in either form, clamped to 1 s .. 15 min."""
        said = self.headers.get("Retry-After", "").strip()
        seconds = default
        if said.isascii() and said.isdigit():
            seconds = float(said[:9])
        elif said:
            try:
                seconds = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
            except (ValueError, TypeError, OverflowError):
                seconds = default
        return min(max(seconds, _WAIT_BOUNDS[0]), _WAIT_BOUNDS[1])


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inner.extend(each.values())
            elif isinstance(each, list):
                inner.extend(each)
        level = [each for each in inner if isinstance(each, dict | list)]
        if not level:
            return False
    return True


class HttpClient:
    """Requests to providers' APIs, for one turn. Holds connections open for `IDLE_SECONDS`.

    `allow_loopback` also takes reports from `http://127.0.0.1:<port>`, where simulators are.
    """

    def __init__(self, *, allow_loopback: bool = False) -> None:
        self._session = _Session()
        self._allow_loopback = allow_loopback
        self._answered_at = 0.0

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float = REQUEST_SECONDS,
    ) -> Answer:
        """Make one request and return the answer, whatever its status.

        Raises `NotSentError` when it never left (name, connection, TLS), `FateUnknownError` when
        the connection broke, or the answer took over `seconds` or was too large.
        """
        if params:
            url = f"{url}?{urlencode(params)}"
        if time.monotonic() - self._answered_at > IDLE_SECONDS:
            self._session.close()  # forgets its connections, and makes new ones
        try:
            return _answer(self._session, method, url, headers, body, seconds, MAX_ANSWER_BYTES)
        finally:
            self._answered_at = time.monotonic()

    def fetch_report(self, url: str, *, max_bytes: int, seconds: float) -> bytes:
        """Download a provider's report from whatever host its link names.

        The link is the provider's word, so it is treated as hostile: https on port 443 only, a
        public address only (resolved once, and that address is the one connected to), nothing of
        the account sent along, no redirect followed. Raises `ReportUnavailableError`.
        """
        target = _checked(url, allow_loopback=self._allow_loopback)
        host = target.host or ""
        address = _public_address(host, target.port or 443, allow_loopback=self._allow_loopback)
        literal = f"[{address}]" if ":" in address else address
        pinned = Url(target.scheme, None, literal, target.port, target.path, target.query).url
        netloc = host if target.port in (None, 443) else f"{host}:{target.port}"
        with _Session(host) as session:
            try:
                answer = _answer(session, "GET", pinned, {"Host": netloc}, None, seconds, max_bytes)
            except (NotSentError, FateUnknownError) as error:
                raise ReportUnavailableError("the report could not be downloaded") from error
        if answer.status != requests.codes.ok:
            raise ReportUnavailableError(f"the report's host answered {answer.status}")
        return answer.body


_Sockets = WeakSet[socket.socket]


class _Adapter(HTTPAdapter):
    """Connects so that a failure to connect is told apart from one after it.

    With `host`, it connects to an address but expects the certificate of the name it came from.
    """

    def __init__(self, host: str = "") -> None:
        self._host = host
        self._opened: _Sockets = WeakSet()
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use connections of our own."""
        if self._host:
            kwargs |= {"server_hostname": self._host, "assert_hostname": self._host}
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool_class(HTTPConnectionPool, self._opened),
            "https": _pool_class(HTTPSConnectionPool, self._opened),
        }

    def shut_down(self) -> None:
        """Break off what is being read, wherever in an answer that is."""
        for opened in list(self._opened):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)


def _pool_class(
    pool: type[HTTPConnectionPool], opened: WeakSet[socket.socket]
) -> type[HTTPConnectionPool]:
    connection: Any = pool.ConnectionCls

    class Connection(connection):  # type: ignore[misc] # its class depends on the scheme
        def connect(self) -> None:
            try:
                super().connect()
            except (OSError, HTTPError, ValueError) as error:
                raise NewConnectionError(self, "no connection") from error
            opened.add(self.sock)  # kept here, as the connection forgets one that will be closed

    return type(pool.__name__, (pool,), {"ConnectionCls": Connection})


class _Session(requests.Session):
    """A session without redirects, proxies, `.netrc`, cookies or compressed bodies."""

    def __init__(self, host: str = "") -> None:
        super().__init__()
        self.trust_env = False
        self.headers.clear()
        self.headers["Accept-Encoding"] = "identity"
        self.headers["User-Agent"] = "listdrop"
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.adapter = _Adapter(host)
        self.mount("https://", self.adapter)
        self.mount("http://", self.adapter)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Follow nothing: requests would read a redirect's body even when told not to follow."""
        del resp
        return None


def _answer(
    session: _Session,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    seconds: float,
    max_bytes: int,
) -> Answer:
    try:
        session.get_adapter(url)
        request = session.prepare_request(requests.Request(method, url, headers, data=body))
        for value in request.headers.values():
            str(value).encode("latin-1")
    except (requests.RequestException, ValueError) as error:
        raise NotSentError(
            "the request cannot be made: its address or a header is wrong"
        ) from error
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        session.adapter.shut_down()

    deadline = threading.Timer(seconds, end)
    deadline.daemon = True
    deadline.start()
    try:
        timeouts = (min(_CONNECT_SECONDS, seconds), seconds)
        with session.send(request, timeout=timeouts, stream=True) as response:
            content = _content(response, max_bytes)
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        if isinstance(getattr(next(iter(error.args), None), "reason", None), NewConnectionError):
            raise NotSentError("no connection to the provider") from error
        raise FateUnknownError("no whole answer came") from error
    finally:
        deadline.cancel()
    if is_over.is_set():
        raise FateUnknownError(f"the answer took over {seconds:g} s")
    return Answer(response.status_code, response.headers, content)


def _content(response: requests.Response, max_bytes: int) -> bytes:
    """Read a body as it arrives. Raises `FateUnknownError` if it is too large or not whole."""
    raw = response.raw
    told = {name.lower(): value.lower() for name, value in response.headers.items()}
    is_bounded = {"content-length", "transfer-encoding"} & told.keys() or raw.version < 11
    if (
        not is_bounded
        and told.get("connection") != "close"
        and response.status_code not in (204, 304)
    ):
        raise FateUnknownError("the answer was cut off in its headers")
    content = bytearray()
    while piece := raw.read1(_PIECE, decode_content=False):
        content += piece
        if len(content) > max_bytes:
            raise FateUnknownError(f"the answer is over {max_bytes} bytes")
    if raw.length_remaining:
        raise FateUnknownError(f"{raw.length_remaining} bytes of the answer never came")
    return bytes(content)


def _checked(url: str, *, allow_loopback: bool) -> Url:
    """Parse a report's link with the parser that will fetch it, or refuse it."""
    if not url.isascii() or any(character <= " " or character in "\\\x7f" for character in url):
        raise ReportUnavailableError("the report's link is not a plain address")
    try:
        target = parse_url(url)
    except LocationParseError as error:
        raise ReportUnavailableError("the report's link is not an address") from error
    local = allow_loopback and target.scheme == "http" and _is_loopback(target.host or "")
    public = target.scheme == "https" and target.port in (None, 443)
    if target.auth or not target.host or not (local or public):
        raise ReportUnavailableError("the report's link is not an https address on port 443")
    return target


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _public_address(host: str, port: int, *, allow_loopback: bool) -> str:
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # a label that is empty, or too long, is no text
        raise ReportUnavailableError("the report's host has no address") from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        parsed = ipaddress.ip_address(address.split("%")[0])
        if not (_is_public(parsed) or (allow_loopback and parsed.is_loopback)):
            raise ReportUnavailableError("the report's host is not a public one")
    return addresses[0]


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if not address.is_global or address.is_multicast:
        return False
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.version == 4 or address in _UNICAST

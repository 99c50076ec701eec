"""The HTTP client for all providers: each request has a deadline and a size limit.

The client does not follow redirects, read proxy settings or `.netrc`, keep cookies, or accept
compressed bodies: see "The HTTP client follows nothing and remembers nothing" in
`docs/decisions.md`. A request returns a complete answer or raises. `NotSentError`: it was not sent.
`FateUnknownError`: it may have been taken.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple
from urllib.parse import urlencode
from weakref import WeakSet

import orjson
import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
)
from urllib3.util import Url, parse_url

from listdrop.errors import FateUnknownError, NotSentError, ReportUnavailableError

MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""Far above what providers send. Parsed JSON can take 30 times as much memory."""

MAX_DEPTH = 64
"""Levels of nesting in an answer. No provider nests deeper, and recursive code could fail."""

IDLE_SECONDS = 2.0
"""Longest idle time of a connection that is used again, and only within a turn. Lambda freezes a
process between two calls, and the network drops idle connections silently: a request on such a
connection is lost, and its fate is unclear.
Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html"""

REQUEST_SECONDS = 30.0
_CONNECT_SECONDS = 5.0
_PIECE = 65_536
_UNICAST = ipaddress.ip_network("2000::/3")
"""All global unicast addresses: https://www.iana.org/assignments/ipv6-address-space"""
# These ranges count as public but lead elsewhere: translated and relayed IPv4 addresses (also
# private ones), and examples.
_NOT_PUBLIC = tuple(
    map(ipaddress.ip_network, ("2002::/16", "2001::/23", "3fff::/20", "192.88.99.0/24"))
)
_NO_CONNECTION = "no connection to the provider"
_EPOCH_DIGITS = 10
"""Of a moment in seconds since 1970; with more digits it is in milliseconds."""
_WAIT_BOUNDS = (1.0, 900.0)


class Answer(NamedTuple):
    """A complete HTTP answer. Header names are matched without case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the body as JSON, or `None` if it is not JSON (empty, HTML, cut off, too deep)."""
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None
        return None if _is_too_deep(found) else found

    def object(self) -> dict[str, Any]:
        """Return the body as a JSON object; an empty one if it is something else."""
        body = self.json()
        return body if isinstance(body, dict) else {}

    def retry_after(self, default: float) -> float:
        """Return the seconds of `Retry-After` (number or date), between 1 s and 15 min."""
        said = self.headers.get("Retry-After", "").strip()
        seconds = float(said[:9]) if said.isascii() and said.isdigit() else _seconds_until(said)
        return _bounded(default if seconds is None else seconds)

    def seconds_to(self, header: str) -> float | None:
        """Return the seconds to the moment that a header names, between 1 s and 15 min.

        It may be a date of any common form, seconds since 1970, or seconds from now; `None` if it
        is none of these, or missing.
        """
        said = self.headers.get(header, "").strip()
        if not (said.isascii() and said.isdigit()):
            seconds = _seconds_until(said)
        elif len(said) < _EPOCH_DIGITS:
            seconds = float(said)
        else:
            epoch = float(said[:_EPOCH_DIGITS])
            seconds = epoch - datetime.now(UTC).timestamp()
        return None if seconds is None else _bounded(seconds)


def _bounded(seconds: float) -> float:
    return min(max(seconds, _WAIT_BOUNDS[0]), _WAIT_BOUNDS[1])


def _seconds_until(date: str) -> float | None:
    """Return the seconds until a date as in HTTP or ISO 8601; `None` if it is none."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        with suppress(ValueError, TypeError, OverflowError):
            return (parse(date) - datetime.now(UTC)).total_seconds()
    return None


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
    """Makes requests during one turn. Keeps connections open for `IDLE_SECONDS`.

    With `allow_loopback`, reports may also come from `http://127.0.0.1:<port>`, for simulators.
    """

    def __init__(self, *, allow_loopback: bool = False) -> None:
        self._session = _Session()
        self._allow_loopback = allow_loopback
        self._now = time.monotonic
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
        """Make one request and return the answer with any status.

        Raises `NotSentError` if it was not sent (DNS, connection, TLS), `FateUnknownError` if the
        connection broke, or if the whole answer took over `seconds` or was too large.
        """
        if params:
            url = f"{url}?{urlencode(params)}"
        if self._now() - self._answered_at > IDLE_SECONDS:
            self.close()  # the next request makes a new connection
        try:
            return self._exchange(method, url, headers, body, seconds)
        finally:
            self._answered_at = self._now()

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> Answer:
        """Make the request on a connection that is open, or on a new one."""
        return _answer(self._session, method, url, headers, body, seconds, MAX_ANSWER_BYTES)

    def fetch_report(self, url: str, *, max_bytes: int, seconds: float) -> bytes:
        """Download a provider's report from any public host, without the account's credentials.

        The link may be hostile. So only https on port 443 is allowed, only a public address (it is
        resolved once, and that address is connected to), and no redirect. Raises
        `ReportUnavailableError`.
        """
        target = checked_link(url, allow_loopback=self._allow_loopback)
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
    """Separates a failure to connect from a later failure.

    With `host`, it connects to an IP address, and expects the certificate of `host`.
    """

    def __init__(self, host: str = "") -> None:
        self._host = host
        self._opened: _Sockets = WeakSet()
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use our own connection class."""
        if self._host:
            kwargs |= {"server_hostname": self._host, "assert_hostname": self._host}
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool_class(HTTPConnectionPool, self._opened),
            "https": _pool_class(HTTPSConnectionPool, self._opened),
        }

    def shut_down(self) -> None:
        """Close all sockets, to stop a read at any point of an answer."""
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
                raise NewConnectionError(self, _why_not(error)) from error
            opened.add(self.sock)  # the connection itself forgets a socket that will be closed

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
        """Follow no redirect: even with `allow_redirects=False`, requests reads its body."""
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
        raise NotSentError("the request cannot be made: its URL or a header is invalid") from error
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
        failed = getattr(next(iter(error.args), None), "reason", None)
        if isinstance(failed, NewConnectionError):
            raise NotSentError(_why_not(failed.__cause__)) from error
        raise FateUnknownError("no complete answer came") from error
    finally:
        deadline.cancel()
    if is_over.is_set():
        raise FateUnknownError(f"the answer took over {seconds:g} s")
    return Answer(response.status_code, response.headers, content)


def _why_not(cause: BaseException | None) -> str:
    """Say in our own words why there is no connection; what the system says may name anything."""
    if isinstance(cause, NameResolutionError | socket.gaierror):
        return "its host name has no address"
    if isinstance(cause, SSLError | ssl.SSLError):
        return "no trusted connection could be made (TLS)"
    if isinstance(cause, NewConnectionError):
        is_refused = isinstance(cause.__cause__, ConnectionRefusedError)
        return "the connection was refused" if is_refused else _NO_CONNECTION
    if isinstance(cause, ConnectTimeoutError | TimeoutError):
        return f"the connection took over {_CONNECT_SECONDS:g} s"
    return _NO_CONNECTION


def _content(response: requests.Response, max_bytes: int) -> bytes:
    """Read a body as it arrives. Raises `FateUnknownError` if it is too large or incomplete."""
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


def checked_link(url: str, *, allow_loopback: bool) -> Url:
    """Check a report's link, with the same parser that will fetch it."""
    if not url.isascii() or any(character <= " " or character in "\\\x7f" for character in url):
        raise ReportUnavailableError("the report's link is not a plain URL")
    try:
        target = parse_url(url)
    except LocationParseError as error:
        raise ReportUnavailableError("the report's link is not a URL") from error
    local = allow_loopback and target.scheme == "http" and _is_loopback(target.host or "")
    public = target.scheme == "https" and target.port in (None, 443)
    if target.auth or not target.host or not (local or public):
        raise ReportUnavailableError("the report's link is not an https URL on port 443")
    return target


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _public_address(host: str, port: int, *, allow_loopback: bool) -> str:
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # an empty or too long label of the host's name
        raise ReportUnavailableError("the report's host has no address") from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        parsed = ipaddress.ip_address(address.split("%")[0])
        if not (_is_public(parsed) or (allow_loopback and parsed.is_loopback)):
            raise ReportUnavailableError("the report's host is not public")
    return addresses[0]


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if not address.is_global or address.is_multicast:
        return False
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.version == 4 or address in _UNICAST

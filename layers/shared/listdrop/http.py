"""The one door to the outside: requests with a deadline, a size cap and no surprises.

Nothing here follows a redirect, reads proxy settings or `.netrc`, keeps cookies, or asks for a
compressed body. An answer is whole or it is an error, and every error says whether the request may
have been taken: `NotSentError` (it never left), or `FateUnknownError` (nobody can tell).
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import orjson
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, LocationParseError, NewConnectionError, ProtocolError
from urllib3.util import Url, parse_url

from listdrop.errors import FateUnknownError, NotSentError, ReportUnavailableError

MAX_ANSWER_BYTES = 32 * 1024 * 1024
REQUEST_SECONDS = 30.0
_CONNECT_SECONDS = 5.0
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
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

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
            except (ValueError, TypeError):
                seconds = default
        return min(max(seconds, _WAIT_BOUNDS[0]), _WAIT_BOUNDS[1])


class HttpClient:
    """Requests to one provider's API. Holds connections open between requests.

    `allow_loopback` also takes reports from `http://127.0.0.1:<port>`, where simulators are.
    """

    def __init__(self, *, allow_loopback: bool = False) -> None:
        self._session = _bare_session()
        self._allow_loopback = allow_loopback

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
        return _answer(self._session, method, url, headers, body, seconds, MAX_ANSWER_BYTES)

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
        with _bare_session() as session:
            session.mount("https://", _PinnedAdapter(host))
            try:
                answer = _answer(session, "GET", pinned, {"Host": netloc}, None, seconds, max_bytes)
            except (NotSentError, FateUnknownError) as error:
                raise ReportUnavailableError("the report could not be downloaded") from error
        if answer.status != requests.codes.ok:
            raise ReportUnavailableError(f"the report's host answered {answer.status}")
        return answer.body


class _PinnedAdapter(HTTPAdapter):
    """Connects to an address, but expects the certificate of the name it came from."""

    def __init__(self, host: str) -> None:
        self._host = host
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Ask for, and check, the certificate of the host that was resolved."""
        super().init_poolmanager(
            *args, server_hostname=self._host, assert_hostname=self._host, **kwargs
        )


def _bare_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy variables, no .netrc
    session.headers.clear()
    session.headers["Accept-Encoding"] = "identity"
    session.headers["User-Agent"] = "listdrop"
    session.cookies.set_policy(_NoCookies())
    return session


class _NoCookies(requests.cookies.cookielib.DefaultCookiePolicy):  # type: ignore[name-defined,misc] # untyped alias of http.cookiejar
    """Keeps no cookie: requests of different accounts have nothing to share."""

    def set_ok(self, *_: Any) -> bool:
        """Refuse every cookie."""
        return False


def _answer(
    session: requests.Session,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    seconds: float,
    max_bytes: int,
) -> Answer:
    ends_at = time.monotonic() + seconds
    try:
        with session.request(
            method,
            url,
            headers=headers,
            data=body,
            timeout=(_CONNECT_SECONDS, seconds),
            allow_redirects=False,
            stream=True,
        ) as response:
            content = bytearray()
            for piece in _pieces(response):
                content += piece
                if len(content) > max_bytes:
                    raise FateUnknownError(f"the answer is over {max_bytes} bytes")
                if time.monotonic() > ends_at:
                    raise FateUnknownError(f"the answer took over {seconds:g} s")
            return Answer(response.status_code, response.headers, bytes(content))
    except (requests.exceptions.SSLError, requests.exceptions.ConnectTimeout) as error:
        raise NotSentError("no connection to the provider") from error
    except requests.exceptions.ConnectionError as error:
        if isinstance(getattr(error.args[0], "reason", None), NewConnectionError):
            raise NotSentError("no connection to the provider") from error
        raise FateUnknownError("the connection broke") from error
    except (requests.RequestException, HTTPError) as error:
        raise FateUnknownError("no whole answer came") from error


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """Yield the body as it arrives, so that the deadline can be checked against a slow drip."""
    if response.raw.chunked:
        yield from response.raw.read_chunked(decode_content=False)
        return
    while piece := response.raw.read1(65_536, decode_content=False):
        yield piece
    missing = response.raw.length_remaining
    if missing:
        raise ProtocolError(f"{missing} bytes of the answer never came")


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
    except OSError as error:
        raise ReportUnavailableError("the report's host has no address") from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        parsed = ipaddress.ip_address(address.split("%")[0])
        if not (parsed.is_global or (allow_loopback and parsed.is_loopback)):
            raise ReportUnavailableError("the report's host is not a public one")
    return addresses[0]

"""The deployed dashboard where people sign in, and a browser that keeps a session with it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from local.stack import Stack
from tests.support.identity import CLIENT, Issuer
from tests.support.waiting import PATIENCE

COOKIE = "__Host-listdrop"
SECRET = "sign-in-client"


def sign_in_parameters(issuer: Issuer) -> dict[str, str]:
    """Return the template's parameters for a sign-in at an issuer."""
    return {
        "SignInIssuer": issuer.url,
        "SignInClient": CLIENT,
        "SignInClientSecret": SECRET,
        "SignInRolesClaim": "roles",
    }


@dataclass
class Hosted:
    """A stack with a public dashboard, on an engine that checks every call."""

    stack: Stack
    issuer: Issuer


@dataclass
class Browser:
    """Asks the dashboard's address, with no signature, and keeps the session."""

    hosted: Hosted
    session: str = ""
    last: requests.Response = field(init=False)

    @property
    def site(self) -> str:
        """The dashboard's address."""
        return self.hosted.stack.outputs["DashboardUrl"].rstrip("/")

    def ask(self, path: str, method: str = "GET", **fields: Any) -> requests.Response:
        """Ask for a page, or send a form; `file` is a file's name and content."""
        file = fields.pop("file", None)
        self.last = requests.request(
            method,
            self.hosted.stack.url + path.removeprefix(self.site),
            data=fields or None,
            files={"file": file} if file else None,
            headers={
                "Host": urlsplit(self.site).netloc,
                "Cookie": f"{COOKIE}={self.session}",
                "Referer": f"{self.site}/",
                "X-Forwarded-Host": "evil.example",
            },
            allow_redirects=False,
            timeout=PATIENCE,
        )
        cookie = re.search(rf"{COOKIE}=([^;]*)", self.last.headers.get("Set-Cookie", ""))
        self.session = cookie[1] if cookie else self.session
        return self.last

    def sign_in(self, *roles: str, name: str = "ada") -> requests.Response:
        """Open the first page, and go where that leads."""
        self.hosted.issuer.claims.update(roles=list(roles), preferred_username=name)
        on = self.ask(self.ask("/").headers["Location"]).headers["Location"]
        back = requests.get(on, allow_redirects=False, timeout=PATIENCE).headers["Location"]
        assert back.startswith(f"{self.site}/sign-in/back?")
        return self.ask(back)

    def act(self, path: str, action: str = "", **fields: Any) -> requests.Response:
        """Open a page, fill in its form, and send it; returns the page after that.

        Ends with what the dashboard answers where it does not let that be done.
        """
        page = self.ask(path)
        action = action or path.partition("?")[0]
        hidden = hidden_fields(page, action) if page.status_code == 200 else {}
        if not hidden:
            return page
        answer = self.ask(action, "POST", **(hidden | fields))
        while answer.status_code == 303:
            answer = self.ask(answer.headers["Location"])
        return answer


def tokens(page: requests.Response) -> list[str]:
    """Return the tokens of a page's forms."""
    return re.findall(r'name="csrf_token" value="([^"]+)"', page.text)


def hidden_fields(page: requests.Response, action: str) -> dict[str, Any]:
    """Return the hidden fields of a page's form with this action, or with none, if there is one."""
    forms = re.findall(r"<form[^>]*>.*?</form>", page.text, re.DOTALL)
    form = next((each for each in forms if f'action="{html.escape(action)}"' in each), None)
    if form is None:
        form = next((each for each in forms if "action=" not in each.split(">")[0]), "")
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(html.unescape(value))
    return dict(found)

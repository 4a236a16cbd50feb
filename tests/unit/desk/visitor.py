"""Somebody who uses the desk in a browser that runs no scripts."""

from __future__ import annotations

import asyncio
import re
from html import unescape

import attrs
import httpx
from starlette.applications import Starlette


@attrs.define
class Browser:
    """A visitor with cookies who follows redirects and fills in forms, without any script."""

    desk: Starlette
    cookies: httpx.Cookies = attrs.field(factory=httpx.Cookies)
    answer: httpx.Response = attrs.field(factory=lambda: httpx.Response(200))
    headers: dict[str, str] = attrs.field(factory=dict)

    def request(
        self, method: str, path: str, *, follow: bool = True, **more: object
    ) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.desk, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport,
                base_url="http://testserver",
                cookies=self.cookies,
                headers=self.headers,
                follow_redirects=follow,
            ) as client:
                answer = await client.request(method, path, **more)  # type: ignore[arg-type]
                self.cookies = client.cookies
                return answer

        self.answer = asyncio.run(ask())
        return self.answer

    @property
    def html(self) -> str:
        return self.answer.text

    @property
    def path(self) -> str:
        return self.answer.url.path

    def open(self, path: str, status: int = 200) -> str:
        assert self.request("GET", path).status_code == status, self.html
        return self.html

    def token(self) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.html)
        assert found, "the page has no form"
        return found[1]

    def send(self, path: str, status: int = 200, **fields: str) -> str:
        """Send a form; in names of fields `__` stands for a dot."""
        data = {name.replace("__", "."): value for name, value in fields.items()}
        data = {"csrf_token": self.token(), **data}
        assert self.request("POST", path, data=data).status_code == status, self.html
        return self.html

    def text(self) -> str:
        """What the page says, without its tags and with single spaces."""
        words = re.sub(r"<(script|style).*?</\1>", " ", self.html, flags=re.DOTALL)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", words)))

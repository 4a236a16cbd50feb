"""A host with two tabs, and what a browser asks of its frames."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from html import unescape

import attrs
import httpx
import pytest
from starlette.applications import Starlette

from crossdock import (
    Action,
    Column,
    Fields,
    Link,
    Metric,
    Metrics,
    Money,
    Notice,
    Param,
    Tab,
    Table,
    View,
)
from crossdock.errors import NotFound, RemoteUnavailable
from crossdock.host.screens.tabs import RenderedTab, TabHandle, parse_params
from crossdock.records import User
from crossdock.server.embed import EmbedSettings, embed_app

ORIGIN = "https://crm.example"


class FakeHost:
    """Knows one account, one contact and three users."""

    def __init__(self) -> None:
        self.away = False
        self.broken = False
        self.asked: list[tuple[str, str, str, dict[str, object]]] = []
        self.people = {
            "U-kim": User(id="U-kim", name="Kim Aalto", roles=("sales",)),
            "U-ada": User(id="U-ada", name="Ada Okafor", roles=("manager",)),
            "U-old": User(id="U-old", name="Olaf Gone", roles=("sales",), active=False),
        }

    def user(self, user_id: str) -> User:
        try:
            return self.people[user_id]
        except KeyError:
            raise NotFound(f"no user {user_id}", system="crm", status=404) from None

    def account_tabs(self, account_id, *, user):
        if self.away:
            raise RemoteUnavailable("no answer from crm.internal within 10 s", system="crm")
        if account_id != "A-1001":
            raise NotFound(f"no account {account_id}", system="crm", status=404)
        tabs = [
            Tab(
                id="aging",
                title="Aging of receivables",
                render=self._aging,
                params=(
                    Param(name="as_of", label="As of", kind="date"),
                    Param(name="basis", label="By", kind="choice", default="due_date",
                          choices=("due_date", "posted")),
                ),
            ),
            Tab(id="margin", title="Margin", render=self._margin, roles=("manager",)),
        ]  # fmt: skip
        return tuple(
            TabHandle(plugin_id="erp-tabs", plugin_name="ERP", tab=tab)
            for tab in tabs
            if not tab.roles or set(tab.roles) & set(user.roles)
        )

    def contact_tabs(self, contact_id, *, user):
        tab = Tab(id="calls", title="Calls", render=lambda *_: View([Notice(text="Called.")]))
        return (TabHandle(plugin_id="erp-tabs", plugin_name="ERP", tab=tab),)

    def render_tab(self, address, account_id, *, user, params=None):
        if self.broken:
            raise ZeroDivisionError("secret of the plugin")
        handles = self.account_tabs(account_id, user=user)
        handle = next(each for each in handles if each.address == address)
        read = parse_params(handle.tab, params or {})
        self.asked.append((address, account_id, user.id, read))
        view = handle.tab.render(None, None, read)
        return RenderedTab(tab=handle.tab, view=view, params=read, seconds=0.01)

    def render_contact_tab(self, address, contact_id, *, user, params=None):
        (handle,) = self.contact_tabs(contact_id, user=user)
        view = handle.tab.render(None, None, {})
        return RenderedTab(tab=handle.tab, view=view, params={}, seconds=0.01)

    def _aging(self, _ctx, _record, params) -> View:
        return View(
            [
                Notice(text=f"As of {params['as_of']}, by {params['basis']}."),
                Metrics(metrics=[Metric(label="Overdue", value=Money("1234.5", "EUR"))]),
                Table(
                    columns=[Column(key="a", label="Invoice")],
                    rows=[{"a": Link("IN-1", "invoice/IN-1")}, {"a": "<script>x</script>"}],
                ),
                Action(label="Last month", target="tab/erp-tabs/aging",
                       params={"as_of": "2026-10-31"}),
                Action(label="See the margin", target="tab/erp-tabs/margin"),
            ]
        )  # fmt: skip

    def _margin(self, _ctx, _record, _params) -> View:
        return View([Fields(items=[("Margin", Money("99", "EUR"))])])


@attrs.define
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings() -> EmbedSettings:
    return EmbedSettings(
        keys=("k" * 32,), origins=(ORIGIN, "https://other.example"), lifetime_seconds=600
    )


@pytest.fixture
def app(host: FakeHost, settings: EmbedSettings, clock: Clock) -> Starlette:
    return embed_app(host, settings, clock=clock)


@pytest.fixture
def ask() -> Callable[..., httpx.Response]:
    """Send a request to an application, following where it leads."""

    def send(app: Starlette, url: str, method: str = "GET", **more: object) -> httpx.Response:
        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            base = "https://crossdock.example"
            async with httpx.AsyncClient(transport=transport, base_url=base) as client:
                return await client.request(method, url, follow_redirects=True, **more)

        return asyncio.run(sent())

    return send


@attrs.define
class Frame:
    """An answer, as a frame shows it."""

    status: int
    headers: object
    html: str
    url: str

    @property
    def text(self) -> str:
        body = self.html.partition("<body>")[2]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())

    @property
    def links(self) -> dict[str, str]:
        found = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>([^<]*)</a>', self.html)
        return {unescape(text): unescape(href) for href, text in found}


@pytest.fixture
def show(app: Starlette, ask: Callable[..., httpx.Response]) -> Callable[..., Frame]:
    """Open a link as the browser does for an iframe of another site."""

    def open_(url: str, *, dest: str | None = "iframe", **query: str) -> Frame:
        headers = {} if dest is None else {"sec-fetch-dest": dest}
        answer = ask(app, url.removeprefix("/embed"), headers=headers, params=query or None)
        return Frame(answer.status_code, answer.headers, answer.text, str(answer.url.path))

    return open_

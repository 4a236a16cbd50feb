"""The frames as an ASGI application, which a desk, a side-car or any other program mounts."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from attrs import evolve
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from crossdock.errors import ConfigError, CrossdockError
from crossdock.host.screens.tabs import RenderedTab, TabHandle, understands
from crossdock.records import User
from crossdock.render.characters import legible
from crossdock.render.formats import Formats, choice_in_words
from crossdock.render.html import is_day_or_nothing, render_html
from crossdock.render.languages import speaking
from crossdock.render.tables import tables_kept
from crossdock.server.embed import assets
from crossdock.server.embed.links import (
    Embedding,
    ExpiredLinkError,
    RefusedLinkError,
    read,
    token_of,
)
from crossdock.server.embed.settings import EmbedSettings
from crossdock.server.embed.told import (
    CHANGED,
    EXPIRED,
    NOT_YOURS,
    OUTSIDE,
    Told,
    broken,
    told_of,
)

_log: Final = logging.getLogger("crossdock.embed")
_LONGEST_VALUE: Final = 200
_FRAMES: Final = frozenset({"iframe", "frame", "object", "embed"})


class EmbedHost(Protocol):
    """The host, as far as frames need it."""

    def user(self, user_id: str) -> User:
        """Read a user of the CRM."""

    def account_tabs(self, account_id: str, *, user: str | User) -> tuple[TabHandle, ...]:
        """Name the tabs of an account."""

    def contact_tabs(self, contact_id: str, *, user: str | User) -> tuple[TabHandle, ...]:
        """Name the tabs of a contact."""

    def render_tab(
        self,
        address: str,
        account_id: str,
        *,
        user: str | User,
        params: Mapping[str, Any] | None = None,
    ) -> RenderedTab:
        """Open a tab of an account."""

    def render_contact_tab(
        self,
        address: str,
        contact_id: str,
        *,
        user: str | User,
        params: Mapping[str, Any] | None = None,
    ) -> RenderedTab:
        """Open a tab of a contact."""


def embed_app(
    host: EmbedHost, settings: EmbedSettings, *, clock: Callable[[], float] = time.time
) -> Starlette:
    """Make the application that answers embed links; mount it where `settings.url` leads.

    It wants no cookies and sets none; whatever mounts it must not put headers of its own over
    `content-security-policy`, nor add `x-frame-options`.

    Args:
        host: what answers; it is not closed by the application.
        settings: the table `[embed]`.
        clock: seconds since 1970.
    """
    frames = _Frames(host, settings, clock)
    return Starlette(
        routes=[
            Route("/t/{token}", frames.answer, methods=["GET"]),
            Route("/static/{name}", assets.serve, methods=["GET"]),
        ]
    )


def beside(app: Starlette, frames: Starlette, *, hosts: tuple[str, ...]) -> Starlette:
    """Put the frames beside another application, under `/embed` and past its middleware.

    Its cookies and its headers are none of the frames' business: a desk refuses to stand in any.

    Args:
        app: answers everything else; its lifespan is kept.
        frames: what `embed_app` made.
        hosts: the host names under which the frames may be called (against DNS rebinding).
    """

    @asynccontextmanager
    async def lifespan(_outer: Starlette) -> AsyncIterator[None]:
        async with app.router.lifespan_context(app):
            yield

    known = Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    return Starlette(
        routes=[Mount("/embed", app=frames, middleware=[known]), Mount("/", app=app)],
        lifespan=lifespan,
    )


class _Frames:
    def __init__(
        self, host: EmbedHost, settings: EmbedSettings, clock: Callable[[], float]
    ) -> None:
        self._host = host
        self._settings = settings
        self._clock = clock
        self._formats = Formats(settings.locale)
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=lambda value: legible(value) if type(value) is str else value,
        )
        self._templates.filters["choice"] = choice_in_words
        self._templates.tests["day_or_nothing"] = is_day_or_nothing
        self._templates.globals.update(asset=assets.address, language=self._formats.language)

    async def answer(self, request: Request) -> Response:
        """Answer a link, whatever became of it."""
        return await run_in_threadpool(self._answer, request)

    def _answer(self, request: Request) -> Response:
        try:
            embedding = read(self._settings, request.path_params["token"], now=self._clock())
        except ExpiredLinkError as expired:
            return self._tell(EXPIRED, (expired.origin,))
        except RefusedLinkError as refused:
            _log.warning("a link was refused: %s", refused)
            return self._tell(CHANGED, self._settings.origins)
        holders = (embedding.origin,)
        # Browsers say where a page will stand (Fetch Metadata). A link that strayed into a chat is
        # opened in a window, where `frame-ancestors` has no say.
        if request.headers.get("sec-fetch-dest", "iframe") not in _FRAMES:
            return self._tell(OUTSIDE, holders)
        try:
            return self._tab(request, embedding)
        except CrossdockError as error:
            _log.warning("%s for %s: %s", embedding.tab, embedding.user, error)
            return self._tell(told_of(error), holders)
        except Exception:  # noqa: BLE001 - the boundary: a page, never a traceback
            reference = secrets.token_hex(4)
            _log.exception("%s failed (%s)", embedding.tab, reference)
            return self._tell(broken(reference), holders)

    def _tab(self, request: Request, embedding: Embedding) -> Response:
        user = self._host.user(embedding.user)
        handle = self._handle(embedding, user)
        if handle is None or not user.active:
            return self._tell(NOT_YOURS, (embedding.origin,))
        if request.query_params:
            return self._changed(request, embedding, handle)
        rendered, problem = None, ""
        try:
            rendered = self._render(embedding, user)
        except ConfigError as unreadable:  # a parameter that somebody typed
            problem = str(unreadable)
        values = {param.name: param.default or "" for param in handle.tab.params}
        if rendered is not None:
            given = {k: "" if v is None else str(v) for k, v in rendered.params.items()}
            values.update(given)
        values.update(embedding.params)
        return self._page(
            "tab.html",
            422 if problem else 200,
            (embedding.origin,),
            tab=handle.tab,
            values=values,
            kept=tables_kept(embedding.params),
            problem=problem,
            parent=embedding.origin,
            content=""
            if rendered is None
            else render_html(
                rendered.view,
                href=self._href(embedding),
                formats=speaking(request.headers.get("accept-language", ""), self._formats),
                heading=2,
                forms=True,
            ),
        )

    def _handle(self, embedding: Embedding, user: User) -> TabHandle | None:
        host = self._host
        tabs = host.account_tabs if embedding.subject == "account" else host.contact_tabs
        return next(
            (each for each in tabs(embedding.record, user=user) if each.address == embedding.tab),
            None,
        )

    def _render(self, embedding: Embedding, user: User) -> RenderedTab:
        host = self._host
        render = host.render_tab if embedding.subject == "account" else host.render_contact_tab
        return render(embedding.tab, embedding.record, user=user, params=embedding.params)

    def _changed(self, request: Request, embedding: Embedding, handle: TabHandle) -> Response:
        """Sign the same link with the parameters that the reader chose; it expires no later."""
        chosen = {
            name: value.strip()[:_LONGEST_VALUE]
            for name, value in request.query_params.items()
            if understands(handle.tab, name) and value.strip()
        }
        token = token_of(self._settings, evolve(embedding, params=chosen))
        response = RedirectResponse(token, status_code=303)
        return self._guarded(response, (embedding.origin,))

    def _href(self, embedding: Embedding) -> Callable[[str, Mapping[str, str]], str | None]:
        """Let a view lead to its own tab with other parameters; a link is good for no other."""

        def href(target: str, params: Mapping[str, str]) -> str | None:
            if target != f"tab/{embedding.tab}":
                return None
            try:
                return token_of(self._settings, evolve(embedding, params=dict(params)))
            except ConfigError:  # more than an address can carry: it leads nowhere
                return None

        return href

    def _tell(self, told: Told, holders: tuple[str, ...]) -> Response:
        parent = holders[0] if len(holders) == 1 else ""
        return self._page("told.html", told.status, holders, told=told, parent=parent)

    def _page(
        self, template: str, status: int, holders: tuple[str, ...], **context: Any
    ) -> Response:
        html = self._templates.get_template(template).render(**context)
        return self._guarded(HTMLResponse(html, status_code=status), holders)

    def _guarded(self, response: Response, holders: tuple[str, ...]) -> Response:
        response.headers.update(
            {
                "content-security-policy": "; ".join(
                    (
                        "default-src 'none'",
                        "style-src 'self'",
                        "script-src 'self'",
                        "form-action 'self'",
                        "base-uri 'none'",
                        f"frame-ancestors {' '.join(map(_ancestor, holders))}",
                    )
                ),
                "cache-control": "no-store",
                "referrer-policy": "no-referrer",
                "x-content-type-options": "nosniff",
                "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
            }
        )
        return response


def _ancestor(origin: str) -> str:
    """Give an origin as a policy may hold it: nothing but scheme, host and port."""
    parts = urlsplit(origin)
    return f"{parts.scheme}://{parts.netloc}"

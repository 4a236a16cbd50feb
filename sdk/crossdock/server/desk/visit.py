"""One request of somebody at the desk: who it is, what was sent, and what is answered.

Handlers are plain functions, `handler(visit) -> Response`. They run in a worker thread, since the
host's ports wait for other systems; `page` and `action` make Starlette endpoints of them.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import quote as percent_encoded

from attrs import field, frozen
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crossdock.errors import CrossdockError
from crossdock.host.exceptions_queue import Actor
from crossdock.records import User
from crossdock.server.desk import session
from crossdock.server.desk.desk import Desk
from crossdock.server.desk.refusals import refusal

_log: Final = logging.getLogger("crossdock.desk")
_MOST_FIELDS: Final = 4000  # a quote of 800 lines; more is no quote

Handler: TypeAlias = Callable[["Visit"], Response]
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


@frozen(kw_only=True)
class Visit:
    """What a handler is given.

    Attributes:
        user: who is signed in; `None` only where a page is open to all.
        users: all users of the CRM, by id, for owners' names.
        form: what was submitted; empty for a GET.
    """

    desk: Desk
    request: Request
    user: User | None
    users: Mapping[str, User] = field(factory=dict)
    form: FormData = field(factory=FormData)

    @property
    def who(self) -> User:
        """The user that is signed in, on pages where there must be one."""
        if self.user is None:
            raise LookupError("this page was opened to visitors who are not signed in")
        return self.user

    @property
    def actor(self) -> Actor:
        """The user that is signed in, as the one who does something."""
        return Actor.of(self.who)

    @property
    def may_not_repair(self) -> str:
        """Why the user may only look at deliveries; empty where he may do more."""
        return "" if self.user is None else self.desk.host.exceptions.objection(self.user)

    def path(self, name: str) -> str:
        """Give a part of the path by its name in the route."""
        return str(self.request.path_params[name])

    def query(self, name: str, default: str = "") -> str:
        """Give a parameter of the address."""
        return self.request.query_params.get(name, default).strip()

    def sent(self, name: str, default: str = "") -> str:
        """Give a field of the submitted form as it was typed, without surrounding space."""
        value = self.form.get(name, default)
        return value.strip() if isinstance(value, str) else default

    def show(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """Answer with a page."""
        return show(self.desk, self.request, template, status=status, visit=self, **context)

    def go(self, path: str, *, word: Any = None) -> RedirectResponse:
        """Send the browser on with a GET; `word` is told on the page that it comes to."""
        if word is not None:
            path = (
                f"{path}{'&' if '?' in path else '?'}word={self.desk.words.keep(self.who.id, word)}"
            )
        return RedirectResponse(path, status_code=303)

    @property
    def approvals_waiting(self) -> int:
        """How many approvals wait for an answer of this user."""
        return 0 if self.user is None else self.desk.host.approvals.waiting_for(self.user)

    @property
    def conflicts_waiting(self) -> int:
        """How many conflicts between CRM and ERP, and new records in question, wait for a word."""
        if self.user is None:
            return 0
        store = self.desk.host.store
        return store.sync_conflicts.waiting() + store.sync_creations.waiting()

    @property
    def word(self) -> Any | None:
        """What the page before wanted to be told here; an answer to a form tells its own news."""
        token = self.query("word") if self.request.method == "GET" else ""
        return self.desk.words.recall(self.who.id, token) if token and self.user else None


def show(
    desk: Desk,
    request: Request,
    template: str,
    *,
    status: int = 200,
    visit: Any = None,
    **more: Any,
) -> HTMLResponse:
    """Fill in a template."""
    html = desk.templates.get_template(template).render(
        request=request,
        visit=visit,
        user=visit.user if visit else None,
        users=visit.users if visit else {},
        approvals_waiting=visit.approvals_waiting if visit else 0,
        conflicts_waiting=visit.conflicts_waiting if visit else 0,
        csrf_token=session.csrf_token(request),
        csrf_field=session.CSRF_FIELD,
        settings=desk.settings,
        asset=desk.asset,
        **more,
    )
    return HTMLResponse(html, status_code=status)


def page(desk: Desk, handler: Handler, *, open_to_all: bool = False) -> Endpoint:
    """Make an endpoint for GET, for users who are signed in unless it is `open_to_all`."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(_serve, desk, handler, request, FormData(), open_to_all)

    return endpoint


def action(desk: Desk, handler: Handler, *, open_to_all: bool = False) -> Endpoint:
    """Make an endpoint for POST: the form is read and its CSRF token checked before anything."""

    async def endpoint(request: Request) -> Response:
        async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
            if not session.is_own_form(request, form.get(session.CSRF_FIELD)):
                return show(desk, request, "refused_form.html", status=403)
            return await run_in_threadpool(_serve, desk, handler, request, form, open_to_all)

    return endpoint


def _serve(
    desk: Desk, handler: Handler, request: Request, form: FormData, open_to_all: bool
) -> Response:
    desk = desk.speaking(request.headers.get("accept-language", ""))
    visit = Visit(desk=desk, request=request, user=None, form=form)
    try:
        users = {user.id: user for user in desk.host.crm.users()}
        user = users.get(session.user_id(request) or "")
        visit = Visit(desk=desk, request=request, user=user, users=users, form=form)
        if user is None and not open_to_all:
            target = request.url.path
            if request.method == "GET" and request.url.query:
                target = f"{target}?{request.url.query}"
            return RedirectResponse(f"/sign-in?next={percent_encoded(target)}", status_code=303)
        return handler(visit)
    except CrossdockError as error:
        told = refusal(error)
        _log.warning("%s %s: %s", request.method, request.url.path, error)
        return visit.show("error.html", status=told.status, told=told)
    except HTTPException:
        raise
    except Exception:  # noqa: BLE001 - the desk's own boundary: a page, never a traceback
        reference = secrets.token_hex(4)
        _log.exception("%s %s failed (%s)", request.method, request.url.path, reference)
        return visit.show("broken.html", status=500, reference=reference)

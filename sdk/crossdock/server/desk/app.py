"""The desk as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from crossdock.render import STYLESHEET
from crossdock.server.desk import (
    accounts,
    approvals,
    changing,
    conflicts,
    contacts,
    creations,
    dashboard,
    deliveries,
    delivery,
    documents,
    editing,
    invoices,
    lists,
    orders,
    quotes,
    signing_in,
    tabs,
    trading_accounts,
)
from crossdock.server.desk.back_office import BackOffice
from crossdock.server.desk.desk import STATIC, Assets, Desk, DeskSettings
from crossdock.server.desk.facade import DeskHost
from crossdock.server.desk.protection import Protection
from crossdock.server.desk.refusals import Refusal
from crossdock.server.desk.visit import Endpoint, Visit, action, page, show

_VIEWS_STATIC: Final = STYLESHEET.parent
_A_YEAR: Final = "public, max-age=31536000, immutable"


class _Static(StaticFiles):
    """Static files whose address names their content, so that a browser need not ask again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if scope["query_string"].startswith(b"v="):
            response.headers["cache-control"] = _A_YEAR
        return response


def create_desk(
    host: DeskHost, settings: DeskSettings, *, back_office: BackOffice | None = None
) -> Starlette:
    """Make the desk of a host.

    Args:
        host: whose CRM is shown; it is not closed by the desk.
        settings: how the desk behaves.
        back_office: plays the ERP's people; closed with the application.
    """
    desk = Desk(
        host=host,
        settings=settings,
        asset=Assets({"/static": STATIC, "/static/views": _VIEWS_STATIC}),
        back_office=back_office if settings.play_back_office else None,
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        if back_office is not None:
            back_office.close()

    return Starlette(
        routes=_routes(desk),
        middleware=[
            Middleware(Protection),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(settings.hosts)),
            Middleware(
                SessionMiddleware,
                secret_key=settings.secret,
                session_cookie=settings.cookie,
                max_age=None,
                same_site="lax",
            ),
        ],
        exception_handlers={HTTPException: _http_error(desk)},
        lifespan=lifespan,
    )


def _routes(desk: Desk) -> list[Any]:
    def get(path: str, endpoint: Endpoint) -> Route:
        return Route(path, endpoint, methods=["GET"])

    def form(path: str, shown: Endpoint, sent: Endpoint) -> list[Route]:
        return [get(path, shown), Route(path, sent, methods=["POST"])]

    def record(path: str, make: Callable[[Visit], editing.Editor]) -> list[Route]:
        return form(path, page(desk, editing.shown(make)), action(desk, editing.sent(make)))

    return [
        get("/", page(desk, dashboard.start)),
        *form(
            "/sign-in",
            page(desk, signing_in.choose, open_to_all=True),
            action(desk, signing_in.enter, open_to_all=True),
        ),
        Route("/sign-out", action(desk, signing_in.leave, open_to_all=True), methods=["POST"]),
        get("/lists", page(desk, lists.listing)),
        get("/lists/{plugin}/{segment}", page(desk, lists.show)),
        get("/accounts", page(desk, accounts.listing)),
        *record("/accounts/new", editing.account),
        get("/accounts/{account}", page(desk, accounts.overview)),
        get("/accounts/{account}/tabs/{plugin}/{tab}.csv", page(desk, tabs.table_of_account)),
        get("/accounts/{account}/tabs/{plugin}/{tab}", page(desk, tabs.of_account)),
        *record("/accounts/{account}/edit", editing.account),
        *form(
            "/accounts/{account}/trading-accounts",
            page(desk, trading_accounts.show),
            action(desk, trading_accounts.act),
        ),
        get("/trading-accounts", page(desk, trading_accounts.listing)),
        *record("/accounts/{account}/contacts/new", editing.contact),
        *record("/accounts/{account}/opportunities/new", editing.opportunity),
        get("/contacts/{contact}", page(desk, contacts.overview)),
        get("/contacts/{contact}/tabs/{plugin}/{tab}.csv", page(desk, tabs.table_of_contact)),
        get("/contacts/{contact}/tabs/{plugin}/{tab}", page(desk, tabs.of_contact)),
        *record("/contacts/{contact}/edit", editing.contact),
        *record("/opportunities/{opportunity}", editing.opportunity),
        *form(
            "/accounts/{account}/quotes/new",
            page(desk, quotes.blank),
            action(desk, quotes.create),
        ),
        *form("/quotes/{quote}", page(desk, quotes.existing), action(desk, quotes.change)),
        get("/items", page(desk, quotes.suggestions)),
        get("/orders/{order}", page(desk, orders.show)),
        Route("/orders/{order}/play", action(desk, orders.play), methods=["POST"]),
        *form(
            "/orders/{order}/change",
            page(desk, changing.show),
            action(desk, changing.ask),
        ),
        Route("/orders/{order}/created", action(desk, orders.say_created), methods=["POST"]),
        get("/documents/{system}/{kind}/{id}", page(desk, documents.show)),
        get("/documents/{system}/invoice/{id}/copy", page(desk, invoices.copy)),
        *form(
            "/documents/{system}/invoice/{id}/send",
            page(desk, invoices.ask),
            action(desk, invoices.send),
        ),
        get("/approvals", page(desk, approvals.listing)),
        *form(
            "/approvals/{approval}",
            page(desk, approvals.show),
            action(desk, approvals.answer),
        ),
        get("/conflicts", page(desk, conflicts.listing)),
        *form(
            "/conflicts/created",
            page(desk, creations.listing),
            action(desk, creations.decide),
        ),
        *form(
            "/conflicts/{conflict}",
            page(desk, conflicts.show),
            action(desk, conflicts.decide),
        ),
        get("/deliveries", page(desk, deliveries.listing)),
        get("/deliveries/{delivery}", page(desk, delivery.show)),
        Route("/circuits/{system}/try", action(desk, deliveries.try_now), methods=["POST"]),
        Route("/deliveries/{delivery}/retry", action(desk, deliveries.retry), methods=["POST"]),
        Route("/deliveries/{delivery}/edit", action(desk, delivery.edit), methods=["POST"]),
        Route("/deliveries/{delivery}/assign", action(desk, delivery.assign), methods=["POST"]),
        Route("/deliveries/{delivery}/note", action(desk, delivery.note), methods=["POST"]),
        Route("/deliveries/{delivery}/give-up", action(desk, delivery.give_up), methods=["POST"]),
        get("/health", _health),
        Mount("/static/views", _Static(directory=_VIEWS_STATIC)),
        Mount("/static", _Static(directory=STATIC)),
    ]


async def _health(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


def _http_error(desk: Desk) -> Any:
    """Make the pages for addresses that lead nowhere and for requests that cannot be read."""
    known = {
        404: Refusal(
            status=404,
            title="There is nothing here",
            text="The address is wrong, or what it showed is gone.",
        ),
        405: Refusal(
            status=405,
            title="This page takes no such request",
            text="Open it by a link, or send its form again.",
        ),
    }

    async def answer(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        told = known.get(status) or Refusal(
            status=status,
            title="This request could not be read",
            text="The browser sent something that the desk does not understand.",
            detail=getattr(error, "detail", ""),
        )
        return show(desk, request, "error.html", status=status, told=told)

    return answer

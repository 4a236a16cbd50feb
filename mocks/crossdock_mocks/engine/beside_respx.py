"""The door beside a test's own respx routes: a mock as one route that takes what is left."""

from __future__ import annotations

from typing import Any

import respx

from crossdock_mocks.engine.app import App
from crossdock_mocks.engine.transport import MockTransport
from crossdock_mocks.engine.world import World


def mount(
    router: respx.Router,
    app: App,
    world: World,
    *,
    host: str,
    asynchronous: bool = False,
    **lookups: Any,
) -> respx.Route:
    """Let a mock answer all requests for a host that no earlier route has answered.

        with respx.mock as router:
            router.get("https://erp.test/health").respond(503)
            mount(router, app, world, host="erp.test")

    respx asks its routes in the order in which they were added, so a test's own routes that are to
    go before the mock are added before it. The route counts its calls as any other does; a router
    that asserts that all were called wants this one called, too.

    Both kinds of client are answered. A fault that waits lets the thread sleep, though, which would
    hold up an event loop: `asynchronous` lets it wait without that, for asynchronous clients only.

    Args:
        router: The router, such as `respx.mock` or the fixture `respx_mock`.
        app: The mock.
        world: The world it answers from.
        host: Host name of the requests.
        asynchronous: Whether all clients are asynchronous ones.
        lookups: What else of the request has to fit, in the words of respx, such as
            `path__startswith="/api/"`.
    """
    transport = MockTransport(app, world)
    answer = transport.handle_async_request if asynchronous else transport
    return router.route(host=host, **lookups).mock(side_effect=answer)

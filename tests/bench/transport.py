"""A call of a mock in process, against httpx's own mock transport and a bare respx route."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

import httpx
import respx
from tests.bench import anchors
from tests.bench.measure import Row, micros, not_measured, side_by_side

from crossdock_mocks.engine import MockTransport, Request

URL = "http://mock.test/customers/C0001"
ANSWER = b'{"id":"C0001","name":"Customer 0001 GmbH","email":"ap0001@example.test"}'


def measure() -> list[Row]:
    """Measure reading one record."""
    what = "mock call in process, against httpx.MockTransport"
    beside = "mock call beside respx, against a bare respx route"
    if not anchors.available():
        return [
            not_measured(what, "<= 2 x", anchors.MISSING),
            not_measured(beside, "<= 1.3 x", anchors.MISSING),
        ]
    app, world = anchors.open_anchors()
    json = {"content-type": "application/json"}
    bare_transport = httpx.MockTransport(
        lambda _: httpx.Response(200, headers=json, content=ANSWER)
    )
    ours = MockTransport(app, world)
    with httpx.Client(transport=ours) as mock, httpx.Client(transport=bare_transport) as bare:
        in_process, plain, engine = side_by_side(
            lambda: mock.get(URL),
            lambda: bare.get(URL),
            lambda: app.exchange(world, Request("GET", "/customers/C0001", "", {}, b"")),
            calls=500,
        )
    routed, bare_route, handled = _beside_respx(ours, json)
    return [
        Row(
            what=what,
            goal="<= 2 x",
            measured=f"{in_process / plain:.2f} x",
            met=in_process <= 2 * plain,
            detail=f"{micros(in_process)} against {micros(plain)}; the exchange itself "
            f"{micros(engine)}",
        ),
        Row(
            what=beside,
            goal="<= 1.3 x",
            measured=f"{routed / bare_route:.2f} x",
            met=routed <= 1.3 * bare_route,
            detail=f"{micros(routed)} against {micros(bare_route)} of a constant answer; "
            f"{micros(handled)} where a function makes it",
        ),
    ]


def _beside_respx(ours: MockTransport, json: dict[str, str]) -> Sequence[float]:
    """Seconds for the mock, for an answer that never changes, and for one made by a function."""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=json, content=ANSWER)

    hosts = ("mock.test", "bare.test", "handled.test")
    with ExitStack() as stack:
        client = stack.enter_context(httpx.Client())
        router = stack.enter_context(respx.mock(assert_all_called=False))
        router.route(host="mock.test").mock(side_effect=ours)
        router.route(host="bare.test").mock(
            return_value=httpx.Response(200, headers=json, content=ANSWER)
        )
        router.route(host="handled.test").mock(side_effect=answer)

        def one(host: str) -> None:
            client.get(f"http://{host}/customers/C0001")
            router.calls.reset()

        return side_by_side(*(partial(one, host) for host in hosts), calls=300)

"""The mock engine: an OpenAPI document and behaviours become a stateful server in any door."""

from typing import TYPE_CHECKING, Any

from crossdock_mocks.engine.app import App
from crossdock_mocks.engine.asgi import asgi
from crossdock_mocks.engine.clock import Clock
from crossdock_mocks.engine.conditions import (
    Condition,
    Where,
    between,
    contains,
    either,
    every,
    ge,
    gt,
    le,
    lt,
    ne,
    one_of,
    prefix,
)
from crossdock_mocks.engine.dialect import Behaviour, Call, Dialect, problem_details
from crossdock_mocks.engine.errors import DialectError, DocumentError, EngineError, PortInUse
from crossdock_mocks.engine.faults import Fault, FaultPlan, Faults
from crossdock_mocks.engine.journal import Entry, Journal
from crossdock_mocks.engine.messages import RawJson, Reply, Request, Response, encode, instant
from crossdock_mocks.engine.problem import Problem, Violation
from crossdock_mocks.engine.server import Address, serve, serve_in_thread
from crossdock_mocks.engine.tables import DuplicateKey, NoSuchRow, Page, Table, TableSpec
from crossdock_mocks.engine.world import Snapshot, World
from crossdock_mocks.engine.worlds import Worlds

if TYPE_CHECKING:
    from crossdock_mocks.engine.transport import MockTransport

__all__ = [
    "Address",
    "App",
    "Behaviour",
    "Call",
    "Clock",
    "Condition",
    "Dialect",
    "DialectError",
    "DocumentError",
    "DuplicateKey",
    "EngineError",
    "Entry",
    "Fault",
    "FaultPlan",
    "Faults",
    "Journal",
    "MockTransport",
    "NoSuchRow",
    "Page",
    "PortInUse",
    "Problem",
    "RawJson",
    "Reply",
    "Request",
    "Response",
    "Snapshot",
    "Table",
    "TableSpec",
    "Violation",
    "Where",
    "World",
    "Worlds",
    "asgi",
    "between",
    "contains",
    "either",
    "encode",
    "every",
    "ge",
    "gt",
    "instant",
    "le",
    "lt",
    "ne",
    "one_of",
    "prefix",
    "problem_details",
    "serve",
    "serve_in_thread",
]


def __getattr__(name: str) -> Any:
    # A mock on a port needs no HTTP client; httpx costs more to import than the whole engine.
    if name == "MockTransport":
        from crossdock_mocks.engine.transport import MockTransport

        return MockTransport
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

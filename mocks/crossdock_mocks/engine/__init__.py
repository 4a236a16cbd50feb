"""The mock engine: an OpenAPI document and behaviours become a stateful server in any door."""

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
from crossdock_mocks.engine.faults import Fault, Faults
from crossdock_mocks.engine.journal import Entry, Journal
from crossdock_mocks.engine.messages import RawJson, Reply, Request, Response, encode, instant
from crossdock_mocks.engine.problem import Problem, Violation
from crossdock_mocks.engine.tables import DuplicateKey, NoSuchRow, Page, Table, TableSpec
from crossdock_mocks.engine.world import Snapshot, World

__all__ = [
    "Behaviour",
    "Call",
    "Clock",
    "Condition",
    "Dialect",
    "DuplicateKey",
    "Entry",
    "Fault",
    "Faults",
    "Journal",
    "NoSuchRow",
    "Page",
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
]

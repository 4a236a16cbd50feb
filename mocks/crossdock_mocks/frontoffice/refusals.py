"""How a CRM says no: one function per reason, each a `Problem` with a code for programs."""

from __future__ import annotations

from typing import Any

from crossdock_mocks.engine import Problem, Violation


def not_found(entity: str, key: str) -> Problem:
    """There is no such record: 404 `not_found`."""
    name = entity.replace("_", " ")
    return Problem(404, "not_found", "Not found", f"There is no {name} {key!r}.")


def conflict(code: str, detail: str, *errors: Violation) -> Problem:
    """The record is not in a state that allows it: 409 with a code of its own."""
    return Problem(409, code, "Conflict", detail, errors)


def stale(entity: str, key: str, given: int, current: int) -> Problem:
    """The change was made from an older version: 409 `stale_version`."""
    return conflict(
        "stale_version",
        f"The {entity.replace('_', ' ')} {key} has changed: version {given} was given and"
        f" {current} is current. Read it again and repeat the change.",
        Violation("/version", f"is {given}, not the current {current}", current, given),
    )


def invalid(*errors: Violation) -> Problem:
    """A body that was understood and is wrong: 422 `invalid`, each field named."""
    detail = "; ".join(
        f"{each.pointer.strip('/').replace('/', '.')} {each.message}" for each in errors
    )
    return Problem(422, "invalid", "Invalid", f"Not accepted: {detail}.", errors)


def wrong(pointer: str, message: str, expected: Any = None, received: Any = None) -> Problem:
    """One wrong field: 422 `invalid`."""
    return invalid(Violation(pointer, message, expected, received))


def unknown_reference(pointer: str, entity: str, key: str) -> Problem:
    """A field names a record that does not exist: 422 `unknown_reference`."""
    name = entity.replace("_", " ")
    return Problem(
        422,
        "unknown_reference",
        "Unknown reference",
        f"There is no {name} {key!r}.",
        (Violation(pointer, f"names the {name} {key!r}, which does not exist", name, key),),
    )

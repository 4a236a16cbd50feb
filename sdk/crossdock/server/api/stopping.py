"""What stands against a record, as a problem."""

from __future__ import annotations

from crossdock.host.asking.verdict import Verdict
from crossdock.server.api.problems import Problem, Wrong, pointer_of
from crossdock.server.api.wire import verdict_document


def stopped(verdict: Verdict, point: str, title: str) -> Problem:
    """Say what stands against a record as a problem with a pointer for each reason."""
    objections = verdict.objections
    return Problem(
        422, "stopped_by_guards", title, " ".join(each.message for each in objections),
        errors=tuple(
            Wrong(
                pointer=pointer_of(each.field),
                message=each.message,
                plugin_id=each.plugin_id,
                code=each.code,
            )
            for each in objections
        ),
        more={"verdict": verdict_document(verdict, point, record=False)},
    )  # fmt: skip

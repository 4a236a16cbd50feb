"""How this CRM says no: `{"error": {"code", "message", "fields": [{"field", "message"}]}}`."""

from __future__ import annotations

from crossdock_mocks.engine import Problem, Reply, Violation


def say_no(problem: Problem) -> Reply:
    """Put a problem into the CRM's envelope."""
    error = {
        "code": problem.code,
        "message": _sentence(problem),
        "fields": [{"field": _field(each), "message": _message(each)} for each in problem.errors],
    }
    return Reply(problem.status, {"error": error}, problem.headers)


def _sentence(problem: Problem) -> str:
    """What happened; where the document was broken, all of it in one sentence."""
    if problem.code not in ("invalid_body", "invalid_request"):
        return problem.detail or problem.title
    reasons = "; ".join(f"{_field(each)} {_message(each)}" for each in problem.errors)
    return f"{problem.title}: {reasons}."


def _field(violation: Violation) -> str:
    parts = violation.pointer.split("/")[1:]
    return ".".join(part.replace("~1", "/").replace("~0", "~") for part in parts)


def _message(violation: Violation) -> str:
    return (
        violation.message
        if violation.where == "body"
        else (f"{violation.message} (in the {violation.where})")
    )

"""How QuickBooks says no: a Fault with codes, or, where its gateway does, one in small letters.

Codes and messages are those of its maker's list of error codes; the gateway's form was seen in
reports of clients (python-quickbooks, issues 118 and 250). Which code goes with a mistake is
assumed where no report tells of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final

from crossdock_mocks.dialects.quickbooks.wire import Row, answered_at
from crossdock_mocks.engine import Problem, Reply, Request, Violation, World

MESSAGES: Final = {
    100: "General Authentication Error",
    120: "Authorization Failure",
    500: "Unsupported Operation",
    600: "Duplicate Request ID",
    610: "Object Not Found",
    620: "Transaction ID cannot be linked",
    1040: "Batch size exceeds allowed limit",
    1050: "Invalid Content Type",
    2010: "Request has invalid or unsupported property",
    2020: "Required param missing, need to supply the required value for the API",
    2030: "Invalid ID",
    2040: "Invalid String",
    2050: "String length is either shorter or longer than supported by specification",
    2090: "Invalid Number",
    2170: "Invalid Enumeration",
    2210: "Invalid Email Address format",
    2500: "Invalid Reference Id",
    4000: "Error parsing query",
    4001: "Invalid query",
    5010: "Stale Object Error",
    6000: "A business validation error has occurred while processing your request",
    6010: "Invalid Account.AccountType && Account.SubType",
    6030: "Upload request size exceeds allowed limit",
    6070: "Amount calculation incorrect in the request",
    6080: "No Name Provided",
    6090: "Discount Line missing required info.",
    6140: "Duplicate Document Number Error",
    6240: "Duplicate Name Exists Error",
    6430: "Invalid account type",
    10000: "An application error has occurred while processing your request",
}

_GATEWAY: Final = {
    "3001": "message=ThrottleExceeded; errorCode=003001; statusCode=429",
    "3100": "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
    "3200": "message=AuthenticationFailed; errorCode=003200; statusCode=401",
}
_OAUTH: Final = ("/connect/oauth2", "/oauth2/v1/tokens/bearer", "/v2/oauth2/tokens/revoke")
_GATEWAY_TYPES: Final = {
    "3001": "SERVICE",
    "3100": "AUTHORIZATION",
    "3200": "AUTHENTICATION",
}


def refused(code: int, detail: str, element: str = "", *, status: int = 400) -> Problem:
    """A refusal of the books.

    Args:
        code: QuickBooks' own code.
        detail: What was wrong this time.
        element: The property that it is about.
        status: HTTP status; a refusal is a 400 but for few.
    """
    told = [Violation(f"/{element}", detail)] if element else ()
    return Problem(status, str(code), MESSAGES[code], detail, told)


def missing(element: str) -> Problem:
    """A property that is needed did not come."""
    return refused(2020, f"Required parameter {element} is missing in the request", element)


def not_found(what: str) -> Problem:
    """There is nothing of this id, or it was made inactive."""
    return refused(
        610,
        f"Object Not Found : {what} is not there, or was made inactive. "
        "Check the fields with accounts, customers, items, vendors or employees.",
    )


def business(detail: str, element: str = "") -> Problem:
    """A rule of the books is broken."""
    return refused(6000, f"Business Validation Error: {detail}", element)


def throttled(what: str) -> Problem:
    """The gateway takes no more in this minute."""
    return Problem(429, "3001", _GATEWAY["3001"], f"The request limit was reached: {what}")


def unauthenticated(detail: str) -> Problem:
    """The gateway does not believe a token."""
    return Problem(
        401, "3200", _GATEWAY["3200"], detail,
        headers={"www-authenticate": f'Bearer realm="Intuit", error="invalid_token", '
                 f'error_description="{detail}"'},
    )  # fmt: skip


def unauthorized(detail: str) -> Problem:
    """The gateway finds that a token lacks a scope."""
    return Problem(403, "3100", _GATEWAY["3100"], detail)


def trace_id(world: World) -> str:
    """The `intuit_tid` of the answer that is being made; the same in each run."""
    made = hashlib.sha256(f"{world.name}/{world.journal.number + 1}".encode()).hexdigest()
    return f"1-{made[:8]}-{made[8:32]}"


# Into words


def say_no(problem: Problem, world: World, request: Request) -> Reply:
    """Put a problem into the vendor's words; the engine's own refusals get the nearest code."""
    if request.path in _OAUTH and problem.status < 500:
        # RFC 6749, section 5.2.
        error = {"error": "invalid_request", "error_description": _sentence(problem)}
        return Reply(400, error, problem.headers)
    headers = {"intuit_tid": trace_id(world), **problem.headers}
    code = problem.code
    if problem.status == 429:
        code = "3001"
    elif not code.isdecimal() and problem.status == 401:
        code = "3200"
    if code in _GATEWAY:
        return Reply(problem.status, _by_gateway(code, problem, world), headers)
    status, errors = _errors(problem, request)
    kind = {401: "AuthenticationFault", 500: "SystemFault", 503: "SystemFault"}
    fault = {"Error": errors, "type": kind.get(status, "ValidationFault")}
    return Reply(status, {"Fault": fault, "time": answered_at(world)}, headers)


def _sentence(problem: Problem) -> str:
    told = [f"{each.pointer.rpartition('/')[2]} {each.message}".strip() for each in problem.errors]
    return "; ".join(told) or problem.detail or problem.title


def _by_gateway(code: str, problem: Problem, world: World) -> Row:
    error = {
        "message": _GATEWAY[code],
        "detail": problem.detail or problem.title,
        "code": code,
        "element": None,
    }
    return {
        "warnings": None,
        "intuitObject": None,
        "fault": {"error": [error], "type": _GATEWAY_TYPES[code]},
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": int(world.now.timestamp() * 1000),
        "status": None,
        "cdcresponse": [],
    }


def _errors(problem: Problem, request: Request) -> tuple[int, list[Row]]:
    if problem.code.isdecimal():
        element = problem.errors[0].pointer[1:] if problem.errors else ""
        return problem.status, [error(int(problem.code), problem.detail, element)]
    if problem.code in ("invalid_body", "invalid_request"):
        return 400, list(_broken(problem.errors))
    if problem.code == "body_required":
        return 400, [error(2020, "Required parameter body is missing in the request")]
    if problem.code in ("malformed_json", "malformed_text", "malformed_form", "malformed_url"):
        detail = f"Property Name:failed to parse the request; {problem.detail}"
        return 400, [error(2010, detail)]
    if problem.status == 415:
        return 415, [error(1050, problem.detail)]
    if problem.status == 413:
        return 413, [error(6030, problem.detail)]
    if problem.status in (404, 405):
        detail = f"Operation {request.method} {request.path} is not supported."
        return problem.status, [error(500, detail)]
    return problem.status, [error(10000, problem.detail or problem.title)]


def error(code: int, detail: str, element: str = "") -> Row:
    """One error of a Fault."""
    told = {"Message": MESSAGES[code], "Detail": detail, "code": str(code)}
    return {**told, "element": element} if element else told


def _broken(violations: Iterable[Violation]) -> Iterable[Row]:
    """What breaks the document, each with the code that the vendor has for it."""
    for each in violations:
        name = each.pointer.rpartition("/")[2]
        if each.where != "body":
            yield error(2030, f"Invalid parameter {name}: {each.message}", name)
        elif each.keyword in ("maxLength", "minLength"):
            yield error(2050, f"Min/Max Length mismatch : {name} {each.message}", name)
        elif each.keyword in ("enum", "const"):
            yield error(2170, f"Invalid Enumeration : {_shown(each.received)}", name)
        else:
            detail = f"Property Name:{name}; the property {each.message}"
            yield error(2010, f"{detail}; it is unsupported or invalid", name)


def _shown(value: Any) -> str:
    return str(value)[:100]

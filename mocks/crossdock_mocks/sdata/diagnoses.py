"""How SData says no: a status, and diagnoses with a severity, a code and a sentence.

The codes and severities are those of the specification (Sage, SData 2.0, 3.10 Error Payload).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, Literal, TypeAlias
from xml.sax.saxutils import escape

import attrs

from crossdock_mocks.engine import Problem, Reply, Request, World
from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.formats import wants_json

Code: TypeAlias = Literal[
    "BadUrlSyntax", "BadQueryParameter", "ApplicationNotFound", "ApplicationUnavailable",
    "DatasetNotFound", "DatasetUnavailable", "ContractNotFound", "ResourceKindNotFound",
    "BadWhereSyntax", "ApplicationDiagnosis",
]  # fmt: skip
Severity: TypeAlias = Literal["Info", "Warning", "Transient", "Error", "Fatal"]

APPLICATION: Final = "ApplicationDiagnosis"
NAMESPACE: Final = "http://schemas.sage.com/sdata/2008/1"
_XML: Final = "application/xml"
_STRANGER: Final = (
    b"<!DOCTYPE html><title>401 - Unauthorized</title>"
    b"<p>Access is denied due to invalid credentials.</p>"
)
"""Who nobody knows is told so by the web server, before SData hears of it; clients take a 401
without diagnoses for just that (npm's sdata-client, `convertSDataError`)."""


@attrs.frozen
class Diagnosis:
    """One thing that is wrong.

    Attributes:
        message: What it is, for people.
        code: The code of the specification.
        severity: How bad it is.
        application: The application's own code.
        path: Where in the payload.
    """

    message: str
    code: Code = "ApplicationDiagnosis"
    severity: Severity = "Error"
    application: str = ""
    path: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON has it; what is empty is left out, but for what every diagnosis has."""
        made = {
            "severity": self.severity,
            "sdataCode": self.code,
            "applicationCode": self.application or None,
            "message": self.message,
            "payloadPath": self.path or None,
        }
        return {name: value for name, value in made.items() if value is not None}

    def xml(self) -> str:
        """As Atom has it."""
        members = [
            ("severity", self.severity), ("sdataCode", self.code),
            ("applicationCode", self.application), ("message", self.message),
            ("stackTrace", ""), ("payloadPath", self.path),
        ]  # fmt: skip
        inside = "".join(f"<sdata:{name}>{xml_text(text)}</sdata:{name}>" for name, text in members)
        return f"<sdata:diagnosis>{inside}</sdata:diagnosis>"


class Refused(Problem):
    """A refusal in SData's own words.

    Args:
        diagnoses: What is wrong.
        status: HTTP status.
        body: What is answered instead of the diagnoses, such as the entry as it stands.
    """

    def __init__(
        self,
        diagnoses: Iterable[Diagnosis],
        status: int = 400,
        body: Reply | None = None,
    ) -> None:
        self.diagnoses = tuple(diagnoses)
        first = self.diagnoses[0]
        super().__init__(status, first.code, first.code, first.message)
        self.body = body


def refused(
    message: str,
    *,
    path: str = "",
    application: str = "",
    status: int = 400,
) -> Refused:
    """The application says no.

    Args:
        message: What is wrong, for people.
        path: The property that it is about.
        application: The application's own code.
        status: HTTP status.
    """
    return Refused([Diagnosis(message, APPLICATION, "Error", application, path)], status)


def bad_parameter(name: str, message: str) -> Refused:
    """A query parameter is not valid."""
    return Refused([Diagnosis(f"Invalid query parameter '{name}': {message}", "BadQueryParameter")])


def bad_where(message: str) -> Refused:
    """A condition is not valid."""
    return Refused([Diagnosis(f"Invalid query syntax: {message}", "BadWhereSyntax")])


def bad_url(message: str, status: int = 400) -> Refused:
    """A URL is not valid."""
    return Refused([Diagnosis(message, "BadUrlSyntax")], status)


def no_kind(name: str) -> Refused:
    """There is no such kind of resource."""
    message = f"The resource kind '{name}' does not exist."
    return Refused([Diagnosis(message, "ResourceKindNotFound")], 404)


def no_entry(kind: str, key: object) -> Refused:
    """There is no such entry."""
    return refused(f"{kind} '{key}' was not found.", status=404)


def xml_text(text: str) -> str:
    """Text as XML may hold it: what XML knows no character for is left out."""
    return escape("".join(each for each in text if _is_xml(ord(each))))


def _is_xml(code: int) -> bool:
    return code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code not in (0xFFFE, 0xFFFF)


def saying_no(contract: Contract) -> Callable[[Problem, World, Request], Reply]:
    """How a contract puts problems, the engine's own included, into its words."""

    def say_no(problem: Problem, world: World, request: Request) -> Reply:
        del world  # the answer is the same whenever and wherever it is given
        if problem.status == 401:
            return Reply(401, _STRANGER, {**problem.headers, "content-type": "text/html"})
        status, diagnoses = problem.status, [Diagnosis(problem.detail or problem.title)]
        if isinstance(problem, Refused):
            if problem.body is not None:
                return problem.body
            diagnoses = list(problem.diagnoses)
        else:
            status, diagnoses = _own_words(contract, problem, request)
        if not wants_json(contract, request):
            inside = "".join(each.xml() for each in diagnoses)
            text = f'<sdata:diagnoses xmlns:sdata="{NAMESPACE}">{inside}</sdata:diagnoses>'
            return Reply(status, text.encode(), {**problem.headers, "content-type": _XML})
        listed: Any = [each.plain() for each in diagnoses]
        if contract.diagnoses == "object":
            listed = {"$diagnoses": listed}
        return Reply(status, listed, {**problem.headers, "content-type": "application/json"})

    return say_no


def _own_words(
    contract: Contract, problem: Problem, request: Request
) -> tuple[int, list[Diagnosis]]:
    """What the engine found wrong, as SData says it."""
    code, status, detail = problem.code, problem.status, problem.detail or problem.title
    if code in ("unknown_path", "not_found"):
        return 404, [_astray(contract, request.path)]
    if code == "malformed_url":
        return 400, [Diagnosis(detail, "BadUrlSyntax")]
    if code == "invalid_request":
        return 400, [
            Diagnosis(
                f"Invalid query parameter '{each.pointer[1:]}': {each.message}", "BadQueryParameter"
            )
            for each in problem.errors
        ]
    if code in ("invalid_body", "body_required"):
        found = [
            Diagnosis(f"{each.pointer[1:] or 'The payload'} {each.message}.", path=each.pointer[1:])
            for each in problem.errors
        ]
        return 400, found or [Diagnosis(detail)]
    severity: Severity = "Transient" if status in (408, 429, 502, 503, 504) else "Error"
    return status, [Diagnosis(detail, severity=severity)]


def _astray(contract: Contract, path: str) -> Diagnosis:
    """Which segment of a path leads nowhere."""
    segments = path.split("/")[1:]
    known = contract.base.split("/")[1:]
    codes: tuple[Code, ...] = ("BadUrlSyntax", "ApplicationNotFound", "ContractNotFound",
                               "DatasetNotFound")  # fmt: skip
    words = ("path", "application", "contract", "data set")
    for place, (code, word) in enumerate(zip(codes, words, strict=True)):
        given = segments[place] if place < len(segments) else ""
        if given.lower() != known[place].lower():
            return Diagnosis(f"The {word} '{given}' does not exist.", code)
    named = segments[4].partition("(")[0] if len(segments) > 4 else ""
    if not named.startswith("$") and contract.find(named) is None:
        return Diagnosis(f"The resource kind '{named}' does not exist.", "ResourceKindNotFound")
    return Diagnosis(f"There is nothing under {path}.", "BadUrlSyntax")

"""Refusals in the words of a document: its own error bodies, filled with what was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from crossdock_mocks.engine import Problem, Reply, problem_details
from crossdock_mocks.engine.world import EPOCH
from crossdock_mocks.inference.generation import Generator, Making, rng
from crossdock_mocks.inference.naming import plain
from crossdock_mocks.inference.reading import Op, is_json
from crossdock_mocks.inference.schemas import Schemas, kind

_DEEPEST = 4
_TELLING = frozenset(
    [
        "message",
        "messages",
        "msg",
        "detail",
        "details",
        "title",
        "error",
        "errors",
        "description",
        "code",
        "status",
        "status_code",
        "type",
        "reason",
        "error_message",
        "error_description",
        "error_code",
        "pointer",
        "field",
        "param",
        "source",
        "source_pointer",
    ]
)


@final
class Refusals:
    """Says no as the document says it, or as problem details where it is silent.

    Args:
        ops: Operations by id.
        schemas: The document's schemas.
        generator: Makes what an error body has to have besides.
    """

    def __init__(self, ops: Mapping[str, Op], schemas: Schemas, generator: Generator) -> None:
        self._ops = ops
        self._schemas = schemas
        self._generator = generator

    def __call__(self, problem: Problem, operation_id: str) -> Reply:
        """The answer to a refused request of an operation."""
        errors = self._ops[operation_id].errors
        status = str(problem.status)
        media, schema = errors.get(
            status, errors.get(f"{status[0]}XX", errors.get("DEFAULT", ("", None)))
        )
        if schema is None:
            known = status in errors or f"{status[0]}XX" in errors or "DEFAULT" in errors
            return (
                Reply(problem.status, None, problem.headers)
                if known
                else (problem_details(problem))
            )
        if not is_json(media):
            text = f"{problem.title}. {problem.detail}".encode()
            return Reply(problem.status, text, {**problem.headers, "content-type": media})
        body = self._body(schema, "", problem, 0)
        return Reply(problem.status, body, {**problem.headers, "content-type": media})

    def _body(self, schema: Any, name: str, problem: Problem, depth: int) -> Any:
        flat = self._schemas.flat(schema)
        sort = kind(flat)
        required = set(flat["required"])
        if "enum" in flat or "const" in flat:
            values = flat.get("enum", [flat.get("const")])
            said = _said(plain(name), sort, problem)
            return said if said in values else values[0]
        if sort == "object" and depth < _DEEPEST:
            return {
                member: self._body(each, member, problem, depth + 1)
                for member, each in flat["properties"].items()
                if member in required or _tells(plain(member), self._schemas.flat(each))
            }
        if sort == "array" and depth < _DEEPEST:
            return self._listed(flat, name, problem, depth)
        said = _said(plain(name), sort, problem)
        if said is not None and self._fits(said, flat):
            return said
        making = Making(rng("refusal", name), EPOCH, "error", full=False)
        return self._generator.value(schema, name, making, depth)

    def _listed(self, flat: Any, name: str, problem: Problem, depth: int) -> list[Any]:
        found = []
        for each in problem.errors or ():
            inner = Problem(
                problem.status, each.keyword or problem.code, each.message,
                f"{each.pointer.lstrip('/') or 'body'}: {each.message}",
            )  # fmt: skip
            inner.errors = (each,)
            found.append(self._body(flat.get("items", {}), name.rstrip("s"), inner, depth + 1))
        if not found:
            found = [self._body(flat.get("items", {}), name.rstrip("s"), problem, depth + 1)]
        return found[: flat.get("maxItems", len(found))]

    @staticmethod
    def _fits(said: Any, flat: Any) -> bool:
        return not isinstance(said, str) or (
            flat.get("minLength", 0) <= len(said) <= flat.get("maxLength", len(said))
            and "pattern" not in flat
            and flat.get("format", "") in ("", "uri-reference")
        )


def _tells(bare: str, flat: Any) -> bool:
    return kind(flat) in ("object", "array") or bare in _TELLING


def _said(bare: str, sort: str, problem: Problem) -> Any:
    """What a member of an error body says."""
    text = problem.detail or problem.title
    if sort in ("integer", "number"):
        return problem.status if bare in ("code", "status", "status_code", "error_code") else None
    if sort not in ("string", ""):
        return None
    if bare in ("status", "status_code"):
        return str(problem.status)
    if bare in ("code", "error_code", "type", "reason", "name"):
        return problem.code
    if bare == "title":
        return problem.title
    if bare in ("pointer", "field", "param", "parameter", "source"):
        return problem.errors[0].pointer if problem.errors else None
    if bare in ("message", "messages", "msg", "detail", "details", "error", "errors",
                "description", "error_message", "error_description", "text"):  # fmt: skip
        if (problem.errors and len(problem.errors) > 1) or not problem.detail:
            return f"{text} " + " ".join(f"{e.pointer}: {e.message}." for e in problem.errors)
        return text
    return None

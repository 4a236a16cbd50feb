"""Batches: at most so many inputs, what each of them came to, and the answer that tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from crossdock_mocks.dialects.hubspot.errors import Refusal, invalid
from crossdock_mocks.dialects.hubspot.portal import Portal
from crossdock_mocks.engine import Problem, Reply


def limited(inputs: Sequence[Mapping[str, Any]], most: int = 100) -> Sequence[Mapping[str, Any]]:
    """The inputs of a batch, as far as there may be so many.

    Raises:
        Refusal: 400, there are none or too many.
    """
    if not inputs:
        raise invalid("Invalid input JSON: inputs must not be empty.", "INVALID_INPUTS")
    if len(inputs) > most:
        raise invalid(
            f"Batch size of {len(inputs)} exceeds the limit of {most}.", "BATCH_SIZE_LIMIT"
        )
    return inputs


def distinct(ids: Iterable[str]) -> None:
    """Refuse a batch that names something twice.

    Raises:
        Refusal: 400, it does.
    """
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise invalid(
                f"Duplicate IDs found in batch input: [{each}]. IDs must be unique",
                "DUPLICATE_ID",
                ids=each,
            )
        seen.add(each)


def each_alone(
    portal: Portal,
    inputs: Iterable[Mapping[str, Any]],
    do: Callable[[Mapping[str, Any]], dict[str, Any] | None],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Do each input by itself: one that is refused leaves nothing behind and stops no other.

    Returns:
        What they gave, and what was refused, in the form of a batch's errors.
    """
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for each in inputs:
        try:
            with portal.world.transaction():
                made = do(each)
        except Problem as problem:
            errors.append(as_error(problem, each))
        else:
            if made is not None:
                results.append(made)
    return results, errors


def as_error(problem: Problem, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A refusal as one of a batch's errors."""
    known = problem if isinstance(problem, Refusal) else Refusal(problem.status, str(problem))
    context = dict(known.context)
    trace = (given or {}).get("objectWriteTraceId")
    if trace is not None:
        context["objectWriteTraceId"] = [trace]
    error: dict[str, Any] = {
        "status": "error", "category": known.code, "message": known.detail,
        "errors": known.details, "context": context, "links": known.links,
    }  # fmt: skip
    if known.sub_category:
        error["subCategory"] = known.sub_category
    return error


def answer(
    portal: Portal,
    results: Sequence[Mapping[str, Any]],
    errors: Sequence[Mapping[str, Any]] = (),
    *,
    status: int = 200,
) -> Reply:
    """The answer to a batch: with errors it is a 207."""
    at = portal.stamp
    body: dict[str, Any] = {
        "status": "COMPLETE", "results": results, "requestedAt": at, "startedAt": at,
        "completedAt": at,
    }  # fmt: skip
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return Reply(207 if errors else status, body)

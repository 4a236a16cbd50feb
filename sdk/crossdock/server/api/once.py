"""Doing something once for each idempotency key, across restarts."""

from __future__ import annotations

import hashlib
from typing import Final

import orjson

from crossdock.errors import CrossdockError, RemoteUnavailable
from crossdock.server.api.call import Answer, Call, Handler
from crossdock.server.api.problems import Problem, Wrong

_HEADER: Final = "Idempotency-Key"


def once(call: Call, handler: Handler) -> Answer:
    """Answer a request, or give the answer again that its key got before.

    Raises:
        Problem: 422, the key was used for another request; 409, the first request of the key was
            not answered, so nobody knows whether it was done.
    """
    key = call.read.headers.get(_HEADER.lower())
    if key is None:
        return handler(call)
    answers, caller = call.api.answers, call.who.name
    asked = b"\n".join((call.operation.id.encode(), call.user.id.encode(), call.raw))
    claim = answers.claim(caller, key, hashlib.sha256(asked).hexdigest())
    wrong = (Wrong(pointer=f"#/header/{_HEADER}", message="was used before"),)
    match claim.standing:
        case "answered":
            kept = orjson.loads(claim.answer)
            headers = {**kept["headers"], "idempotency-replayed": "true"}
            return Answer(body=kept["body"], status=kept["status"], headers=headers)
        case "other_request":
            raise Problem(
                422, "idempotency_key_reused", "The key was used for another request",
                "Choose a new key for a new request.", errors=wrong,
            )  # fmt: skip
        case "unanswered":
            raise Problem(
                409, "idempotency_in_doubt", "The first request of this key was not answered",
                "It is under way, or was cut short: look whether it was done before asking anew.",
                errors=wrong,
            )  # fmt: skip
    try:
        answer = handler(call)
    except (Problem, CrossdockError) as refused:
        if not (isinstance(refused, RemoteUnavailable) and refused.maybe_done):
            answers.forget(caller, key)  # nothing was done, so it may be tried again
        raise
    kept_answer = {"status": answer.status, "body": answer.body, "headers": dict(answer.headers)}
    answers.keep(caller, key, orjson.dumps(kept_answer).decode())
    return answer

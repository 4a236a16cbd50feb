"""Idempotency keys: a request that is sent again gets the first answer again.

Only answers that were given are kept: a request that was refused leaves nothing behind, so it may
be corrected and sent again under the same key.
"""

from __future__ import annotations

import hashlib
from typing import Final

import orjson

from crossdock_mocks.backoffice.books import Books
from crossdock_mocks.dialects.erp.wire import Action, behaviour
from crossdock_mocks.engine import Behaviour, Call, Problem, RawJson, Reply, TableSpec, encode

TABLE: Final = TableSpec("erp_idempotency", key="key")


def creating(action: Action) -> Behaviour:
    """Carry out an action at most once per Idempotency-Key and caller."""

    def once(books: Books, call: Call) -> Reply:
        sent = call.headers.get("idempotency-key")
        if sent is None:
            return action(books, call)
        key, fingerprint = f"{call.principal}:{sent}", _fingerprint(call)
        kept = call.world.table(TABLE.name).get(key)
        if kept is None:
            reply = action(books, call)
            call.world.table(TABLE.name).insert(
                {
                    "key": key,
                    "fingerprint": fingerprint,
                    "at": call.now,
                    "status": reply.status,
                    "headers": dict(reply.headers),
                    "body": encode(reply.body),
                }
            )
            return reply
        if kept["fingerprint"] != fingerprint:
            raise Problem(
                422,
                "idempotency_key_reused",
                "The idempotency key was used before",
                f"Idempotency-Key {sent!r} was sent with another request; use a new key.",
            )
        headers = {**kept["headers"], "idempotency-replayed": "true"}
        return Reply(kept["status"], RawJson(kept["body"]), headers)

    return behaviour(once)


def _fingerprint(call: Call) -> str:
    """What makes two requests the same: operation, path, and body whatever its spelling."""
    parts = [call.request.method, call.request.path, call.body]
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()

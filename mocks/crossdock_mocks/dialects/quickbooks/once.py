"""`requestid`: a request that is sent again gets the first answer again (Intuit's documentation).

Only answers that were given are kept: a request that was refused leaves nothing behind, so it may
be corrected and sent again under the same id. An id that was used for something else is refused
with code 600 (assumed).
"""

from __future__ import annotations

from crossdock_mocks.dialects.quickbooks.ledger import REQUESTS
from crossdock_mocks.dialects.quickbooks.refusals import refused, trace_id
from crossdock_mocks.engine import Behaviour, Call, RawJson, Reply, encode


def once(behaviour: Behaviour) -> Behaviour:
    """Carry out a behaviour at most once for each requestid."""

    def carry_out(call: Call) -> Reply:
        key = call.query.get("requestid")
        if key is None:
            return behaviour(call)
        requests = call.world.table(REQUESTS.name)
        kept = requests.get(key)
        meant = _meant(call)
        if kept is None:
            reply = behaviour(call)
            body = reply.body if isinstance(reply.body, RawJson) else encode(reply.body)
            requests.insert({"key": key, "for": meant, "at": call.now, "body": body})
            return reply
        if kept["for"] != meant:
            raise refused(
                600, f"Duplicate Request ID : {key} was used for {kept['for']} already", "requestid"
            )
        return Reply(200, RawJson(kept["body"]), {"intuit_tid": trace_id(call.world)})

    return carry_out


def _meant(call: Call) -> str:
    """What a request is for; its body may differ, and the first answer comes all the same."""
    operation = call.query.get("operation", "")
    return f"{call.request.method} {call.request.path} {operation}".rstrip()

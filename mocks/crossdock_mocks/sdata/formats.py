"""In which format an answer is asked for: JSON, or Atom."""

from __future__ import annotations

from urllib.parse import unquote_plus

from crossdock_mocks.engine import Request
from crossdock_mocks.engine.parameters import split_query
from crossdock_mocks.sdata.contract import Contract

_JSON = ("json", "application/json")


def wants_json(contract: Contract, request: Request) -> bool:
    """Whether an answer is to be JSON.

    The parameter `format` goes before the header `Accept` (Sage, SData 2.0, 2.11 Query Parameters);
    where neither says anything, it is what the contract answers by itself.
    """
    given = [unquote_plus(each) for each in split_query(request.query).get("format", ())]
    if given:
        return given[-1].lower() in _JSON
    accepted = request.headers.get("accept", "").lower()
    if "application/json" in accepted:
        return True
    if "xml" in accepted:
        return False
    return contract.json

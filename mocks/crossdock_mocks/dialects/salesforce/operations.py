"""Operation id to behaviour."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.salesforce import login, queries, resources, sobjects
from crossdock_mocks.dialects.salesforce.limits import counted
from crossdock_mocks.engine import Behaviour

_COUNTED: Final[dict[str, Behaviour]] = {
    **resources.BEHAVIOURS,
    **sobjects.BEHAVIOURS,
    **queries.BEHAVIOURS,
}

BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "issueToken": login.issue_token,
    "revokeToken": login.revoke,
    "showUser": login.identity,
    "showIdentity": login.identity,
    "soapLogin": login.soap_login,
    "listVersions": resources.versions,
    **{name: counted(resources.known(each)) for name, each in _COUNTED.items()},
}

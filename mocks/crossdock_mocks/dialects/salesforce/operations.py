"""Operation id to behaviour."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.salesforce import (
    collections,
    login,
    queries,
    replication,
    resources,
    searches,
    sobjects,
    trees,
)
from crossdock_mocks.dialects.salesforce.composite import Batch, Composite
from crossdock_mocks.dialects.salesforce.limits import CountedWithin, counted
from crossdock_mocks.engine import Behaviour

_COUNTED: Final[dict[str, Behaviour]] = {
    **resources.BEHAVIOURS,
    **sobjects.BEHAVIOURS,
    **replication.BEHAVIOURS,
    **queries.BEHAVIOURS,
    **searches.BEHAVIOURS,
    **collections.BEHAVIOURS,
    "createTree": trees.create_tree,
}


def _counted(behaviour: Behaviour) -> Behaviour:
    """A behaviour that counts, in the versions that there are."""
    return counted(resources.known(behaviour))


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "issueToken": login.issue_token,
    "revokeToken": login.revoke,
    "showUser": login.identity,
    "showIdentity": login.identity,
    "soapLogin": login.soap_login,
    "listVersions": resources.versions,
    **{name: _counted(each) for name, each in _COUNTED.items()},
    "composite": CountedWithin(Composite(), _counted),
    "batch": CountedWithin(Batch(), _counted),
}

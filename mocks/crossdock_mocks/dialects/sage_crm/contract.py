"""Sage CRM's contract `sagecrm2`: its entities, and how it speaks.

What is known of the wire comes from the vendor's own client (Sage/sage_crm_rest_api_client on
GitHub: feeds, entries, `$prototypes`, keys in single quotes, columns in any case, and two slashes
before an entity) and from articles of its community (sagecity.com, "Examples of Create Read Update
and Delete actions with the REST API": conditions, keys by condition, notes by table number). That
it needs no `format`, knows no entity tags and compares text without case is assumed.
"""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.sage_crm.entities import ENTITIES
from crossdock_mocks.dialects.sage_crm.rules import RULES
from crossdock_mocks.dialects.sage_crm.services import CONVERT
from crossdock_mocks.engine import World
from crossdock_mocks.sdata import Contract, Resource

KEYS: Final = "sage_{}"
"""Name of the sequence of an entity's keys."""


def _next(world: World, kind: Resource) -> int:
    """The next number of an entity."""
    return int(world.sequence(KEYS.format(kind.name)))


CONTRACT: Final = Contract(
    name="sage-crm",
    title="Sage CRM",
    description="The contract sagecrm2 of Sage CRM, as far as it is known; most of it is assumed. "
    "Columns that begin with cd are custom fields, made for Crossdock by an administrator.",
    application="crmj",
    contract="sagecrm2",
    namespace="http://schemas.sage.com/sagecrm/2009",
    resources=ENTITIES,
    make_key=_next,
    services=(CONVERT,),
    rules=RULES,
    dates="iso",
    json=True,
    etags=False,
    folds_case=True,
    any_case=True,
    any_slashes=True,
    descriptor="$title",
    prototypes=True,
    schemas=False,
    batches=False,
)

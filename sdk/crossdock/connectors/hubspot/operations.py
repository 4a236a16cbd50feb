"""The operations of `specs/hubspot.openapi.yaml` that this connector uses."""

from __future__ import annotations

from typing import Final

from crossdock.connectors.operations import Operation, ids, read_only

DOCUMENT: Final = "hubspot.openapi.yaml"

ISSUE_TOKEN: Final = Operation("issueToken", "POST", "/oauth/v1/token", repeatable=True)

_OBJECTS: Final = "/crm/v3/objects/{objectType}"
GET_OBJECT: Final = read_only("getObject", f"{_OBJECTS}/{{objectId}}")
LIST_OBJECTS: Final = read_only("listObjects", _OBJECTS)
# Whatever this connector creates carries a unique key, so a second try meets the first as a
# conflict and finds it by its key.
CREATE_OBJECT: Final = Operation("createObject", "POST", _OBJECTS, repeatable=True)
# A change names properties and their values: twice is once.
UPDATE_OBJECT: Final = Operation(
    "updateObject", "PATCH", f"{_OBJECTS}/{{objectId}}", repeatable=True
)
SEARCH_OBJECTS: Final = Operation("searchObjects", "POST", f"{_OBJECTS}/search", repeatable=True)
_BATCH: Final = f"{_OBJECTS}/batch"
READ_BATCH: Final = Operation("batchReadObjects", "POST", f"{_BATCH}/read", repeatable=True)
UPDATE_BATCH: Final = Operation("batchUpdateObjects", "POST", f"{_BATCH}/update", repeatable=True)
UPSERT_BATCH: Final = Operation("batchUpsertObjects", "POST", f"{_BATCH}/upsert", repeatable=True)
ARCHIVE_BATCH: Final = Operation(
    "batchArchiveObjects", "POST", f"{_BATCH}/archive", repeatable=True
)

_PAIRS: Final = "/crm/v4/associations/{fromObjectType}/{toObjectType}"
LIST_ASSOCIATIONS: Final = read_only(
    "listAssociations", "/crm/v4/objects/{objectType}/{objectId}/associations/{toObjectType}"
)
READ_ASSOCIATIONS: Final = Operation(
    "batchReadAssociations", "POST", f"{_PAIRS}/batch/read", repeatable=True
)
CREATE_ASSOCIATIONS: Final = Operation(
    "batchCreateAssociations", "POST", f"{_PAIRS}/batch/create", repeatable=True
)
ARCHIVE_ASSOCIATIONS: Final = Operation(
    "batchArchiveAssociations", "POST", f"{_PAIRS}/batch/archive", repeatable=True
)
LIST_LABELS: Final = read_only("listAssociationLabels", f"{_PAIRS}/labels")

LIST_PIPELINES: Final = read_only("listPipelines", "/crm/v3/pipelines/{objectType}")
LIST_OWNERS: Final = read_only("listOwners", "/crm/v3/owners")

LIST_PROPERTIES: Final = read_only("listProperties", "/crm/v3/properties/{objectType}")
LIST_PROPERTY_GROUPS: Final = read_only(
    "listPropertyGroups", "/crm/v3/properties/{objectType}/groups"
)
CREATE_PROPERTY_GROUP: Final = Operation(
    "createPropertyGroup", "POST", "/crm/v3/properties/{objectType}/groups"
)
CREATE_PROPERTIES: Final = Operation(
    "batchCreateProperties", "POST", "/crm/v3/properties/{objectType}/batch/create"
)

USED: Final = ids(tuple(globals().values()))

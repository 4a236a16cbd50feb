"""What a portal keeps, table by table."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.engine import TableSpec
from crossdock_mocks.engine.oauth2 import tokens

TABLES: Final = (
    TableSpec("hubspot_records", key=("type", "id"), indexes=(("type", "archived", "number"),)),
    # One row for each value that no two records of a kind may share.
    TableSpec("hubspot_unique", key=("type", "property", "value"), indexes=(("type", "id"),)),
    TableSpec("hubspot_history", key="n", indexes=(("type", "id", "property"),)),
    TableSpec(
        "hubspot_associations",
        key=("from_type", "from", "to_type", "to", "typeId"),
        indexes=(("from_type", "from", "to_type", "number"),),
    ),
    TableSpec("hubspot_association_types", key="id", indexes=(("from_type", "to_type"),)),
    TableSpec(
        "hubspot_properties", key=("objectType", "name"), indexes=(("objectType", "archived"),)
    ),
    TableSpec("hubspot_groups", key=("objectType", "name"), indexes=("objectType",)),
    TableSpec("hubspot_pipelines", key=("objectType", "id"), indexes=("objectType",)),
    TableSpec("hubspot_schemas", key="objectTypeId"),
    TableSpec("hubspot_owners", indexes=("number",)),
    TableSpec("hubspot_settings"),
    TableSpec("hubspot_subscriptions", indexes=(("app", "active"),)),
    TableSpec("hubspot_events", key="n"),
    *tokens.TABLES,
)

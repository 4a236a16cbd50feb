"""What a new record begins with: defaults, the first stage, what its product says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.dialects.hubspot.errors import invalid
from crossdock_mocks.dialects.hubspot.kinds import INVOICE, LINE_ITEM, PRODUCT, QUOTE, TASK, Kind
from crossdock_mocks.dialects.hubspot.portal import Portal

_DEFAULTS: Final[Mapping[str, Mapping[str, str]]] = {
    QUOTE.type_id: {"hs_status": "DRAFT", "hs_language": "en"},
    INVOICE.type_id: {"hs_invoice_status": "draft"},
    LINE_ITEM.type_id: {"quantity": "1"},
    TASK.type_id: {
        "hs_task_status": "NOT_STARTED", "hs_task_type": "TODO", "hs_task_priority": "NONE"
    },
}  # fmt: skip
_FROM_PRODUCT: Final = (
    "name", "description", "price", "hs_sku", "hs_cost_of_goods_sold", "tax",
    "recurringbillingfrequency", "hs_recurring_billing_period",
)  # fmt: skip


def defaults(portal: Portal, kind: Kind) -> dict[str, str]:
    """Properties that a new record has unless others are given."""
    given = dict(_DEFAULTS.get(kind.type_id, {}))
    if kind is QUOTE:
        account = portal.table("settings").get("account") or {}
        given["hs_currency"] = str(account.get("currency", "EUR"))
    return given


def stage(portal: Portal, kind: Kind, properties: dict[str, str]) -> None:
    """Put a record that is in no stage into the first of its pipeline, in place."""
    if kind.pipeline is None:
        return
    pipeline_name, stage_name = kind.pipeline
    wanted = properties.get(pipeline_name)
    where: dict[str, Any] = {"objectType": kind.type_id, "archived": False}
    pipelines = sorted(
        portal.table("pipelines").find(where), key=lambda each: int(each["displayOrder"])
    )
    if wanted is None and stage_name in properties:
        known = properties[stage_name]
        pipelines = [
            each for each in pipelines if known in [stage["id"] for stage in each["stages"]]
        ]
    for pipeline in pipelines:
        if wanted in (None, pipeline["id"]):
            properties[pipeline_name] = pipeline["id"]
            stages = sorted(pipeline["stages"], key=lambda each: int(each["displayOrder"]))
            if stages:
                properties.setdefault(stage_name, stages[0]["id"])
            return


def take_over_product(
    portal: Portal, properties: dict[str, str], given: Mapping[str, str | None]
) -> None:
    """Let a line item of a product begin with what the product says, in place.

    Args:
        portal: The portal.
        properties: Properties of the new line.
        given: Those of them that were given, which stay as they are.

    Raises:
        Refusal: 400, there is no such product.
    """
    key = properties.get("hs_product_id")
    if key is None:
        return
    product = portal.table("records").get((PRODUCT.type_id, key))
    if product is None or product["archived"]:
        raise invalid(f"There is no product {key}.", "INVALID_PRODUCT", hs_product_id=key)
    for name in _FROM_PRODUCT:
        if name not in given and name in product["properties"]:
            properties[name] = product["properties"][name]

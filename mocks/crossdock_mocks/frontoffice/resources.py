"""The kinds of record that a CRM keeps: fields with their defaults, references, what is searched.

A field's default is what it holds when a new record does not name it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs


@attrs.frozen(kw_only=True)
class Resource:
    """One kind of record.

    Attributes:
        entity: Its name in the change feed and in messages.
        table: The table that holds it.
        prefix: What its ids begin with.
        fields: Field to default; a record has these fields and those that the CRM derives.
        references: Field to the entity that it names.
        search: Fields in which words are looked for.
        versions: Whether each version is kept.
        start: Number of the first id given.
    """

    entity: str
    table: str
    prefix: str
    fields: Mapping[str, Any] = attrs.field(factory=dict)
    references: Mapping[str, str] = attrs.field(factory=dict)
    search: tuple[str, ...] = ()
    versions: bool = False
    start: int = 1001


def _none(*fields: str) -> dict[str, Any]:
    return dict.fromkeys(fields)


ACCOUNT: Final = Resource(
    entity="account",
    table="crm_accounts",
    prefix="A-",
    fields={
        **_none("name"),
        "kind": "prospect",
        **_none("industry", "owner_id", "parent_id", "email", "phone", "website", "tax_number"),
        **_none("address", "currency", "legal_name", "shipping_address"),
        "active": True,
        "external_ids": {},
    },
    references={"owner_id": "user", "parent_id": "account"},
    search=("name", "id", "address.city", "email", "tax_number"),
)
CONTACT: Final = Resource(
    entity="contact",
    table="crm_contacts",
    prefix="P-",
    fields={
        **_none("account_id", "first_name", "last_name", "job_title", "email", "phone", "mobile"),
        "active": True,
        "external_ids": {},
    },
    references={"account_id": "account"},
    search=("first_name", "last_name", "email", "phone", "job_title"),
)
PRODUCT: Final = Resource(
    entity="product",
    table="crm_products",
    prefix="",
    fields={
        **_none("name", "description", "family", "unit"),
        "kind": "goods",
        **_none("list_price", "currency"),
        "active": True,
    },
    search=("name", "id"),
)
PRICE_LIST: Final = Resource(
    entity="price_list",
    table="crm_price_lists",
    prefix="PB-",
    fields={**_none("name", "currency", "valid_from", "valid_to"), "active": True},
    search=("name", "id"),
)
PRICE: Final = Resource(
    entity="price",
    table="crm_prices",
    prefix="PP-",
    fields={
        **_none("price_list_id", "product_id"),
        "min_quantity": "1",
        "price": None,
        "discount_percent": "0",
        **_none("currency", "valid_from", "valid_to"),
        "active": True,
    },
    references={"product_id": "product"},
)
LEAD: Final = Resource(
    entity="lead",
    table="crm_leads",
    prefix="L-",
    fields={
        **_none("company", "contact_name", "email", "phone", "source"),
        "status": "new",
        **_none("owner_id", "campaign_id", "converted_at", "converted_account_id"),
        **_none("converted_contact_id", "converted_opportunity_id"),
    },
    references={"owner_id": "user", "campaign_id": "campaign"},
    search=("company", "contact_name", "email", "source"),
)
CAMPAIGN: Final = Resource(
    entity="campaign",
    table="crm_campaigns",
    prefix="CA-",
    fields={
        **_none("name", "kind", "starts_on", "ends_on", "cost", "currency"),
        "member_count": 0,
        "response_count": 0,
    },
    search=("name", "kind"),
)
MEMBER: Final = Resource(
    entity="campaign_member",
    table="crm_campaign_members",
    prefix="CM-",
    fields=_none("campaign_id", "contact_id", "lead_id", "responded_at"),
    references={"contact_id": "contact", "lead_id": "lead"},
)
STAGE: Final = Resource(
    entity="stage",
    table="crm_stages",
    prefix="",
    fields=_none("name", "position", "kind", "probability", "forecast_category"),
)
OPPORTUNITY: Final = Resource(
    entity="opportunity",
    table="crm_opportunities",
    prefix="O-",
    fields={
        **_none("account_id", "name", "owner_id", "contact_id", "campaign_id", "stage_id"),
        "amount": "0",
        "currency": None,
        "revenue_kind": "sales",
        **_none("probability_override", "forecast_category_override"),
        **_none("close_on", "contract_starts_on", "lost_reason"),
        "external_ids": {},
    },
    references={
        "account_id": "account",
        "owner_id": "user",
        "contact_id": "contact",
        "campaign_id": "campaign",
        "stage_id": "stage",
    },
    search=("name", "id"),
    versions=True,
)
STAGE_HISTORY: Final = Resource(
    entity="stage_history_entry", table="crm_stage_history", prefix="SH-", start=1
)
PLAY_ANSWER: Final = Resource(
    entity="play_answer",
    table="crm_play_answers",
    prefix="PA-",
    references={"stage_id": "stage"},
    start=1,
)
_PRICED: Final = {"net_total": None, "tax_total": None, "gross_total": None}
QUOTE: Final = Resource(
    entity="quote",
    table="crm_quotes",
    prefix="Q-",
    fields={
        **_none("account_id", "opportunity_id", "contact_id", "owner_id"),
        "status": "draft",
        **_none("currency", "valid_until", "requested_on", "trading_account"),
        **_none("customer_reference", "ship_to", "notes"),
        "lines": [],
        **_PRICED,
        "pricing_status": "unpriced",
        **_none("priced_at", "price_source"),
        "checks": [],
        "external_ids": {},
        "order_id": None,
    },
    references={
        "account_id": "account",
        "opportunity_id": "opportunity",
        "contact_id": "contact",
        "owner_id": "user",
    },
    # Lines are searched as their text, which holds item codes and descriptions.
    search=("id", "customer_reference", "lines"),
    versions=True,
)
NO_SALE: Final = frozenset({"draft", "rejected", "cancelled"})
"""The statuses of orders that count nowhere."""

ORDER: Final = Resource(
    entity="order",
    table="crm_orders",
    prefix="R-",
    fields={
        **_none("reference", "account_id", "opportunity_id", "quote_id", "contact_id", "owner_id"),
        "status": "submitted",
        **_none("status_reason", "erp_system", "erp_order_id", "currency", "placed_at"),
        **_none("requested_on", "promised_on", "trading_account", "customer_reference"),
        **_none("ship_to", "notes"),
        "lines": [],
        **_PRICED,
        "pricing_status": "unpriced",
        **_none("priced_at", "price_source"),
        "checks": [],
        "external_ids": {},
    },
    references={
        "account_id": "account",
        "opportunity_id": "opportunity",
        "contact_id": "contact",
        "owner_id": "user",
    },
    search=("id", "reference", "customer_reference", "erp_order_id", "lines"),
    versions=True,
)
TIMELINE: Final = Resource(entity="timeline_entry", table="crm_timeline", prefix="E-", start=1)
ACTIVITY: Final = Resource(
    entity="activity",
    table="crm_activities",
    prefix="T-",
    fields=_none(
        "account_id",
        "contact_id",
        "opportunity_id",
        "order_id",
        "quote_id",
        "kind",
        "subject",
        "body",
        "owner_id",
        "due_at",
        "key",
        "completed_at",
        "completed_by",
    ),
    references={
        "account_id": "account",
        "contact_id": "contact",
        "opportunity_id": "opportunity",
        "order_id": "order",
        "quote_id": "quote",
        "owner_id": "user",
    },
    search=("subject", "body"),
)
CASE: Final = Resource(
    entity="case",
    table="crm_cases",
    prefix="CS-",
    fields={
        **_none("account_id", "contact_id", "subject", "description"),
        "status": "new",
        "priority": "normal",
        **_none("owner_id", "closed_at"),
    },
    references={"account_id": "account", "contact_id": "contact", "owner_id": "user"},
    search=("subject", "description", "id"),
)
USER: Final = Resource(
    entity="user",
    table="crm_users",
    prefix="U-",
    fields={**_none("login", "name", "email", "role", "team", "manager_id"), "active": True},
    references={"manager_id": "user"},
    search=("name", "login", "email", "team"),
)
LOGIN: Final = Resource(entity="login", table="crm_logins", prefix="LG-", start=1)
FORECAST: Final = Resource(
    entity="forecast", table="crm_forecasts", prefix="F-", references={"owner_id": "user"}
)

RESOURCES: Final[Mapping[str, Resource]] = {
    each.entity: each
    for each in (
        USER,
        LOGIN,
        ACCOUNT,
        CONTACT,
        PRODUCT,
        PRICE_LIST,
        PRICE,
        CAMPAIGN,
        LEAD,
        MEMBER,
        STAGE,
        OPPORTUNITY,
        STAGE_HISTORY,
        PLAY_ANSWER,
        QUOTE,
        ORDER,
        TIMELINE,
        ACTIVITY,
        CASE,
        FORECAST,
    )
}

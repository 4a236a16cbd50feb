"""What a CRM's world holds: one table per kind of record, indexed by what people ask for."""

from __future__ import annotations

from typing import Any, Final

from crossdock_mocks.engine import TableSpec

# `Any`, because mypy takes the converter behind `numeric` for a generic one that nothing fits.
_AMOUNT: Final[Any] = {"amount"}
_GROSS: Final[Any] = {"gross_total"}

# A CRM and an ERP may share one world, and both have orders: hence the prefix.
TABLES: Final = (
    TableSpec("crm_company"),
    TableSpec("crm_users", indexes=("name",), unique=("login",)),
    TableSpec("crm_logins", indexes=("user_id", "at")),
    # What is searched stands in columns of its own, so that a search need not open each record.
    TableSpec(
        "crm_accounts",
        indexes=(
            "name",
            "address.city",
            "email",
            "tax_number",
            "owner_id",
            "parent_id",
            "created_at",
            "updated_at",
        ),
    ),
    TableSpec("crm_contacts", indexes=("account_id", "last_name", "email")),
    TableSpec("crm_products", indexes=("name", "updated_at")),
    TableSpec("crm_price_lists", indexes=("name", "updated_at")),
    TableSpec(
        "crm_prices",
        indexes=("price_list_id", "product_id"),
        unique=(("price_list_id", "product_id", "min_quantity"),),
    ),
    TableSpec("crm_leads", indexes=("created_at", "converted_account_id", "converted_contact_id")),
    TableSpec("crm_campaigns", indexes=("name",)),
    TableSpec(
        "crm_campaign_members",
        indexes=("contact_id", "lead_id"),
        unique=(("campaign_id", "contact_id"), ("campaign_id", "lead_id")),
    ),
    TableSpec("crm_stages", indexes=("position",)),
    TableSpec(
        "crm_opportunities",
        indexes=("account_id", "owner_id", "stage_id", "campaign_id", "close_on"),
        numeric=_AMOUNT,
    ),
    TableSpec("crm_stage_history", indexes=("opportunity_id", "stage_id", "entered_at")),
    TableSpec("crm_play_answers", indexes=("opportunity_id", "stage_id", "answered_at")),
    TableSpec(
        "crm_quotes",
        indexes=("account_id", "opportunity_id", "contact_id", "created_at"),
        numeric=_GROSS,
    ),
    # The unique fields are the last line of defence of "one order": no behaviour can pass them.
    TableSpec(
        "crm_orders",
        indexes=("account_id", "opportunity_id", "contact_id", "placed_at", "updated_at"),
        unique=("reference", "quote_id", ("erp_system", "erp_order_id")),
        numeric=_GROSS,
    ),
    TableSpec("crm_timeline", indexes=("order_id", "at"), unique=(("order_id", "key"),)),
    TableSpec(
        "crm_activities",
        indexes=(
            "account_id",
            "contact_id",
            "opportunity_id",
            "quote_id",
            "order_id",
            "owner_id",
            "created_at",
        ),
        unique=("key",),
    ),
    TableSpec("crm_cases", indexes=("account_id", "contact_id", "owner_id", "created_at")),
    TableSpec("crm_forecasts", indexes=("period", "owner_id", "frozen_at")),
    TableSpec("crm_versions", key=("entity", "record_id", "version"), indexes=("record_id",)),
    # A key of several fields (here one) is compared as it is, not as text: 9 comes before 10.
    TableSpec("crm_changes", key=("sequence",), indexes=("sequence",)),
)

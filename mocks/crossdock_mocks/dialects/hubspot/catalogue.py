"""The properties that HubSpot itself defines, as far as the mock knows them, and their groups.

One line each: name, form, label. The form says type and field at once; marks behind it:
`ro` its value cannot be set, `calc` it is computed, `unique` no two records share it.
Options stand behind the label.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from crossdock_mocks.dialects.hubspot.kinds import STANDARD, Kind

_FORMS: Final = {
    "text": ("string", "text"),
    "area": ("string", "textarea"),
    "phone": ("string", "phonenumber"),
    "number": ("number", "number"),
    "date": ("date", "date"),
    "datetime": ("datetime", "date"),
    "select": ("enumeration", "select"),
    "checks": ("enumeration", "checkbox"),
    "bool": ("bool", "booleancheckbox"),
    "owner": ("enumeration", "select"),
    "pipeline": ("enumeration", "select"),
}
EXTERNAL: Final = {
    "hubspot_owner_id": "OWNER",
    "pipeline": "PIPELINE",
    "hs_pipeline": "PIPELINE",
    "dealstage": "STAGE",
    "hs_pipeline_stage": "STAGE",
}
"""Properties whose options stand elsewhere in the portal."""

_EVERY: Final = """
hs_object_id number:ro Record ID
hs_object_source text:ro Record source
hubspot_owner_id owner Owner
hubspot_owner_assigneddate datetime:ro Owner assigned date
"""
_LIFECYCLE: Final = (
    "subscriber|lead|marketingqualifiedlead|salesqualifiedlead|opportunity|customer|evangelist|"
    "other"
)

_FORECAST: Final = "OMIT|PIPELINE|BEST_CASE|MOST_LIKELY|COMMIT|CLOSED"
_CALL: Final = "QUEUED|RINGING|IN_PROGRESS|COMPLETED|CANCELED|BUSY|NO_ANSWER|FAILED"
_ORDER: Final = (
    "draft|submitted|awaiting_approval|accepted|on_hold|rejected|possibly_created|confirmed|"
    "partly_shipped|shipped|partly_invoiced|invoiced|paid|cancelled|returned"
)

_TEXTS: Final = {
    "0-1": f"""
email text Email
firstname text First Name
lastname text Last Name
phone phone Phone Number
mobilephone phone Mobile Phone Number
company text Company Name
jobtitle text Job Title
website text Website URL
address text Street Address
city text City
state text State/Region
zip text Postal Code
country text Country/Region
lifecyclestage select Lifecycle Stage | {_LIFECYCLE}
hs_lead_status select Lead Status | NEW|OPEN|IN_PROGRESS|OPEN_DEAL|UNQUALIFIED|CONNECTED|BAD_TIMING
associatedcompanyid number:ro Primary Associated Company ID
hs_email_domain text:ro Email Domain
""",
    "0-2": f"""
name text Company name
domain text Company Domain Name
website text Website URL
phone phone Phone Number
address text Street Address
address2 text Street Address 2
city text City
state text State/Region
zip text Postal Code
country text Country/Region
industry text Industry
description area Description
annualrevenue number Annual Revenue
numberofemployees number Number of Employees
lifecyclestage select Lifecycle Stage | {_LIFECYCLE}
type select Type | PROSPECT|PARTNER|RESELLER|VENDOR|OTHER
founded_year text Year Founded
hs_parent_company_id number:ro Parent Company
hs_num_child_companies number:ro Number of child companies
""",
    "0-3": f"""
dealname text Deal Name
amount number Amount
deal_currency_code text Currency
dealstage pipeline Deal Stage
pipeline pipeline Pipeline
closedate datetime Close Date
dealtype select Deal Type | newbusiness|existingbusiness
description area Deal Description
hs_priority select Priority | low|medium|high
hs_is_closed bool:calc Is Deal Closed?
hs_is_closed_won bool:calc Is closed won
hs_deal_stage_probability number:calc Deal probability
hs_projected_amount number:calc Weighted amount
hs_primary_associated_company number:ro Primary associated company
closed_lost_reason area Closed Lost Reason
closed_won_reason area Closed Won Reason
hs_forecast_amount number Forecast amount
hs_forecast_probability number Forecast probability
hs_manual_forecast_category select Forecast category | {_FORECAST}
""",
    "0-5": """
subject text Ticket name
content area Ticket description
hs_pipeline pipeline Pipeline
hs_pipeline_stage pipeline Ticket status
hs_ticket_priority select Priority | LOW|MEDIUM|HIGH|URGENT
hs_ticket_category checks Category | PRODUCT_ISSUE|BILLING_ISSUE|FEATURE_REQUEST|GENERAL_INQUIRY
hs_resolution area Resolution
hs_ticket_id number:calc Ticket ID
source_type select Source | CHAT|EMAIL|FORM|PHONE
closed_date datetime Close date
hs_primary_company number:ro Primary Company
""",
    "0-7": """
name text Name
description area Product description
price number Unit price
hs_sku text SKU
hs_cost_of_goods_sold number Unit cost
hs_recurring_billing_period text Term
recurringbillingfrequency select Billing frequency | weekly|monthly|quarterly|annually
hs_product_type select Product Type | inventory|non_inventory|service
hs_status select Status | active|inactive
hs_url text URL
tax number Tax
""",
    "0-8": """
name text Name
description area Description
quantity number Quantity
price number Unit price
discount number Unit Discount
hs_discount_percentage number Discount Percentage
amount number:calc Net price
hs_pre_discount_amount number:calc Pre Discount Amount
hs_total_discount number:calc Total discount
hs_product_id number Product ID
hs_sku text SKU
hs_cost_of_goods_sold number Unit cost
hs_line_item_currency_code text Currency
hs_position_on_quote number Position
hs_tax_rate_group_id text Tax rate
tax number Tax
recurringbillingfrequency select Billing frequency | weekly|monthly|quarterly|annually
hs_recurring_billing_period text Term
""",
    "0-14": """
hs_title text Quote name
hs_expiration_date date Expiration Date
hs_status select Approval Status | DRAFT|APPROVAL_NOT_NEEDED|PENDING_APPROVAL|APPROVED|REJECTED
hs_currency text Currency
hs_language text Language
hs_locale text Locale
hs_comments area Comments to buyer
hs_terms area Purchase terms
hs_quote_amount number:calc Quote amount
hs_quote_number text Quote reference number
hs_locked bool:calc Quote locked
hs_public_url_key text:ro Public URL key
hs_quote_link text:ro Quote link
hs_sender_firstname text Quote owner first name
hs_sender_lastname text Quote owner last name
hs_sender_email text Quote owner email
hs_sender_company_name text Your company name
hs_esign_enabled bool Esign enabled
hs_sign_status select:ro Signature status | ESIGN_COMPLETED|MANUAL_SIGNED|PENDING_SIGNATURE
hs_payment_enabled bool Payment enabled
hs_payment_status select:ro Payment status | PENDING|PAID
hs_template_type select Template Type | CPQ_QUOTE|CUSTOMIZABLE_QUOTE_TEMPLATE
""",
    "0-64": """
hs_name text Template name
hs_active bool Active
""",
    "0-123": """
hs_order_name text Order Name
hs_external_order_id text External Order ID
hs_external_order_status text External Order Status
hs_external_order_url text External Order URL
hs_external_created_date datetime Order Date
hs_order_note area Order Note
hs_fulfillment_status text Fulfillment Status
hs_payment_status text Payment Status
hs_cancelled_date datetime Cancelled Date
hs_cancellation_reason text Cancellation Reason
hs_currency_code text Currency Code
hs_subtotal_price number Subtotal Price
hs_tax number Tax
hs_shipping_cost number Shipping Cost
hs_order_discount number Order Discount
hs_total_price number Total Price
hs_refund_amount number Refund Amount
hs_shipping_tracking_number text Shipping Tracking Number
hs_shipping_status_url text Shipping Status URL
hs_shipping_address_name text Shipping Name
hs_shipping_address_street text Shipping Street
hs_shipping_address_city text Shipping City
hs_shipping_address_state text Shipping State
hs_shipping_address_postal_code text Shipping Postal Code
hs_shipping_address_country text Shipping Country
hs_billing_address_name text Billing Name
hs_billing_address_street text Billing Street
hs_billing_address_city text Billing City
hs_billing_address_state text Billing State
hs_billing_address_postal_code text Billing Postal Code
hs_billing_address_country text Billing Country
hs_source_store text Source Store
hs_pipeline pipeline Pipeline
hs_pipeline_stage pipeline Pipeline stage
""",
    "0-53": """
hs_title text Title
hs_number text Number
hs_currency text Currency
hs_invoice_date datetime Invoice date
hs_due_date datetime Due date
hs_invoice_status select Invoice status | draft|open|paid|voided
hs_amount_billed number:calc Amount billed
hs_amount_paid number Amount paid
hs_balance_due number:calc Balance due
hs_external_invoice_id text External invoice ID
hs_external_status text External status
hs_purchase_order_number text PO number
hs_comments area Comments
hs_tax number Tax
""",
    "0-101": """
hs_initial_amount number Gross amount
hs_initiated_date datetime Payment date
hs_currency_code text Currency
hs_latest_status select Status | initiated|processing|succeeded|failed|refunded
hs_payment_method_type text Payment method
hs_reference_number text Reference number
hs_customer_email text Customer email
hs_fees_amount number Fees
hs_net_amount number:calc Net amount
hs_refunds_amount number Refunds
""",
    "0-27": """
hs_timestamp datetime Due date
hs_task_subject text Task Title
hs_task_body area Task Notes
hs_task_status select Task Status | NOT_STARTED|IN_PROGRESS|WAITING|DEFERRED|COMPLETED
hs_task_priority select Priority | NONE|LOW|MEDIUM|HIGH
hs_task_type select Task Type | TODO|EMAIL|CALL
hs_task_completion_date datetime:ro Completed at
hs_task_is_completed number:calc Is completed
""",
    "0-46": """
hs_timestamp datetime Activity date
hs_note_body area Note body
hs_attachment_ids text Attached file IDs
""",
    "0-47": """
hs_timestamp datetime Activity date
hs_meeting_title text Meeting name
hs_meeting_body area Meeting description
hs_internal_meeting_notes area Internal notes
hs_meeting_start_time datetime Meeting start time
hs_meeting_end_time datetime Meeting end time
hs_meeting_location text Meeting location
hs_meeting_outcome select Meeting outcome | SCHEDULED|COMPLETED|RESCHEDULED|NO_SHOW|CANCELED
""",
    "0-48": f"""
hs_timestamp datetime Activity date
hs_call_title text Call Title
hs_call_body area Call notes
hs_call_duration number Call duration
hs_call_direction select Call direction | INBOUND|OUTBOUND
hs_call_status select State of the call | {_CALL}
hs_call_disposition text Call outcome
hs_call_from_number phone From number
hs_call_to_number phone To Number
""",  # noqa: S608 - it is no SQL
    "0-49": """
hs_timestamp datetime Activity date
hs_email_subject text Email subject
hs_email_text area Email body
hs_email_html area Email HTML
hs_email_direction select Email Direction | EMAIL|INCOMING_EMAIL|FORWARDED_EMAIL
hs_email_status select Email send status | BOUNCED|FAILED|SCHEDULED|SENDING|SENT
hs_email_headers area Email headers
""",
}

CUSTOM: Final = {
    "0-2": """
erp_customer_number text Customer number in the ERP
crossdock_kind select Kind of company | prospect|customer|partner|former
crossdock_email text E-mail
crossdock_tax_number text Tax number
crossdock_currency text Currency
""",
    "0-3": """
crossdock_contract_starts_on date Contract starts on
""",
    "0-14": """
crossdock_status select Answer of the customer | draft|sent|accepted|declined
crossdock_order text Order that was made of it
""",
    "0-8": """
crossdock_line number Line
crossdock_quote_line number Line of the quote
crossdock_shipped number Shipped
crossdock_invoiced number Invoiced
crossdock_cancelled number Cancelled
crossdock_promised_on date Promised on
""",
    "0-123": f"""
crossdock_erp_order text:unique Order in the ERP
crossdock_status select Status | {_ORDER}
crossdock_reference text Reference
crossdock_quote text Quote
crossdock_requested_on date Requested on
crossdock_promised_on date Promised on
""",
}
"""Properties that the company of the mock added to its portal: how it keeps what only it knows."""


def groups(kind: Kind) -> Iterator[dict[str, Any]]:
    """The property groups that a kind of record begins with."""
    yield _group(kind, group_of(kind), f"{kind.name.replace('_', ' ').capitalize()} information", 0)
    if kind.type_id in CUSTOM:
        yield _group(kind, "crossdock", "Crossdock", 1)


def group_of(kind: Kind) -> str:
    """The group that HubSpot's own properties of a kind stand in."""
    return f"{kind.name.replace('_', '').lower()}information"


def definitions(kind: Kind, at: str) -> Iterator[dict[str, Any]]:
    """The definitions that a kind of record begins with.

    Args:
        kind: The kind of record; for one that the portal defined, only what every record has.
        at: When they were made.
    """
    every = f"{kind.created} datetime:ro Create Date\n{kind.modified} datetime:ro Last Modified\n"
    for text, group in (
        (every + _EVERY + _TEXTS.get(kind.type_id, ""), group_of(kind)),
        (CUSTOM.get(kind.type_id, ""), "crossdock"),
    ):
        for line in text.splitlines():
            if line.strip():
                yield _definition(kind, line, group, at)


def _definition(kind: Kind, line: str, group: str, at: str) -> dict[str, Any]:
    head, _, listed = line.partition(" | ")
    name, form, label = head.split(" ", 2)
    form, _, mark = form.partition(":")
    kind_of_value, field = _FORMS[form]
    return definition(
        kind, name, label, kind_of_value, field, group, at,
        options=[option(each, at_place) for at_place, each in enumerate(listed.split("|")) if each],
        read_only=mark in ("ro", "calc"), calculated=mark == "calc",
        hubspot=group != "crossdock", unique=name in kind.unique or mark == "unique",
    )  # fmt: skip


def option(value: str, place: int) -> dict[str, Any]:
    """One option of an enumeration, labelled after its value."""
    label = value.replace("_", " ").capitalize()
    return {"label": label, "value": value, "displayOrder": place, "hidden": False}


def definition(
    kind: Kind,
    name: str,
    label: str,
    type_: str,
    field_type: str,
    group: str,
    at: str,
    *,
    description: str = "",
    options: list[dict[str, Any]] | None = None,
    read_only: bool = False,
    calculated: bool = False,
    hubspot: bool = False,
    unique: bool = False,
    hidden: bool = False,
    form_field: bool = False,
    display_order: int = -1,
) -> dict[str, Any]:
    """The definition of one property, as it is stored and, but for `objectType`, answered."""
    return {
        "objectType": kind.type_id,
        "name": name,
        "label": label,
        "type": type_,
        "fieldType": field_type,
        "description": description,
        "groupName": group,
        "options": options or [],
        "displayOrder": display_order,
        "hasUniqueValue": unique,
        "hidden": hidden,
        "formField": form_field,
        "calculated": calculated,
        "externalOptions": name in EXTERNAL,
        "hubspotDefined": hubspot,
        "archived": False,
        "createdAt": at,
        "updatedAt": at,
        "modificationMetadata": {
            "archivable": not hubspot,
            "readOnlyDefinition": hubspot,
            "readOnlyValue": read_only,
            "readOnlyOptions": hubspot,
        },
    }


def _group(kind: Kind, name: str, label: str, place: int) -> dict[str, Any]:
    return {
        "objectType": kind.type_id, "name": name, "label": label, "displayOrder": place,
        "archived": False,
    }  # fmt: skip


def everything(at: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All definitions and all groups of the standard kinds."""
    return (
        [each for kind in STANDARD for each in definitions(kind, at)],
        [each for kind in STANDARD for each in groups(kind)],
    )

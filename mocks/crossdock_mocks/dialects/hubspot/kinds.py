"""The kinds of record that a HubSpot portal holds, and the names that each goes by.

Object type ids, default properties and association ids are those of the vendor's documentation
where it gives them; the specification says which are assumed.
"""

from __future__ import annotations

from typing import Final

import attrs

from crossdock_mocks.engine import World


@attrs.frozen
class Kind:
    """One kind of record.

    Attributes:
        type_id: The vendor's object type id, such as `0-2`.
        name: Its name in the singular, as in `company_to_deal`.
        plural: Its name in paths, such as `companies`.
        scope: Last part but one of its scopes, `crm.objects.<scope>.read`.
        shown: Properties that an answer holds when none are asked for.
        required: Properties that a new record must have.
        searchable: Properties that a search text is looked for in.
        unique: Properties that no two records share.
        modified: Property that tells when it was last changed.
        created: Property that tells when it was made.
        pipeline: Properties of pipeline and stage, where it has any.
    """

    type_id: str
    name: str
    plural: str
    scope: str
    shown: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    searchable: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    modified: str = "hs_lastmodifieddate"
    created: str = "createdate"
    pipeline: tuple[str, str] | None = None

    @property
    def custom(self) -> bool:
        """Whether the portal itself defined it."""
        return self.type_id.startswith("2-")

    @property
    def base(self) -> int:
        """Numbers of its records begin above this one, so no two kinds share any."""
        family, _, number = self.type_id.partition("-")
        return (int(number) % 1_000 + 1_000 * (family == "2")) * 10_000_000

    @property
    def defaults(self) -> tuple[str, ...]:
        """All properties that an answer holds when none are asked for."""
        return tuple(dict.fromkeys([*self.shown, self.created, self.modified, "hs_object_id"]))


def _kind(type_id: str, name: str, plural: str, **more: object) -> Kind:
    more.setdefault("scope", plural)
    return Kind(type_id, name, plural, **more)  # type: ignore[arg-type]


_ENGAGEMENT: Final = {"scope": "contacts", "created": "hs_createdate"}

CONTACT: Final = _kind(
    "0-1", "contact", "contacts",
    shown=("email", "firstname", "lastname"), unique=("email",), modified="lastmodifieddate",
    searchable=("email", "firstname", "lastname", "phone", "company"),
)  # fmt: skip
COMPANY: Final = _kind(
    "0-2", "company", "companies",
    shown=("name", "domain"), searchable=("name", "domain", "website", "phone"),
)  # fmt: skip
DEAL: Final = _kind(
    "0-3", "deal", "deals",
    shown=("dealname", "amount", "closedate", "pipeline", "dealstage"), required=("dealname",),
    searchable=("dealname", "pipeline", "dealstage", "description", "dealtype"),
    pipeline=("pipeline", "dealstage"),
)  # fmt: skip
TICKET: Final = _kind(
    "0-5", "ticket", "tickets", required=("subject", "hs_pipeline_stage"),
    shown=(
        "subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category",
        "hs_ticket_priority",
    ),
    searchable=("subject", "content", "hs_pipeline_stage", "hs_ticket_category"),
    pipeline=("hs_pipeline", "hs_pipeline_stage"),
)  # fmt: skip
PRODUCT: Final = _kind(
    "0-7", "product", "products", required=("name",),
    shown=("name", "description", "price"), searchable=("name", "hs_sku", "description", "price"),
)  # fmt: skip
LINE_ITEM: Final = _kind(
    "0-8", "line_item", "line_items",
    shown=("quantity", "amount", "price"), searchable=("name", "hs_sku", "description"),
)  # fmt: skip
QUOTE: Final = _kind(
    "0-14", "quote", "quotes", created="hs_createdate", required=("hs_title", "hs_expiration_date"),
    shown=("hs_expiration_date", "hs_public_url_key", "hs_status", "hs_title"),
    searchable=("hs_title", "hs_quote_number", "hs_sender_email"),
)  # fmt: skip
QUOTE_TEMPLATE: Final = _kind(
    "0-64", "quote_template", "quote_templates", scope="quotes", created="hs_createdate",
    shown=("hs_name", "hs_active"), searchable=("hs_name",), required=("hs_name",),
)  # fmt: skip
ORDER: Final = _kind(
    "0-123", "order", "orders", created="hs_createdate",
    searchable=("hs_order_name", "hs_external_order_id"),
    pipeline=("hs_pipeline", "hs_pipeline_stage"),
)  # fmt: skip
INVOICE: Final = _kind(
    "0-53", "invoice", "invoices", created="hs_createdate", required=("hs_currency",),
    searchable=("hs_number", "hs_title", "hs_external_invoice_id"),
)  # fmt: skip
PAYMENT: Final = _kind(
    "0-101", "commerce_payment", "commerce_payments", scope="commercepayments",
    created="hs_createdate", required=("hs_initial_amount", "hs_initiated_date"),
    searchable=("hs_reference_number", "hs_customer_email"),
)  # fmt: skip
TASK: Final = _kind(
    "0-27", "task", "tasks", required=("hs_timestamp",),
    searchable=("hs_task_subject", "hs_task_body"), **_ENGAGEMENT,
)  # fmt: skip
NOTE: Final = _kind(
    "0-46", "note", "notes", required=("hs_timestamp",), searchable=("hs_note_body",), **_ENGAGEMENT
)
MEETING: Final = _kind(
    "0-47", "meeting", "meetings", required=("hs_timestamp",),
    searchable=("hs_meeting_title", "hs_meeting_body"), **_ENGAGEMENT,
)  # fmt: skip
CALL: Final = _kind(
    "0-48", "call", "calls", required=("hs_timestamp",),
    searchable=("hs_call_title", "hs_call_body"), **_ENGAGEMENT,
)  # fmt: skip
EMAIL: Final = _kind(
    "0-49", "email", "emails", required=("hs_timestamp", "hs_email_direction"),
    searchable=("hs_email_subject", "hs_email_text"), **_ENGAGEMENT,
)  # fmt: skip

STANDARD: Final = (
    CONTACT, COMPANY, DEAL, TICKET, PRODUCT, LINE_ITEM, QUOTE, QUOTE_TEMPLATE, ORDER, INVOICE,
    PAYMENT, TASK, NOTE, MEETING, CALL, EMAIL,
)  # fmt: skip
ENGAGEMENTS: Final = (TASK, NOTE, MEETING, CALL, EMAIL)

_BY_NAME: Final = {
    word: each for each in STANDARD for word in (each.type_id, each.name, each.plural)
}


def find_kind(world: World, text: str) -> Kind | None:
    """The kind of record that a path or body names: by id, singular or plural, in any case."""
    known = _BY_NAME.get(text.lower())
    if known is not None:
        return known
    schemas = world.table("hubspot_schemas")
    if not len(schemas):
        return None
    for row in schemas.find({"archived": False}):
        if text.lower() in (row["objectTypeId"], row["fullyQualifiedName"], row["name"].lower()):
            return kind_of_schema(row)
    return None


def kind_of_schema(row: dict[str, object]) -> Kind:
    """The kind of record that a portal defined."""
    primary = row["primaryDisplayProperty"]
    return Kind(
        str(row["objectTypeId"]), str(row["name"]), str(row["fullyQualifiedName"]), "custom",
        shown=(str(primary),) if primary else (),
        required=tuple(row["requiredProperties"]),  # type: ignore[arg-type]
        searchable=tuple(row["searchableProperties"]),  # type: ignore[arg-type]
        created="hs_createdate",
    )  # fmt: skip

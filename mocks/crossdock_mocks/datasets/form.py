"""The form of a data set folder: every record kind, its columns, what they hold and refer to.

One CSV file (UTF-8, header row, comma) per record kind, named after it. A column that is not
required may be left out of a file. Amounts are in the document's currency, prices per unit
without tax, ``rate`` and ``probability`` are fractions (0.20 = 20 %), ``*_percent`` are per cent.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attrs import frozen

from crossdock_mocks.datasets.columns import Column, LineReference

__all__ = ["FORM", "RecordKind"]


@frozen(kw_only=True)
class RecordKind:
    """One file of the folder.

    Attributes:
        name: the file's name without ``.csv``.
        side: erp or crm: which system owns it.
        columns: in the order in which they are written.
        key: the columns that are unique together; empty if rows have no key.
        required: the file must be there.
        head: for lines: the record kind that they belong to; its id is the first key column.
        lines_required: for heads: each must have at least one line.
        exactly_one_of: columns of which each row fills exactly one (a boolean counts if true).
        at_least_one_of: columns of which each row fills one or more.
        note: what one row is.
    """

    name: str
    side: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("id",)
    required: bool = False
    head: str | None = None
    lines_required: bool = False
    exactly_one_of: tuple[str, ...] = ()
    at_least_one_of: tuple[str, ...] = ()
    note: str

    @property
    def file(self) -> str:
        """The file's name in the folder."""
        return f"{self.name}.csv"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _column(type_: str, name: str, **more: Any) -> Column:
    return Column(name=name, type=type_, **more)


def _text(name: str, **more: Any) -> Column:
    return _column("text", name, **more)


def _id(name: str = "id") -> Column:
    return _column("text", name, required=True)


def _ref(name: str, kind: str, *, required: bool = False) -> Column:
    return _column("text", name, references=kind, required=required)


def _decimal(name: str, **more: Any) -> Column:
    return _column("decimal", name, **more)


def _quantity(name: str = "quantity") -> Column:
    return _decimal(name, required=True, positive=True)


def _price(name: str = "unit_price") -> Column:
    return _decimal(name, required=True, minimum=0, note="per unit, without tax")


def _percent(name: str = "discount_percent", default: Decimal | None = Decimal(0)) -> Column:
    return _decimal(name, minimum=0, default=default, note="per cent: 10 = 10 %")


def _whole(name: str, **more: Any) -> Column:
    return _column("integer", name, **more)


def _date(name: str, **more: Any) -> Column:
    return _column("date", name, **more)


def _instant(name: str, **more: Any) -> Column:
    return _column("instant", name, **more)


def _flag(name: str, *, default: bool) -> Column:
    return _column("boolean", name, default=default)


def _currency(*, required: bool = True) -> Column:
    return _column("currency", "currency", required=required)


def _choice(name: str, *choices: str, **more: Any) -> Column:
    return _column("text", name, choices=choices, **more)


def _line_number() -> Column:
    return _whole("line", required=True, minimum=1)


def _order_line(through: str = "order_id") -> Column:
    return _whole("order_line", line_reference=LineReference(through=through, lines="order_lines"))


def _address(prefix: str = "") -> tuple[Column, ...]:
    return (
        _text(f"{prefix}street"),
        _text(f"{prefix}city"),
        _text(f"{prefix}region"),
        _text(f"{prefix}postcode"),
        _column("country", f"{prefix}country"),
    )


def _billed_line(head: str) -> tuple[Column, ...]:
    return (
        _ref(f"{head}_id", f"{head}s", required=True),
        _line_number(),
        _order_line(),
        _ref("item_id", "items", required=True),
        _text("description"),
        _quantity(),
        _price(),
        _percent(),
        _ref("tax_code", "tax_codes", required=True),
    )


def _billing_head(*more: Column) -> tuple[Column, ...]:
    return (
        _id(),
        _ref("customer_id", "customers", required=True),
        _ref("order_id", "orders"),
        *more,
        _date("issued_on", required=True, note="document date"),
        _date("posted_on", required=True, note="posting date"),
        _date("due_on", note="blank: the posting date"),
        _currency(),
        _text("reference", note="the customer's own reference"),
    )


_ERP = (
    RecordKind(
        name="tax_codes",
        side="erp",
        required=True,
        note="a tax code with its rate",
        columns=(
            _id(),
            _text("name", required=True),
            _decimal("rate", required=True, minimum=0, note="fraction: 0.20 = 20 %"),
        ),
    ),
    RecordKind(
        name="items",
        side="erp",
        required=True,
        note="what is sold: goods, a service or a charge such as freight",
        columns=(
            _id(),
            _text("name", required=True),
            _text("description"),
            _text("product_line"),
            _text("unit", default="each"),
            _decimal("list_price", minimum=0, note="per unit, in the data set's currency"),
            _decimal("cost", minimum=0, note="per unit, in the data set's currency"),
            _ref("tax_code", "tax_codes", required=True),
            _choice("kind", "goods", "service", "charge", default="goods"),
            _whole("lead_time_days", minimum=0),
            _flag("active", default=True),
        ),
    ),
    RecordKind(
        name="price_lists",
        side="erp",
        note="a list of prices that customers are given by name",
        columns=(
            _id(),
            _text("name", required=True),
            _currency(),
            _date("valid_from"),
            _date("valid_to", note="last day"),
        ),
    ),
    RecordKind(
        name="customers",
        side="erp",
        required=True,
        note="a trading account: a customer account in the ERP",
        columns=(
            _id(),
            _text("name", required=True),
            _text("tax_number"),
            _text("email"),
            _text("phone"),
            *_address(),
            _currency(),
            _whole("terms_days", minimum=0, note="days from invoice to due date"),
            _decimal("credit_limit", minimum=0, note="blank: unlimited; 0: nothing on credit"),
            _flag("on_hold", default=False),
            _text("hold_reason"),
            _text("price_level"),
            _ref("price_list_id", "price_lists"),
            _ref("bill_to_id", "customers"),
        ),
    ),
    RecordKind(
        name="prices",
        side="erp",
        key=(),
        exactly_one_of=("price_list_id", "customer_id", "price_level", "promotion"),
        at_least_one_of=("price", "discount_percent"),
        note="a price or discount of an item: by list, customer contract, level or promotion",
        columns=(
            _ref("price_list_id", "price_lists"),
            _ref("customer_id", "customers"),
            _text("price_level"),
            _ref("item_id", "items", required=True),
            _decimal("min_quantity", minimum=0, default=Decimal(0), note="from this quantity on"),
            _decimal("price", minimum=0, note="per unit, without tax"),
            _percent(default=None),
            _date("valid_from"),
            _date("valid_to", note="last day"),
            _flag("promotion", default=False),
        ),
    ),
    RecordKind(
        name="stock",
        side="erp",
        key=("item_id", "location"),
        note="what is on hand of an item at a location, on the as-of day",
        columns=(
            _ref("item_id", "items", required=True),
            _text("location", required=True),
            _decimal("on_hand", required=True),
        ),
    ),
    RecordKind(
        name="receipts",
        side="erp",
        key=(),
        note="a quantity of an item that is on its way in",
        columns=(
            _ref("item_id", "items", required=True),
            _date("due_date", required=True),
            _quantity(),
        ),
    ),
    RecordKind(
        name="orders",
        side="erp",
        lines_required=True,
        note="a sales order",
        columns=(
            _id(),
            _ref("customer_id", "customers", required=True),
            _text("reference", note="the customer's own reference"),
            _date("ordered_on", required=True),
            _date("requested_on"),
            _date("promised_on"),
            _choice("status", "open", "hold", "closed", "cancelled", required=True),
            _currency(),
            *_address("ship_"),
            _text("carrier"),
        ),
    ),
    RecordKind(
        name="order_lines",
        side="erp",
        key=("order_id", "line"),
        head="orders",
        note="a line of a sales order",
        columns=(
            _ref("order_id", "orders", required=True),
            _line_number(),
            _ref("item_id", "items", required=True),
            _text("description"),
            _quantity(),
            _price(),
            _percent(),
            _ref("tax_code", "tax_codes", required=True),
            _decimal("cancelled_quantity", minimum=0, default=Decimal(0)),
            _date("promised_on"),
        ),
    ),
    RecordKind(
        name="shipments",
        side="erp",
        lines_required=True,
        note="goods of one order that left on one day",
        columns=(
            _id(),
            _ref("order_id", "orders", required=True),
            _ref("customer_id", "customers", required=True),
            _date("shipped_on", required=True),
            _text("carrier"),
            _text("tracking"),
            _text("ship_name"),
        ),
    ),
    RecordKind(
        name="shipment_lines",
        side="erp",
        key=("shipment_id", "line"),
        head="shipments",
        note="a quantity of an order's line that was shipped",
        columns=(
            _ref("shipment_id", "shipments", required=True),
            _line_number(),
            _order_line(),
            _ref("item_id", "items", required=True),
            _quantity(),
        ),
    ),
    RecordKind(
        name="invoices",
        side="erp",
        lines_required=True,
        note="an invoice; its amount is the sum of its lines and their tax",
        columns=_billing_head(),
    ),
    RecordKind(
        name="invoice_lines",
        side="erp",
        key=("invoice_id", "line"),
        head="invoices",
        note="a line of an invoice",
        columns=_billed_line("invoice"),
    ),
    RecordKind(
        name="credit_notes",
        side="erp",
        lines_required=True,
        note="a credit note; its quantities are positive",
        columns=_billing_head(
            _ref("invoice_id", "invoices"),
            _text("reason"),
        ),
    ),
    RecordKind(
        name="credit_note_lines",
        side="erp",
        key=("credit_note_id", "line"),
        head="credit_notes",
        note="a line of a credit note",
        columns=_billed_line("credit_note"),
    ),
    RecordKind(
        name="payments",
        side="erp",
        note="money received from a customer",
        columns=(
            _id(),
            _ref("customer_id", "customers", required=True),
            _date("received_on", required=True),
            _currency(),
            _decimal("amount", required=True, positive=True),
            _text("method"),
            _text("reference"),
        ),
    ),
    RecordKind(
        name="payment_applications",
        side="erp",
        key=(),
        exactly_one_of=("payment_id", "credit_note_id"),
        note="part of a payment or credit note, set against an invoice on a day",
        columns=(
            _ref("payment_id", "payments"),
            _ref("credit_note_id", "credit_notes"),
            _ref("invoice_id", "invoices", required=True),
            _date("applied_on", required=True),
            _decimal("amount", required=True, positive=True),
        ),
    ),
    RecordKind(
        name="returns",
        side="erp",
        lines_required=True,
        note="goods that came back",
        columns=(
            _id(),
            _ref("customer_id", "customers", required=True),
            _ref("order_id", "orders"),
            _date("received_on", required=True),
            _text("reason"),
        ),
    ),
    RecordKind(
        name="return_lines",
        side="erp",
        key=("return_id", "line"),
        head="returns",
        note="a quantity of an item that came back",
        columns=(
            _ref("return_id", "returns", required=True),
            _line_number(),
            _ref("item_id", "items", required=True),
            _quantity(),
        ),
    ),
    RecordKind(
        name="contracts",
        side="erp",
        note="a service contract, with what it brings and costs a year",
        columns=(
            _id(),
            _ref("customer_id", "customers", required=True),
            _choice("kind", "maintenance", "sla", "support", required=True),
            _text("name", required=True),
            _date("starts_on", required=True),
            _date("ends_on", required=True, note="last day"),
            _decimal("annual_value", required=True, minimum=0),
            _currency(),
            _decimal("annual_cost", minimum=0),
        ),
    ),
)

_CRM = (
    RecordKind(
        name="users",
        side="crm",
        note="somebody who works with the CRM",
        columns=(
            _id(),
            _text("name", required=True),
            _text("email"),
            _choice("role", "sales", "manager", "service", "accounting", "admin", required=True),
            _text("team"),
            _ref("manager_id", "users"),
            _flag("active", default=True),
        ),
    ),
    RecordKind(
        name="logins",
        side="crm",
        key=(),
        note="a user logged in",
        columns=(_ref("user_id", "users", required=True), _instant("at", required=True)),
    ),
    RecordKind(
        name="accounts",
        side="crm",
        note="a company that the CRM knows",
        columns=(
            _id(),
            _text("name", required=True),
            _choice("kind", "prospect", "customer", "partner", "former", required=True),
            _text("industry"),
            _ref("owner_id", "users"),
            _text("email"),
            _text("phone"),
            _text("website"),
            _text("tax_number"),
            *_address(),
            _currency(required=False),
            _ref("parent_id", "accounts"),
            _ref("customer_id", "customers"),
            _instant("created_at"),
        ),
    ),
    RecordKind(
        name="contacts",
        side="crm",
        note="a person at an account",
        columns=(
            _id(),
            _ref("account_id", "accounts", required=True),
            _text("first_name"),
            _text("last_name", required=True),
            _text("job_title"),
            _text("email"),
            _text("phone"),
        ),
    ),
    RecordKind(
        name="campaigns",
        side="crm",
        note="a campaign",
        columns=(
            _id(),
            _text("name", required=True),
            _text("kind"),
            _date("starts_on"),
            _date("ends_on"),
            _decimal("cost", minimum=0),
            _currency(required=False),
        ),
    ),
    RecordKind(
        name="leads",
        side="crm",
        note="somebody who may become a customer",
        columns=(
            _id(),
            _text("company"),
            _text("contact_name"),
            _text("email"),
            _text("source"),
            _choice("status", "new", "working", "converted", "disqualified", required=True),
            _ref("owner_id", "users"),
            _instant("created_at"),
            _ref("converted_account_id", "accounts"),
        ),
    ),
    RecordKind(
        name="campaign_members",
        side="crm",
        key=(),
        exactly_one_of=("contact_id", "lead_id"),
        note="a contact or lead that a campaign addressed",
        columns=(
            _ref("campaign_id", "campaigns", required=True),
            _ref("contact_id", "contacts"),
            _ref("lead_id", "leads"),
            _instant("responded_at"),
        ),
    ),
    RecordKind(
        name="stages",
        side="crm",
        note="a stage of an opportunity",
        columns=(
            _id(),
            _text("name", required=True),
            _whole("position", required=True, minimum=0),
            _choice("kind", "open", "won", "lost", required=True),
            _decimal("probability", required=True, minimum=0, note="fraction: 0.02 = 2 %"),
            _choice(
                "forecast_category",
                "pipeline",
                "best_case",
                "commit",
                "closed",
                "omitted",
                required=True,
            ),
        ),
    ),
    RecordKind(
        name="opportunities",
        side="crm",
        note="a possible sale",
        columns=(
            _id(),
            _ref("account_id", "accounts", required=True),
            _text("name", required=True),
            _ref("owner_id", "users"),
            _ref("stage_id", "stages", required=True),
            _decimal("amount", minimum=0),
            _currency(),
            _date("close_on"),
            _date("contract_starts_on"),
            _ref("campaign_id", "campaigns"),
            _instant("created_at"),
            _instant("closed_at"),
        ),
    ),
    RecordKind(
        name="stage_history",
        side="crm",
        key=(),
        note="an opportunity entered a stage",
        columns=(
            _ref("opportunity_id", "opportunities", required=True),
            _ref("stage_id", "stages", required=True),
            _instant("entered_at", required=True),
            _ref("user_id", "users"),
        ),
    ),
    RecordKind(
        name="play_answers",
        side="crm",
        key=(),
        note="what was learned by a play of a stage",
        columns=(
            _ref("opportunity_id", "opportunities", required=True),
            _ref("stage_id", "stages", required=True),
            _text("play", required=True),
            _text("answer", required=True),
            _instant("answered_at", required=True),
            _ref("user_id", "users"),
        ),
    ),
    RecordKind(
        name="quotes",
        side="crm",
        note="a quote; an ordered one names its ERP order (lines have the same numbers)",
        columns=(
            _id(),
            _ref("account_id", "accounts", required=True),
            _ref("opportunity_id", "opportunities"),
            _ref("contact_id", "contacts"),
            _choice("status", "draft", "sent", "accepted", "declined", "ordered", required=True),
            _currency(),
            _date("valid_until"),
            _instant("created_at"),
            _ref("owner_id", "users"),
            _ref("order_id", "orders"),
        ),
    ),
    RecordKind(
        name="quote_lines",
        side="crm",
        key=("quote_id", "line"),
        head="quotes",
        note="a line of a quote",
        columns=(
            _ref("quote_id", "quotes", required=True),
            _line_number(),
            _ref("item_id", "items", required=True),
            _text("description"),
            _quantity(),
            _decimal("unit_price", minimum=0, note="blank: not yet priced"),
            _percent(),
        ),
    ),
    RecordKind(
        name="activities",
        side="crm",
        note="something done, or to be done, with an account",
        columns=(
            _id(),
            _ref("account_id", "accounts", required=True),
            _ref("contact_id", "contacts"),
            _ref("opportunity_id", "opportunities"),
            _choice("kind", "call", "email", "meeting", "task", "note", required=True),
            _text("subject", required=True),
            _ref("owner_id", "users"),
            _instant("due_at"),
            _instant("completed_at"),
            _instant("created_at"),
        ),
    ),
    RecordKind(
        name="forecasts",
        side="crm",
        note="a forecast, frozen at an instant",
        columns=(
            _id(),
            _text("period", required=True, note="2026-11 or 2026-Q4"),
            _ref("owner_id", "users"),
            _instant("frozen_at", required=True),
            _currency(),
        ),
    ),
    RecordKind(
        name="forecast_lines",
        side="crm",
        key=("forecast_id", "opportunity_id"),
        head="forecasts",
        note="an opportunity as it stood in a frozen forecast",
        columns=(
            _ref("forecast_id", "forecasts", required=True),
            _ref("opportunity_id", "opportunities", required=True),
            _ref("stage_id", "stages", required=True),
            _text("category", required=True),
            _decimal("amount", required=True, minimum=0),
            _decimal("probability", required=True, minimum=0, note="fraction"),
            _decimal("expected", required=True, minimum=0, note="amount x probability"),
        ),
    ),
)

FORM: dict[str, RecordKind] = {kind.name: kind for kind in (*_ERP, *_CRM)}
"""Every record kind by its name, in the order in which a system can be filled."""

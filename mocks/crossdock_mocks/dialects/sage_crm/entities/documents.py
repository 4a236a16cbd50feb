"""Quotes and orders with their items: two pairs of tables that have nearly all columns in common.

`*_lineitemdisc`, `*_discountamt`, `*_nettamt` and `*_grossamt` are kept by the server; fields that
begin with `cd` are custom fields, as an administrator makes them for Crossdock.
"""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.sage_crm.entities.columns import Columns, Table, together
from crossdock_mocks.sdata import Collection, Resource

QUOTE_STATUSES: Final = (
    "Active", "Sent", "Accepted", "Declined", "Converted", "Expired"
)  # fmt: skip
ORDER_STATUSES: Final = ("Active", "Completed", "Cancelled")
LINE_TYPES: Final = ("i", "f", "c")
"""A product, free text with a price, a comment."""
PROGRESS: Final = ("reserved", "backordered", "shipped", "invoiced", "returned", "cancelled")

_quot, _orde, _quit, _orit = Table("quot"), Table("orde"), Table("quit"), Table("orit")


def _head(table: Table) -> Columns:
    return together(
        table.text("reference", 40, indexed=True),
        table.text("description", 60),
        table.link("opportunityid", "opportunity", "Opportunity"),
        table.link("companyid", "company", "Company", required=True),
        table.link("personid", "person", "Person"),
        table.link("assigneduserid", "users", "AssignedUser"),
        table.link("accountid", "account", "Account"),
        table.link("currency", "currency", "Currency", required=True),
        table.at("opened"),
        table.number("discountpc"),
        table.money("freight"),
        table.money("lineitemdisc", read_only=True),
        table.money("discountamt", read_only=True),
        table.money("nettamt", read_only=True),
        table.money("grossamt", read_only=True),
        table.text("billaddress", 400),
        table.text("shipaddress", 400),
    )


def _own_head(table: Table) -> Columns:
    """Custom fields of quotes and orders: what the ERP said of them."""
    return together(
        table.text("cdkey", indexed=True),
        table.text("cdpricingstatus", 40),
        table.at("cdpricedat"),
        table.text("cdpricesource"),
        table.memo("cdchecks"),
        table.money("cdnet"),
        table.money("cdtax"),
        table.money("cdgross"),
        table.memo("cddata"),
    )


def _line(table: Table) -> Columns:
    return together(
        table.whole("linenumber"),
        table.choice("linetype", LINE_TYPES, default="i"),
        table.link("productid", "newproduct", "NewProduct"),
        table.link("productfamilyid", "productfamily", "ProductFamily", read_only=True),
        table.link("uomid", "uom", "UOM"),
        table.text("description"),
        table.number("quantity"),
        table.number("listprice"),
        table.number("quotedprice"),
        table.number("discount", read_only=True),
        table.money("discountsum", read_only=True),
        table.money("quotedpricetotal", read_only=True),
    )


def _own_line(table: Table) -> Columns:
    return together(
        table.text("cdunit", 40),
        table.number("cdunitprice"),
        table.number("cdlistprice"),
        table.number("cddiscountpc"),
        table.money("cdnet"),
        table.at("cdpromisedon"),
        table.text("cdkey", indexed=True),
        table.memo("cddata"),
    )


QUOTES: Final = Resource(
    name="quotes", kind="Quote", key_name="quot_orderquoteid", title="{quot_reference}",
    label="Quote", shows_key=True, key_kind="integer", stamps=_quot.stamped(),
    properties=together(
        _head(_quot),
        _quot.choice("status", QUOTE_STATUSES, default="Active"),
        _quot.at("expirationdate"),
        _own_head(_quot),
        _quot.link("cdorderid", "orders", "Order", read_only=True),
        _quot.text("cdguard", 40),
        _quot.memo("cdguardreasons"),
        _quot.stamps(),
        (Collection("QuoteItems", "quoteitems", "quit_orderquoteid", owned=True),),
    ),
)  # fmt: skip

QUOTE_ITEMS: Final = Resource(
    name="quoteitems", kind="QuoteItem", key_name="quit_lineitemid",
    title="{quit_linenumber}: {quit_description}", label="Quote item", shows_key=True,
    key_kind="integer", stamps=_quit.stamped(),
    properties=together(
        _quit.link("orderquoteid", "quotes", "Quote", required=True),
        _line(_quit),
        _own_line(_quit),
        _quit.number("cdtaxrate"), _quit.money("cdtax"),
        _quit.text("cdpricerule"), _quit.text("cdpricesource"),
        _quit.stamps(),
    ),
)  # fmt: skip

ORDERS: Final = Resource(
    name="orders", kind="Order", key_name="orde_orderquoteid", title="{orde_reference}",
    label="Order", shows_key=True, key_kind="integer", stamps=_orde.stamped(),
    properties=together(
        _head(_orde),
        _orde.choice("status", ORDER_STATUSES, default="Active"),
        _orde.link("quoteid", "quotes", "Quote"),
        _orde.text("ponumber", 40),
        _orde.at("deliverydate"),
        _own_head(_orde),
        _orde.text("cderporder", indexed=True),
        _orde.text("cdstatus", 40),
        _orde.memo("cdstatusreason"),
        _orde.text("cdreference"),
        _orde.at("cdrequestedon"),
        _orde.at("cdpromisedon"),
        _orde.text("cdshiptoname"),
        _orde.memo("cdexternalids"),
        _orde.stamps(),
        (Collection("OrderItems", "orderitems", "orit_orderquoteid", owned=True),),
    ),
)  # fmt: skip

ORDER_ITEMS: Final = Resource(
    name="orderitems", kind="OrderItem", key_name="orit_lineitemid",
    title="{orit_linenumber}: {orit_description}", label="Order item", shows_key=True,
    key_kind="integer", stamps=_orit.stamped(),
    properties=together(
        _orit.link("orderquoteid", "orders", "Order", required=True),
        _line(_orit),
        _own_line(_orit),
        _orit.text("cdlinestatus", 40),
        _orit.whole("cdquoteline"),
        *(_orit.number(f"cd{name}") for name in PROGRESS),
        _orit.stamps(),
    ),
)  # fmt: skip

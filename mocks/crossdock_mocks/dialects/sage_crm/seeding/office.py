"""Users, currencies, captions; and what is sold."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.sage_crm.access import ADMINISTRATOR, READER, READER_KEY, USER
from crossdock_mocks.dialects.sage_crm.seeding import shapes
from crossdock_mocks.dialects.sage_crm.seeding.filling import Filling
from crossdock_mocks.frontoffice.seeding import Source

_STAGES: Final = ("Lead", "Qualified", "Proposal Submitted", "Negotiating", "Sold")
"""What there is where a data set tells no stages."""


def put_office(to: Filling, source: Source | None) -> None:
    """Put down who works here, in which currencies, and the stages of opportunities."""
    to.add("users", ADMINISTRATOR, {"user_logon": USER, "user_lastname": "Administrator",
                                    "user_title": "admin"})  # fmt: skip
    to.add("users", READER_KEY, {"user_logon": READER, "user_lastname": "Reader"})
    rows = () if source is None else source.rows("users")
    for key, row in enumerate(rows, ADMINISTRATOR + 1):
        to.name("users", row["id"], to.add("users", key, shapes.user(row)))
    to.currency("EUR" if source is None else source.currency)
    stages = [] if source is None else [row["name"] for row in source.rows("stages")]
    for order, stage in enumerate(stages or _STAGES, 1):
        caption = {"capt_family": "oppo_stage", "capt_code": stage, "capt_us": stage,
                   "capt_order": order}  # fmt: skip
        to.add("custom_captions", order, caption)


def put_catalogue(to: Filling, source: Source) -> None:
    """Put down what is sold, with its list prices in the company's own currency."""
    own = to.currency(source.currency)
    for key, row in enumerate(source.rows("items"), 1):
        family, unit = row["product_line"] or "Other", row["unit"] or "each"
        values = {
            **shapes.product(row),
            "prod_productfamilyid": to.once("productfamily", family, {"prfa_name": family}),
            "prod_uomid": to.once("uom", unit, {"uom_name": unit}),
        }
        to.name("newproduct", row["id"], to.add("newproduct", key, values))
        price = {
            "pric_productid": key, "pric_uomid": values["prod_uomid"], "pric_currency": own,
            "pric_price": shapes.number(row["list_price"]),
        }  # fmt: skip
        if row["list_price"] is not None:
            to.add("pricing", key, price)

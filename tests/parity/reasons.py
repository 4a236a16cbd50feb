"""Why a figure differs: each difference needs a reason, and each reason its source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from attrs import frozen


@frozen(kw_only=True)
class Reason:
    """Why some figures of a story differ on a system.

    Attributes:
        kind: a `real` difference of the systems, a mistake of `ours`, or `not supported` by us.
        source: the vendor's documentation, Tryton's source, or a test.
    """

    system: str
    story: str
    figures: Sequence[str]
    kind: Literal["real", "ours", "not supported"]
    text: str
    source: str


_LEARN = "https://learn.microsoft.com"
_BOOKS = "https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities"

REASONS: tuple[Reason, ...] = (
    Reason(
        system="business-central",
        story="Price with a break",
        figures=["net of both lines"],
        kind="real",
        text=(
            "it takes the lowest price and, apart from it, the highest discount that apply, so the "
            "discount of the customer's group comes off the customer's own price too. Elsewhere "
            "the customer's own price replaces the group's."
        ),
        source=(
            f"{_LEARN}/training/modules/sales-price-lists/special-prices-sales-orders; "
            "tests/contract/business_central_mock/test_bc_story.py (the best price and discount)"
        ),
    ),
    Reason(
        system="business-central",
        story="Quote to cash",
        figures=["status"],
        kind="real",
        text=(
            "an order that an interface makes is a draft until somebody there releases it, so it "
            "is accepted and not confirmed yet."
        ),
        source=(
            f"{_LEARN}/dynamics365/business-central/dev-itpro/api-reference/v2.0/resources/"
            "dynamics_salesorder (status)"
        ),
    ),
    Reason(
        system="business-central",
        story="Quote to cash",
        figures=["payments"],
        kind="real",
        text=(
            "its interface has the lines of payment journals, which are gone when they are posted. "
            "What is left open of an invoice is told."
        ),
        source=(
            f"{_LEARN}/dynamics365/business-central/dev-itpro/api-reference/v2.0/resources/"
            "dynamics_customerpayment; tests/contract/connectors/test_business_central_reads.py "
            "(what is owed, but for payments on account)"
        ),
    ),
    Reason(
        system="business-central",
        story="Credit",
        figures=["and the order, placed all the same"],
        kind="real",
        text=(
            "a limit that is passed is a warning to whoever types an order; it stops none. The "
            "guards of Crossdock do, before."
        ),
        source=f"{_LEARN}/previous-versions/dynamicsnav-2016/hh915313(v=nav.90) (Credit Warnings)",
    ),
    Reason(
        system="quickbooks",
        story="Price with a break",
        figures=["unit price from the break on", "unit price just below it", "net of both lines"],
        kind="real",
        text=(
            "its price rules work in its own forms and are in no entity of its interface: a price "
            "is the item's sales price, and says so."
        ),
        source=f"{_BOOKS} (Item; there is no entity for price rules)",
    ),
    Reason(
        system="quickbooks",
        story="Rounding of VAT",
        figures=["VAT of the document", "total"],
        kind="real",
        text=(
            "VAT is rounded once for each rate over the document; the company of these data rounds "
            "each line."
        ),
        source=(
            "tests/contract/quickbooks_mock/test_quickbooks_documents.py "
            "(rounded once for each rate); assumed, as docs/quickbooks.md says"
        ),
    ),
    Reason(
        system="quickbooks",
        story="Quote to cash",
        figures=["ship a part", "status then", "ship the rest"],
        kind="real",
        text="it has no shipments: what is invoiced counts as delivered.",
        source=f"{_BOOKS} (there is no entity for shipments)",
    ),
    Reason(
        system="quickbooks",
        story="Credit",
        figures=[
            "limit",
            "what a draft of twice the limit is told",
            "and the order, placed all the same",
        ],
        kind="real",
        text="a customer has a balance and no limit, so none is known, and nothing is held.",
        source=f"{_BOOKS} (Customer)",
    ),
    Reason(
        system="tryton",
        story="Discount",
        figures=["one at 2 % off, which leaves half a cent"],
        kind="real",
        text="half a cent is rounded to the even cent, where the others round it up.",
        source="trytond 8.2, modules/currency/currency.py: Currency.round, ROUND_HALF_EVEN",
    ),
)

"""What the platform keeps by itself: names, formulas, roll-ups, and what it does not let happen.

Each object that has such rules has a `Rules`; all others have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from crossdock_mocks.dialects.salesforce.rules import (
    activities,
    campaigns,
    cases,
    catalogue,
    opportunities,
    orders,
    people,
    quotes,
)
from crossdock_mocks.dialects.salesforce.rules.base import Row, Rules

if TYPE_CHECKING:
    from crossdock_mocks.dialects.salesforce.model import ObjectType
    from crossdock_mocks.dialects.salesforce.records import Records

_RULES: Final[Mapping[str, Rules]] = {
    "User": people.PERSON,
    "Contact": people.CONTACT,
    "Lead": people.LEAD,
    "Account": people.ACCOUNT,
    "Campaign": campaigns.CAMPAIGN,
    "CampaignMember": campaigns.MEMBER,
    "Product2": catalogue.PRODUCT,
    "Pricebook2": catalogue.PRICE_BOOK,
    "PricebookEntry": catalogue.ENTRY,
    "Opportunity": opportunities.OPPORTUNITY,
    "OpportunityLineItem": opportunities.LINE,
    "Quote": quotes.QUOTE,
    "QuoteLineItem": quotes.LINE,
    "Order": orders.ORDER,
    "OrderItem": orders.LINE,
    "Task": activities.TASK,
    "Event": activities.EVENT,
    "Case": cases.CASE,
}
_NONE: Final = Rules()


def before(
    records: Records, entity: ObjectType, row: Row, old: Row | None, given: Mapping[str, Any]
) -> None:
    """Work out what a record says by itself, before it is written.

    Raises:
        Refused: The record may not be so.
    """
    _RULES.get(entity.name, _NONE).before(records, row, old, given)


def after(records: Records, entity: ObjectType, row: Row, old: Row | None) -> None:
    """Bring others up to date, after a record was written."""
    _RULES.get(entity.name, _NONE).after(records, row, old)


def before_delete(records: Records, entity: ObjectType, row: Row) -> None:
    """See whether a record may go.

    Raises:
        Refused: It may not.
    """
    _RULES.get(entity.name, _NONE).before_delete(records, row)


def after_delete(records: Records, entity: ObjectType, row: Row) -> None:
    """Bring others up to date, after a record went."""
    _RULES.get(entity.name, _NONE).after(records, row, row)

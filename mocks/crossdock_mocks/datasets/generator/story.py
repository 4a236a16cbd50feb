"""The two draft quotes that a demonstration plays: one that goes through, one that is stopped."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from crossdock_mocks.datasets.generator.catalogue import Item
from crossdock_mocks.datasets.generator.customers import Customer, Party
from crossdock_mocks.datasets.generator.people import Row
from crossdock_mocks.datasets.generator.pipeline import Pipeline

__all__ = ["build_story", "story_items"]


def story_items(customer: Customer) -> list[Item]:
    """Three items that the customer buys often, the first two at contract prices."""
    return [item for item in customer.favourites if item.kind == "goods"][:3]


def build_story(
    pipeline: Pipeline,
    people: dict[str, list[Row]],
    healthy: Party,
    short: Party,
    credit_left: dict[str, Decimal],
    as_of: date,
) -> dict[str, str]:
    """Add the two quotes, each with its opportunity; gives the header's story.

    They are written with list prices, as a salesperson would without the ERP at hand.

    Raises:
        ValueError: one of the two is not a customer.
    """
    if healthy.customer is None or short.customer is None:
        msg = "both parties of the story must be customers"
        raise ValueError(msg)
    few = [(item, Decimal(item.usual_quantity)) for item in story_items(healthy.customer)]
    dear = max(story_items(short.customer), key=lambda item: item.list_price)
    too_much = int(credit_left[short.customer.id] * 4 / dear.list_price) + 1
    through = _quote(pipeline, people, healthy, few, as_of)
    stopped = _quote(pipeline, people, short, [(dear, Decimal(too_much))], as_of)
    return {
        "user": "kim",
        "account": healthy.id,
        "quote": through,
        "over_limit_account": short.id,
        "over_limit_quote": stopped,
    }


def _quote(
    pipeline: Pipeline,
    people: dict[str, list[Row]],
    party: Party,
    lines: list[tuple[Item, Decimal]],
    as_of: date,
) -> str:
    opportunity = f"O-{1001 + pipeline.count('opportunities')}"
    quote = f"Q-{1001 + pipeline.count('quotes')}"
    created = datetime.combine(as_of, time(7), UTC)
    pipeline.add(
        "opportunities",
        id=opportunity,
        account_id=party.id,
        name="Spare parts for the winter overhaul",
        owner_id="U-kim",
        stage_id="propose",
        amount=sum((item.list_price * quantity for item, quantity in lines), Decimal(0)),
        currency="EUR",
        close_on=as_of + timedelta(days=10),
        created_at=created,
    )
    pipeline.add(
        "stage_history",
        opportunity_id=opportunity,
        stage_id="propose",
        entered_at=created,
        user_id="U-kim",
    )
    pipeline.add(
        "quotes",
        id=quote,
        account_id=party.id,
        opportunity_id=opportunity,
        contact_id=people[party.id][0]["id"],
        status="draft",
        currency="EUR",
        valid_until=as_of + timedelta(days=30),
        created_at=created,
        owner_id="U-kim",
    )
    for number, (item, quantity) in enumerate(lines, 1):
        pipeline.add(
            "quote_lines",
            quote_id=quote,
            line=number,
            item_id=item.id,
            description=item.name,
            quantity=quantity,
            unit_price=item.list_price,
            discount_percent=Decimal(0),
        )
    return quote

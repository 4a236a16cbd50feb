"""Opportunities and their stages, from the CRM's wire and onto it."""

from __future__ import annotations

from typing import Any, Final

from crossdock.connectors.reading import (
    Row,
    currency,
    day_or_none,
    decimal,
    instant,
    instant_or_none,
    money,
    text,
    text_or_none,
    whole,
    word,
)
from crossdock.connectors.writing import amount, number
from crossdock.connectors.writing import day_or_none as day_text
from crossdock.records import Opportunity, Stage

_STAGE_KINDS: Final = frozenset({"open", "won", "lost"})


def stage(row: Row) -> Stage:
    """Read a stage."""
    return Stage(
        id=text(row, "id"),
        name=text(row, "name"),
        position=whole(row, "position"),
        kind=word(row, "kind", _STAGE_KINDS),
        probability=decimal(row, "probability"),
        forecast_category=text(row, "forecast_category"),
    )


def opportunity(row: Row) -> Opportunity:
    """Read an opportunity; probability and category are the stage's unless overridden."""
    return Opportunity(
        id=text(row, "id"),
        account_id=text(row, "account_id"),
        name=text(row, "name"),
        stage_id=text(row, "stage_id"),
        amount=money(row, "amount", currency(row)),
        probability=decimal(row, "probability"),
        forecast_category=text(row, "forecast_category"),
        close_on=day_or_none(row, "close_on"),
        contract_starts_on=day_or_none(row, "contract_starts_on"),
        owner_id=text_or_none(row, "owner_id"),
        campaign_id=text_or_none(row, "campaign_id"),
        created_at=instant(row, "created_at"),
        closed_at=instant_or_none(row, "closed_at"),
        version=str(whole(row, "version")),
    )


def opportunity_body(written: Opportunity, now: Opportunity | None) -> dict[str, Any]:
    """Write an opportunity.

    Probability and category are the stage's unless somebody says otherwise: only one that differs
    from what is in force now is written, as an override.

    Args:
        written: as it should be.
        now: as the CRM has it; `None` for a new one.
    """
    body: dict[str, Any] = {
        "account_id": written.account_id,
        "name": written.name,
        "owner_id": written.owner_id,
        "campaign_id": written.campaign_id,
        "amount": amount(written.amount, written.amount.currency, "amount"),
        "currency": written.amount.currency,
        "close_on": day_text(written.close_on),
        "contract_starts_on": day_text(written.contract_starts_on),
    }
    if written.stage_id:  # a new one without begins in the first
        body["stage_id"] = written.stage_id
    probability = written.probability
    if probability is not None and (now is None or probability != now.probability):
        body["probability_override"] = number(probability)
    category = written.forecast_category
    if category and (now is None or category != now.forecast_category):
        body["forecast_category_override"] = category
    return body

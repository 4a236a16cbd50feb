"""Opportunities and their stages, from the CRM's wire."""

from __future__ import annotations

from typing import Final

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

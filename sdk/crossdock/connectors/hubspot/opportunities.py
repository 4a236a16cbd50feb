"""Deals and the stages of their pipeline, from HubSpot's objects and onto them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Literal

from crossdock.connectors.hubspot import values
from crossdock.connectors.hubspot.objects import Object
from crossdock.connectors.hubspot.properties import own
from crossdock.connectors.reading import Row, each, part, text, unfit, whole
from crossdock.records import Money, Opportunity, Stage

DEAL: Final = (
    "dealname", "dealstage", "pipeline", "amount", "deal_currency_code", "closedate",
    "hubspot_owner_id", "hs_manual_forecast_category", *own("deals"),
)  # fmt: skip
_CATEGORIES: Final = {
    "OMIT": "omitted", "PIPELINE": "pipeline", "BEST_CASE": "best_case", "MOST_LIKELY": "commit",
    "COMMIT": "commit", "CLOSED": "closed",
}  # fmt: skip
_WORDS: Final = {"omitted": "OMIT", "pipeline": "PIPELINE", "best_case": "BEST_CASE",
                 "commit": "COMMIT", "closed": "CLOSED"}  # fmt: skip


def stages(body: Row, pipeline: str) -> tuple[Stage, ...]:
    """Read the stages of one pipeline, in order."""

    def of_pipeline(row: Row) -> tuple[str, tuple[Stage, ...]]:
        return text(row, "id"), each(row, "stages", _stage)

    found = dict(each(body, "results", of_pipeline))
    if pipeline not in found:
        raise unfit("results", f"a pipeline {pipeline!r}", ", ".join(found))
    return tuple(sorted(found[pipeline], key=lambda stage: stage.position))


def _stage(row: Row) -> Stage:
    def metadata(found: Row) -> tuple[bool, Decimal]:
        closed = values.text(found, "isClosed").lower() == "true"
        return closed, values.decimal(found, "probability")

    closed, probability = part(row, "metadata", metadata)
    kind: Literal["open", "won", "lost"] = "open"
    if closed:
        kind = "won" if probability == 1 else "lost"
    category = {"won": "closed", "lost": "omitted", "open": "pipeline"}[kind]
    return Stage(
        id=text(row, "id"),
        name=text(row, "label"),
        position=whole(row, "displayOrder"),
        kind=kind,
        probability=probability,
        forecast_category=category,
    )


def opportunity(
    deal: Object, account_id: str, stages: Mapping[str, Stage], currency: str
) -> Opportunity:
    """Read a deal; probability and category are the stage's unless somebody set them.

    Args:
        deal: the deal.
        account_id: the company that it is associated with.
        stages: of the pipeline, by id; a deal of another pipeline has a stage that is not there.
        currency: of a deal that names none: the portal's own.
    """
    row = deal.properties
    stage = stages.get(values.text(row, "dealstage"))
    probability = values.decimal_or_none(row, "crossdock_probability")
    category = _CATEGORIES.get(values.text(row, "hs_manual_forecast_category"), "")
    if probability is None and stage is not None:
        probability = stage.probability
    unit = values.currency_or_none(row, "deal_currency_code") or currency
    closed_on = values.instant_or_none(row, "closedate")
    closed = stage is not None and stage.kind != "open"
    return Opportunity(
        id=deal.id,
        account_id=account_id,
        name=values.text(row, "dealname") or f"Deal {deal.id}",
        stage_id=values.text(row, "dealstage"),
        amount=Money(values.decimal(row, "amount"), unit),
        probability=probability,
        forecast_category=category or (stage.forecast_category if stage else ""),
        close_on=closed_on.date() if closed_on else None,
        contract_starts_on=values.day_or_none(row, "crossdock_contract_starts_on"),
        owner_id=values.text_or_none(row, "hubspot_owner_id"),
        created_at=deal.created_at,
        closed_at=closed_on if closed else None,
        version=deal.version,
    )


def deal_written(
    wanted: Opportunity, now: Opportunity | None, stages: Mapping[str, Stage], pipeline: str
) -> dict[str, str]:
    """Write an opportunity; probability and category only where they differ from those in force.

    Args:
        wanted: as it should be; a new one without a stage begins in the first.
        now: as HubSpot has it; `None` for a new one.
        stages: of the pipeline, by id, in order.
        pipeline: where a new one goes.
    """
    body: dict[str, Any] = {
        "dealname": wanted.name,
        "amount": values.as_number(wanted.amount.amount),
        "deal_currency_code": wanted.amount.currency,
        "closedate": values.as_midnight(wanted.close_on),
        "hubspot_owner_id": wanted.owner_id or "",
        "crossdock_contract_starts_on": values.as_day(wanted.contract_starts_on),
    }
    stage_id = wanted.stage_id or ("" if now else next(iter(stages), ""))
    if stage_id:
        body["dealstage"] = stage_id
    if now is None:
        body["pipeline"] = pipeline
    stage = stages.get(stage_id)
    moved = now is None or now.stage_id != stage_id
    in_force = stage.probability if stage and moved else now and now.probability
    before = (now.probability, now.forecast_category) if now else (None, "")
    if wanted.probability not in (None, in_force, before[0]):
        body["crossdock_probability"] = values.as_number(wanted.probability)
    category = stage.forecast_category if stage and moved else before[1]
    if wanted.forecast_category not in ("", category, before[1]):
        body["hs_manual_forecast_category"] = _WORDS.get(wanted.forecast_category, "")
    return body

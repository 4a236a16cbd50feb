"""Opportunities and the stages of the sales process, read and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal

from crossdock.connectors.reading import Row, text, truth
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce import values
from crossdock.connectors.salesforce.fields import own, own_name
from crossdock.connectors.salesforce.parties import owned_by
from crossdock.connectors.salesforce.queries import STAMPS, version_of
from crossdock.connectors.salesforce.records import Records, key_of
from crossdock.connectors.salesforce.values import Written
from crossdock.connectors.vendor_crm.records import new_key
from crossdock.records import Money, Opportunity, Quote, Stage

FOR_QUOTE: Final = own_name("for_quote")
_CONTRACT: Final = own_name("contract_starts_on")
_DEAL: Final = (
    *STAMPS, "AccountId", "Name", "StageName", "Amount", "Probability", "ForecastCategoryName",
    "CloseDate", "OwnerId", "CampaignId", "IsClosed", *own("Opportunity"),
)  # fmt: skip
_STAGE: Final = (
    "Id", "ApiName", "MasterLabel", "SortOrder", "IsClosed", "IsWon", "DefaultProbability",
    "ForecastCategoryName",
)  # fmt: skip
_CATEGORIES: Final = {
    "Omitted": "omitted", "Pipeline": "pipeline", "Best Case": "best_case",
    "Most Likely": "commit", "Commit": "commit", "Closed": "closed",
}  # fmt: skip
_WORDS: Final = {
    "omitted": "Omitted", "pipeline": "Pipeline", "best_case": "Best Case", "commit": "Commit",
    "closed": "Closed",
}  # fmt: skip
_HUNDRED: Final = Decimal(100)
_CLOSES_IN: Final = timedelta(days=30)


class Opportunities:
    """Opportunities; the methods are those of `CrmPort`.

    Those that only hold a quote that belongs to none are not among them: see `holder`.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._org = records.org

    def stages(self) -> Sequence[Stage]:
        """List the active stages of the sales process, in order."""
        rows = self._org.select(
            _STAGE, "OpportunityStage", where="IsActive = true", order="SortOrder, Id"
        )
        return tuple(self._org.read(row, _stage) for row in rows)

    def opportunities(self, account_id: str) -> Sequence[Opportunity]:
        """List the opportunities of an account, newest first."""
        where = f"{self._org.name(FOR_QUOTE)} != true"
        rows = self._org.of("AccountId", account_id, _DEAL, "Opportunity", where=where)
        return tuple(self._read(row) for row in rows)

    def opportunity(self, opportunity_id: str) -> Opportunity:
        """Read one opportunity."""
        return self._read(self._row(opportunity_id))

    def _row(self, opportunity_id: str) -> Row:
        return self._org.get("Opportunity", opportunity_id, _DEAL)

    def _read(self, row: Row) -> Opportunity:
        return self._org.read(row, lambda each: _opportunity(each, self._records.currency))

    def save_opportunity(self, opportunity: Opportunity) -> Opportunity:
        """Create an opportunity (empty `id`) or replace it; `Conflict` if it was changed.

        A probability or category other than the one in force is written as an override. Salesforce
        has none without a day to close on: a new one without closes in thirty days.
        """
        self._records.check_currency("amount", opportunity.amount.currency)
        stages = {stage.id: stage for stage in self.stages()}
        if not opportunity.id:
            body = self._written(opportunity, None, stages)
            deal_id, _ = self._org.create_once("Opportunity", new_key(), body)
            return self.opportunity(deal_id)
        now = self._row(opportunity.id)
        before = self._read(now)
        self._records.check_version(
            "opportunity", opportunity.id, opportunity.version, before.version
        )
        if not self._records.change("Opportunity", now, self._written(opportunity, before, stages)):
            return before
        return self.opportunity(opportunity.id)

    def _written(
        self, wanted: Opportunity, now: Opportunity | None, stages: Mapping[str, Stage]
    ) -> dict[str, Written]:
        def write() -> dict[str, Written]:
            return _deal_written(wanted, now, stages)

        return self._org.remote.written(use.CHANGE, write)

    def holder(self, quote: Quote, key: str) -> str:
        """Make the opportunity that a quote of none is kept in, or give the one that is there.

        Salesforce keeps every quote in an opportunity. This one is in nobody's forecast and says
        by `Crossdock_For_Quote__c` that nobody made it; it is no opportunity to anybody who asks.
        """
        stage = next((each for each in self.stages() if each.kind == "open"), None)
        if stage is None:
            raise self._org.remote.rejected(
                use.CREATE, "opportunity_id", "there is no open stage that it could be kept in"
            )
        body: dict[str, Written] = {
            "AccountId": quote.account_id,
            "Name": "Quote without an opportunity",
            "StageName": stage.id,
            "CloseDate": values.as_day(quote.valid_until or _in_thirty_days()),
            "ForecastCategoryName": "Omitted",
            FOR_QUOTE: True,
            **owned_by(quote.owner_id),
        }
        return self._org.create_once("Opportunity", key_of("holder", key), body)[0]


def _in_thirty_days() -> date:
    return datetime.now(UTC).date() + _CLOSES_IN


def _stage(row: Row) -> Stage:
    kind: Literal["open", "won", "lost"] = "open"
    if truth(row, "IsClosed"):
        kind = "won" if truth(row, "IsWon") else "lost"
    return Stage(
        id=values.text(row, "ApiName") or text(row, "MasterLabel"),
        name=text(row, "MasterLabel"),
        position=values.whole_or_none(row, "SortOrder") or 0,
        kind=kind,
        probability=values.decimal(row, "DefaultProbability") / _HUNDRED,
        forecast_category=_CATEGORIES.get(values.text(row, "ForecastCategoryName"), ""),
    )


def _opportunity(row: Row, currency: str) -> Opportunity:
    closed = values.truth(row, "IsClosed")
    close_on = values.day_or_none(row, "CloseDate")
    probability = values.decimal_or_none(row, "Probability")
    return Opportunity(
        id=text(row, "Id"),
        account_id=values.text(row, "AccountId"),
        name=values.text(row, "Name"),
        stage_id=text(row, "StageName"),
        amount=Money(values.decimal(row, "Amount"), currency),
        probability=None if probability is None else probability / _HUNDRED,
        forecast_category=_CATEGORIES.get(values.text(row, "ForecastCategoryName"), ""),
        close_on=close_on,
        contract_starts_on=values.day_or_none(row, _CONTRACT),
        owner_id=values.text_or_none(row, "OwnerId"),
        campaign_id=values.text_or_none(row, "CampaignId"),
        created_at=values.instant(row, "CreatedDate"),
        closed_at=datetime(close_on.year, close_on.month, close_on.day, tzinfo=UTC)
        if closed and close_on
        else None,
        version=version_of(row),
    )


def _deal_written(
    wanted: Opportunity, now: Opportunity | None, stages: Mapping[str, Stage]
) -> dict[str, Written]:
    """Write an opportunity; probability and category only where they differ from those in force."""
    body: dict[str, Any] = {
        "AccountId": wanted.account_id or None,
        "Name": wanted.name,
        "Amount": values.as_number(wanted.amount.amount, "amount", 2),
        "CampaignId": wanted.campaign_id,
        _CONTRACT: values.as_day(wanted.contract_starts_on),
        **owned_by(wanted.owner_id),
    }
    if wanted.close_on or now is None:
        body["CloseDate"] = values.as_day(wanted.close_on or _in_thirty_days())
    stage_id = wanted.stage_id or ("" if now else next(iter(stages), ""))
    if stage_id:
        body["StageName"] = stage_id
    stage = stages.get(stage_id)
    moved = now is None or now.stage_id != stage_id
    before = (now.probability, now.forecast_category) if now else (None, "")
    in_force = stage.probability if stage and moved else before[0]
    if wanted.probability not in (None, in_force, before[0]):
        body["Probability"] = values.as_number(
            (wanted.probability or Decimal(0)) * _HUNDRED, "probability", 0
        )
    category = stage.forecast_category if stage and moved else before[1]
    if wanted.forecast_category not in ("", category, before[1]):
        body["ForecastCategoryName"] = _WORDS.get(wanted.forecast_category, "")
    return body

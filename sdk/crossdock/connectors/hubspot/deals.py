"""Deals and the stages of their pipeline, read and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot import opportunities
from crossdock.connectors.hubspot.objects import Object
from crossdock.connectors.hubspot.records import Records, newest_first
from crossdock.connectors.vendor_crm.records import new_key
from crossdock.records import Opportunity, Stage


class Deals:
    """Deals of one pipeline; the methods are those of `CrmPort`."""

    def __init__(self, records: Records, pipeline: str) -> None:
        self._records = records
        self._portal = records.portal
        self._remote = records.remote
        self._pipeline = pipeline

    def stages(self) -> Sequence[Stage]:
        """List the stages of the sales process, in order."""
        answer = self._portal.call(use.LIST_PIPELINES, {"objectType": "deals"})
        return self._remote.read(answer, lambda body: opportunities.stages(body, self._pipeline))

    def _stages(self) -> Mapping[str, Stage]:
        return {stage.id: stage for stage in self.stages()}

    def opportunities(self, account_id: str) -> Sequence[Opportunity]:
        """List the opportunities of an account, newest first."""
        ids = self._portal.associated("companies", account_id, "deals")
        if not ids:
            return ()
        stages = self._stages()
        deals = self._portal.get_many("deals", ids, opportunities.DEAL).values()
        return newest_first(
            self._records.read(deal, lambda d: self._opportunity(d, account_id, stages))
            for deal in deals
        )

    def opportunity(self, opportunity_id: str) -> Opportunity:
        """Read one opportunity."""
        deal = self._deal(opportunity_id)
        stages = self._stages()
        account_id = next(iter(deal.associated.get("companies", ())), "")
        return self._records.read(deal, lambda d: self._opportunity(d, account_id, stages))

    def _deal(self, opportunity_id: str) -> Object:
        return self._portal.get(
            "deals", opportunity_id, opportunities.DEAL, associations=("companies",)
        )

    def _opportunity(
        self, deal: Object, account_id: str, stages: Mapping[str, Stage]
    ) -> Opportunity:
        return opportunities.opportunity(deal, account_id, stages, self._records.currency)

    def save_opportunity(self, opportunity: Opportunity) -> Opportunity:
        """Create an opportunity (empty `id`) or replace it; `Conflict` if it was changed.

        A probability or category other than the one in force is written as an override.
        """
        stages = self._stages()
        if opportunity.campaign_id:
            raise self._remote.rejected(
                use.UPDATE_OBJECT, "campaign_id", "HubSpot attributes deals to campaigns by itself"
            )
        if not opportunity.id:
            body = opportunities.deal_written(opportunity, None, stages, self._pipeline)
            to = {"companies": opportunity.account_id}
            deal_id, _ = self._portal.create_once("deals", new_key(), body, to)
            return self.opportunity(deal_id)
        now = self._deal(opportunity.id)
        account_id = next(iter(now.associated.get("companies", ())), "")
        before = self._records.read(now, lambda d: self._opportunity(d, account_id, stages))
        self._records.check_version(
            "opportunity", opportunity.id, opportunity.version, before.version
        )
        if opportunity.account_id != account_id:
            self._records.move(
                "deals", opportunity.id, "companies", account_id, opportunity.account_id
            )
        self._records.change(
            "deals", now, opportunities.deal_written(opportunity, before, stages, self._pipeline)
        )
        return self.opportunity(opportunity.id)

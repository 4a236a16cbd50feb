"""Opportunities, and the stages that they go through.

SData tells no stages: they are words in a list of choices, and which probability belongs to which
is nowhere. So they are settings, in the order of the sales process; the CRM keeps each
opportunity's own stage, probability and amount.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.sdata.currencies import Currencies
from crossdock.connectors.sdata.records import Records
from crossdock.connectors.sdata.sheets import Form, Sheet
from crossdock.connectors.sdata.values import Reference
from crossdock.connectors.settings import Settings
from crossdock.connectors.vendor_crm.records import new_key
from crossdock.connectors.writing import Unwritable
from crossdock.errors import ConfigError
from crossdock.records import Opportunity, Stage

KNOWN: Final = ("stages",)
"""The settings that it takes."""
_HUNDRED: Final = Decimal(100)
_STAGE: Final = re.compile(
    r"(?P<name>[^:]+): (?P<kind>open|won|lost) (?P<percent>[0-9]{1,3})%(?: (?P<category>[a-z_]+))?"
).fullmatch
_USUAL: Final = (
    "Prospecting: open 2% pipeline", "Initiate: open 10% pipeline", "Discover: open 20% pipeline",
    "Prove: open 50% best_case", "Propose: open 70% best_case", "Negotiate: open 90% commit",
    "Won: won 100% closed", "Lost: lost 0% omitted",
)  # fmt: skip


def stages_of(settings: Settings) -> tuple[Stage, ...]:
    """Read the stages out of the settings, such as `"Prove: open 50% best_case"`.

    Raises:
        ConfigError: one does not read so.
    """
    found: list[Stage] = []
    for position, text in enumerate(settings.list_of_texts("stages") or _USUAL, start=1):
        read = _STAGE(text)
        if read is None or int(read["percent"]) > 100:
            raise ConfigError(
                f"'stages' under {settings.where} has {text!r}; a stage is written as "
                "'name: open, won or lost, probability, category', such as "
                "'Prove: open 50% best_case'"
            )
        found.append(
            Stage(
                id=read["name"],
                name=read["name"],
                position=position,
                kind=read["kind"],  # type: ignore[arg-type]
                probability=Decimal(read["percent"]) / _HUNDRED,
                forecast_category=read["category"] or "",
            )
        )
    return tuple(found)


@frozen(kw_only=True)
class DealForm:
    """What a CRM calls opportunities.

    Attributes:
        head: words `account`, `owner`, `campaign`, `name`, `stage`, `status`, `amount`,
            `probability` (percent), `close_on`, `closed_on`, and others that it has fields for.
        statuses: the CRM's status by the kind of a stage.
    """

    head: Form
    statuses: Mapping[str, str]


class Opportunities:
    """Opportunities; the methods are those of `CrmPort`."""

    def __init__(
        self,
        records: Records,
        form: DealForm,
        stages: tuple[Stage, ...],
        currencies: Currencies,
    ) -> None:
        self._records = records
        self._contract = records.contract
        self.form = form
        self._stages = {stage.id: stage for stage in stages}
        self._currencies = currencies

    def stages(self) -> Sequence[Stage]:
        """List the stages of the sales process, in order, as the settings have them."""
        return tuple(self._stages.values())

    def opportunities(self, account_id: str) -> Sequence[Opportunity]:
        """List the opportunities of an account, newest first."""
        head = self.form.head
        rows = self._records.of(head, "account", account_id)
        return tuple(self._contract.read(head, row, self._opportunity) for row in rows)

    def opportunity(self, opportunity_id: str) -> Opportunity:
        """Read one opportunity."""
        head = self.form.head
        return self._contract.read(
            head, self._contract.get(head, opportunity_id), self._opportunity
        )

    def save_opportunity(self, opportunity: Opportunity) -> Opportunity:
        """Create an opportunity (empty `id`) or replace it; `Conflict` if it was changed.

        The CRM itself moves no probability with a stage, so the stage's is written with it. One
        other than the stage's is told apart from it as an override.
        """
        head = self.form.head
        if not opportunity.id:
            fields = self._records.written(head, self._words(opportunity, None))
            deal_id, _ = self._records.create_once(head, new_key(), fields)
            return self.opportunity(deal_id)
        row = self._contract.get(head, opportunity.id)
        before = self._contract.read(head, row, self._opportunity)
        self._records.check_version(
            "opportunity", opportunity.id, opportunity.version, before.version
        )
        fields = self._records.written(head, self._words(opportunity, before), Sheet(row, head))
        if not self._records.change(head, row, fields):
            return before
        return self.opportunity(opportunity.id)

    def _opportunity(self, sheet: Sheet) -> Opportunity:
        currency = self._currencies.of(sheet)
        stage_id = sheet.text("stage")
        stage = self._stages.get(stage_id)
        percent = sheet.number("probability")
        probability = None if percent is None else percent / _HUNDRED
        # A stage's probability may have more digits than the whole percent that the CRM keeps.
        if stage and (probability is None or _whole(stage.probability) == percent):
            probability = stage.probability
        exact = sheet.number("probability_override")
        if exact is not None and _whole(exact) == percent:
            probability = exact
        closed_on = sheet.instant("closed_on")
        closed = stage is not None and stage.kind != "open"
        category = stage.forecast_category if stage else ""
        return Opportunity(
            id=sheet.id,
            account_id=sheet.reference("account") or "",
            name=sheet.text("name"),
            stage_id=stage_id,
            amount=of_unit(sheet.number("amount") or Decimal(0), currency),
            probability=probability,
            forecast_category=sheet.text("category", category),
            close_on=sheet.day("close_on"),
            contract_starts_on=sheet.day("contract_starts_on"),
            owner_id=sheet.reference("owner"),
            campaign_id=sheet.reference("campaign"),
            created_at=sheet.created,
            closed_at=closed_on if closed else None,
            version=sheet.version,
        )

    def _words(self, wanted: Opportunity, now: Opportunity | None) -> dict[str, Any]:
        def write() -> dict[str, Any]:
            first = next(iter(self._stages), "")
            stage_id = wanted.stage_id or (now.stage_id if now else first)
            stage = self._stages.get(stage_id)
            if stage is None and (now is None or now.stage_id != stage_id):
                known = ", ".join(self._stages)
                raise Unwritable("stage_id", f"there is no stage {stage_id!r}; there are {known}")
            moved = now is None or now.stage_id != stage_id
            words: dict[str, Any] = {
                "account": Reference(wanted.account_id),
                "name": wanted.name,
                "stage": stage_id,
                "amount": wanted.amount.amount,
                "close_on": wanted.close_on,
                "contract_starts_on": wanted.contract_starts_on,
                "campaign": Reference(wanted.campaign_id),
                **self._currencies.written(wanted.amount.currency),
            }
            if wanted.owner_id or now is not None:
                words["owner"] = Reference(wanted.owner_id)
            if stage and moved:
                words["status"] = self.form.statuses[stage.kind]
                words["closed_on"] = None if stage.kind == "open" else datetime.now(UTC)
            words |= _probability(wanted, now, stage, moved=moved)
            return words

        return self._records.remote.written(self.form.head.uses.create, write)


def _probability(
    wanted: Opportunity, now: Opportunity | None, stage: Stage | None, *, moved: bool
) -> dict[str, Any]:
    """Write probability and category: the stage's, unless others than those in force are given."""
    words: dict[str, Any] = {}
    before = now.probability if now else None
    if wanted.probability not in (None, before, stage.probability if stage else None):
        words["probability"] = _whole(wanted.probability or Decimal(0))
        words["probability_override"] = wanted.probability
    elif stage and moved:
        words["probability"] = _whole(stage.probability)
        words["probability_override"] = None
    category = stage.forecast_category if stage else ""
    if wanted.forecast_category not in ("", category, now.forecast_category if now else ""):
        words["category"] = wanted.forecast_category
    elif moved:
        words["category"] = None
    return words


def _whole(probability: Decimal) -> Decimal:
    """Give a probability as whole percents."""
    return (probability * _HUNDRED).to_integral_value()

"""Filling a CRM's world from a data set: what was there before the first call.

Seeded records are the beginning, not changes: they are version 1, and the change feed is empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Protocol, TypeAlias, final

from crossdock_mocks.engine import World
from crossdock_mocks.frontoffice import amounts, opportunities
from crossdock_mocks.frontoffice.forecasts import sums
from crossdock_mocks.frontoffice.instants import kept
from crossdock_mocks.frontoffice.lines import complete, summed
from crossdock_mocks.frontoffice.office import Row, version_row
from crossdock_mocks.frontoffice.orders import new_line
from crossdock_mocks.frontoffice.parties import address
from crossdock_mocks.frontoffice.resources import (
    ACCOUNT,
    ACTIVITY,
    CAMPAIGN,
    CASE,
    CONTACT,
    FORECAST,
    LEAD,
    LOGIN,
    MEMBER,
    OPPORTUNITY,
    ORDER,
    PLAY_ANSWER,
    QUOTE,
    STAGE,
    STAGE_HISTORY,
    USER,
    Resource,
)
from crossdock_mocks.frontoffice.shipped import Fulfilment, fulfilments

ERP: Final = "main"
"""The name under which a data set's ERP customers and orders are linked."""

Rows: TypeAlias = Iterable[Row]


class Source(Protocol):
    """What a CRM needs of a data set: typed rows by record kind."""

    @property
    def company(self) -> str:
        """The company that sells."""

    @property
    def currency(self) -> str:
        """ISO 4217 code of its books."""

    @property
    def rounding(self) -> str:
        """Whether tax is rounded by `line` or by `document`."""

    def rows(self, kind: str, /) -> Iterator[dict[str, Any]]:
        """The rows of a record kind."""


def seed(world: World, source: Source) -> None:
    """Fill the CRM's tables of a world."""
    _Seeding(world, source).run()


@final
class _Seeding:
    def __init__(self, world: World, source: Source) -> None:
        self._world = world
        self._rows = source.rows
        self._source = source
        self._start = kept(world.now)

    def run(self) -> None:
        company = {"id": "company", "name": self._source.company, "currency": self._source.currency}
        self._world.table("crm_company").insert(company)
        self._put(USER, self._users())
        self._put(LOGIN, self._history(LOGIN, "logins"))
        self._put(ACCOUNT, self._accounts())
        self._put(CONTACT, self._contacts())
        self._put_campaigns()
        self._put(LEAD, (self._record(LEAD, row) for row in self._rows("leads")))
        stages = {row["id"]: self._record(STAGE, row) for row in self._rows("stages")}
        self._put(STAGE, stages.values())
        entries = self._stage_history()
        self._put(STAGE_HISTORY, entries)
        self._put(PLAY_ANSWER, self._history(PLAY_ANSWER, "play_answers"))
        deals = self._opportunities(stages, entries)
        quotes, orders = self._quotes_and_orders()
        self._sum_up(deals, quotes, orders)
        self._put(OPPORTUNITY, deals.values())
        self._put(QUOTE, quotes)
        self._put(ORDER, orders)
        self._put(ACTIVITY, (self._record(ACTIVITY, row) for row in self._rows("activities")))
        self._put(CASE, (self._record(CASE, row) for row in self._rows("cases")))
        self._put(FORECAST, self._forecasts(deals))

    # Writing

    def _put(self, resource: Resource, rows: Rows) -> None:
        highest = 0
        width = len(resource.prefix)

        def noted() -> Iterator[Row]:
            nonlocal highest
            for row in rows:
                number = row["id"][width:]
                if (
                    number.isascii()
                    and number.isdecimal()
                    and row["id"].startswith(resource.prefix)
                ):
                    highest = max(highest, int(number))
                yield row

        self._world.table(resource.table).insert_many(noted())
        if highest:
            self._world.reserve(resource.table, highest)
        if resource.versions:
            table = self._world.table(resource.table)
            self._world.table("crm_versions").insert_many(
                version_row(resource, row) for row in table.find()
            )

    def _record(self, resource: Resource, given: Row, **derived: Any) -> Row:
        """A record of a data set's row: fields that it knows, defaults for the rest."""
        at = kept(given["created_at"]) if given.get("created_at") else self._start
        fields = {
            field: default if given.get(field) is None else _wire(given[field])
            for field, default in resource.fields.items()
        }
        return {
            "id": given["id"],
            **fields,
            **derived,
            "version": 1,
            "created_at": at,
            "created_by": None,
            "updated_at": at,
            "updated_by": None,
        }

    def _history(self, resource: Resource, kind: str) -> Iterator[Row]:
        for number, row in enumerate(self._rows(kind), 1):
            given = {field: _wire(value) for field, value in row.items()}
            yield {"id": f"{resource.prefix}{number}", **given}

    # Kinds of record

    def _users(self) -> Iterator[Row]:
        for row in self._rows("users"):
            login = row["id"].removeprefix(USER.prefix)
            yield self._record(USER, row, login=login)

    def _accounts(self) -> Iterator[Row]:
        for row in self._rows("accounts"):
            yield self._record(
                ACCOUNT,
                row,
                address=address(row),
                currency=row["currency"] or self._source.currency,
                external_ids={ERP: row["customer_id"]} if row["customer_id"] else {},
            )

    def _contacts(self) -> Iterator[Row]:
        for row in self._rows("contacts"):
            yield self._record(CONTACT, row)

    def _put_campaigns(self) -> None:
        members = []
        for number, row in enumerate(self._rows("campaign_members"), 1):
            members.append(self._record(MEMBER, {**row, "id": f"{MEMBER.prefix}{number}"}))
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for each in members:
            counts[each["campaign_id"]][0] += 1
            counts[each["campaign_id"]][1] += each["responded_at"] is not None
        self._put(
            CAMPAIGN,
            (
                self._record(
                    CAMPAIGN,
                    row,
                    currency=row["currency"] or self._source.currency,
                    member_count=counts[row["id"]][0],
                    response_count=counts[row["id"]][1],
                )
                for row in self._rows("campaigns")
            ),
        )
        self._put(MEMBER, members)

    def _stage_history(self) -> list[Row]:
        entries = sorted(self._rows("stage_history"), key=lambda row: row["entered_at"])
        before: dict[str, str] = {}
        rows = []
        for number, entry in enumerate(entries, 1):
            deal = entry["opportunity_id"]
            rows.append(
                {
                    "id": f"{STAGE_HISTORY.prefix}{number}",
                    "opportunity_id": deal,
                    "from_stage_id": before.get(deal),
                    "stage_id": entry["stage_id"],
                    "entered_at": kept(entry["entered_at"]),
                    "user_id": entry["user_id"],
                    # What the deal looked like then, nobody wrote down.
                    "amount": None,
                    "probability": None,
                    "close_on": None,
                }
            )
            before[deal] = entry["stage_id"]
        return rows

    def _opportunities(self, stages: dict[str, Row], entries: list[Row]) -> dict[str, Row]:
        entered = {entry["opportunity_id"]: entry["entered_at"] for entry in entries}
        deals = {}
        for row in self._rows("opportunities"):
            stage = stages[row["stage_id"]]
            amount = amounts.text(row["amount"] or Decimal(0), row["currency"])
            deal = self._record(OPPORTUNITY, row, amount=amount)
            closed = kept(row["closed_at"]) if row["closed_at"] else None
            since = entered.get(row["id"]) or closed or deal["created_at"]
            deal.update(
                opportunities.standing(deal, stage),
                stage_entered_at=since,
                closed_at=None if stage["kind"] == "open" else closed or since,
                lead_id=None,
            )
            deals[row["id"]] = deal
        return deals

    def _quotes_and_orders(self) -> tuple[list[Row], list[Row]]:
        lines: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows("quote_lines"):
            given = {field: _wire(value) for field, value in row.items()}
            lines[row["quote_id"]].append({**given, "item_code": row["item_id"]})
        heads = list(self._rows("quotes"))
        erp_ids = {row["order_id"] for row in heads if row["status"] == "ordered"} - {None}
        known = fulfilments(self._rows, erp_ids)
        quotes: list[Row] = []
        orders: list[Row] = []
        for row in heads:
            quote = self._quote(row, lines[row["id"]])
            if row["status"] == "ordered":
                order_id = f"{ORDER.prefix}{ORDER.start + len(orders)}"
                quote["order_id"] = order_id
                orders.append(self._order(quote, order_id, known.get(row["order_id"])))
            quotes.append(quote)
        return quotes, orders

    def _quote(self, row: Row, given: list[Row]) -> Row:
        lines = complete(given, row["currency"])
        return self._record(QUOTE, row, lines=lines, **summed(lines, row["currency"]))

    def _order(self, quote: Row, order_id: str, erp: Fulfilment | None) -> Row:
        lines = [new_line(line, quote) for line in quote["lines"]]
        placed = quote["created_at"]
        order: Row = {
            "id": order_id,
            **{field: quote.get(field, default) for field, default in ORDER.fields.items()},
            "reference": quote["id"],
            "quote_id": quote["id"],
            "status": "submitted",
            "placed_at": placed,
            "lines": lines,
        }
        if erp is not None:
            order.update(
                status=erp.status,
                erp_system=ERP,
                erp_order_id=erp.order_id,
                placed_at=erp.placed_at,
                requested_on=erp.requested_on,
                promised_on=erp.promised_on,
                lines=[erp.follow(line, quote["currency"]) for line in lines],
                pricing_status="priced",
                priced_at=erp.placed_at,
                price_source=ERP,
            )
            order.update(summed(order["lines"], quote["currency"], self._source.rounding))
        stamp = {"version": 1, "created_by": None, "updated_by": None}
        at = {"created_at": order["placed_at"], "updated_at": order["placed_at"]}
        return {**order, **stamp, **at}

    def _sum_up(self, deals: dict[str, Row], quotes: list[Row], orders: list[Row]) -> None:
        hung: dict[str, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
        for position, rows in enumerate((quotes, orders)):
            for row in rows:
                deal = deals.get(row["opportunity_id"] or "")
                if deal and deal["currency"] == row["currency"] and row["status"] != "declined":
                    hung[deal["id"]][position].append(row)
        for deal in deals.values():
            deal.update(opportunities.sums(deal, *hung[deal["id"]]))

    def _forecasts(self, deals: dict[str, Row]) -> Iterator[Row]:
        lines: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows("forecast_lines"):
            deal = deals[row["opportunity_id"]]
            lines[row["forecast_id"]].append(
                {
                    "opportunity_id": deal["id"],
                    **{field: deal[field] for field in ("account_id", "name", "owner_id")},
                    "stage_id": row["stage_id"],
                    "category": row["category"],
                    **{field: row[field] for field in ("amount", "probability", "expected")},
                    "close_on": None,
                }
            )
        for row in self._rows("forecasts"):
            currency = row["currency"]
            for line in lines[row["id"]]:
                line["probability"] = _wire(line["probability"])
                for field in ("amount", "expected"):
                    line[field] = amounts.text(line[field], currency)
            yield {
                "id": row["id"],
                "period": row["period"],
                "owner_id": row["owner_id"],
                "include_team": False,
                "currency": currency,
                "basis": "close_date",
                "frozen_at": kept(row["frozen_at"]),
                "frozen_by": row["owner_id"],
                "note": None,
                "lines": lines[row["id"]],
                **sums(lines[row["id"]], currency),
                "left_out": [],
            }


def _wire(value: Any) -> Any:
    """A typed value of a data set as rows hold it."""
    if isinstance(value, datetime):
        return kept(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value

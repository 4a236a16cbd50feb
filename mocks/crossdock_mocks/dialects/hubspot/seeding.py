"""Filling a portal from a data set: the same companies, items and story accounts as everywhere.

Seeded records are the beginning, not changes: they have no history and are found at once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, final

from crossdock_mocks.dialects.hubspot import calculated, catalogue, oauth, pipelines
from crossdock_mocks.dialects.hubspot import seeded_shapes as shapes
from crossdock_mocks.dialects.hubspot.apps import PORTAL
from crossdock_mocks.dialects.hubspot.associations import links, types
from crossdock_mocks.dialects.hubspot.instants import stamp
from crossdock_mocks.dialects.hubspot.kinds import (
    COMPANY,
    CONTACT,
    DEAL,
    LINE_ITEM,
    ORDER,
    PRODUCT,
    QUOTE,
    QUOTE_TEMPLATE,
    STANDARD,
    TICKET,
    Kind,
)
from crossdock_mocks.dialects.hubspot.portal import Portal, Row
from crossdock_mocks.engine import World
from crossdock_mocks.frontoffice.lines import complete, summed
from crossdock_mocks.frontoffice.orders import new_line
from crossdock_mocks.frontoffice.seeding import ERP, Source
from crossdock_mocks.frontoffice.shipped import Fulfilment, fulfilments

_NUMBER: Final = re.compile(r"[A-Z]{1,3}-([0-9]{1,6})\Z")
_FREE: Final = 5_000_000
_STAGE: Final = {
    "partly_shipped": "Processed", "partly_invoiced": "Processed", "shipped": "Shipped",
    "invoiced": "Shipped", "cancelled": "Cancelled",
}  # fmt: skip


def seed(world: World, source: Source | None) -> None:
    """Fill a portal: what each one has, and what this company has put in it."""
    at = stamp(world.now)
    definitions, groups = catalogue.everything(at)
    world.table("hubspot_properties").insert_many(definitions)
    world.table("hubspot_groups").insert_many(groups)
    world.table("hubspot_association_types").insert_many(types.standard())
    stages = [] if source is None else list(source.rows("stages"))
    world.table("hubspot_pipelines").insert_many(pipelines.beginning(at, stages))
    currency = "EUR" if source is None else source.currency
    world.table("hubspot_settings").insert(
        {"id": "account", "portal": PORTAL, "currency": currency}
    )
    oauth.install(world)
    seeding = _Seeding(world, at)
    if source is not None:
        seeding.read(source)
    seeding.write()


@final
class _Seeding:
    def __init__(self, world: World, at: str) -> None:
        self._world = world
        self._at = at
        self._portal = Portal(world, "CRM_UI")
        self._rows: dict[tuple[str, str], Row] = {}
        self._ids: dict[str, str] = {}
        self._links: list[tuple[int, str, str]] = []
        self._highest: dict[str, int] = {}
        self._emails: set[str] = set()
        self._owners: dict[str, str] = {}
        template = {"hs_name": "Standard quote", "hs_active": "true"}
        self._template = self._add(QUOTE_TEMPLATE, "", template)

    def read(self, source: Source) -> None:
        """Take everything over from a data set."""
        self._put_owners(source)
        for row in source.rows("accounts"):
            self._company(row)
        for row in source.rows("accounts"):
            if row["parent_id"]:
                self._link(13, row["parent_id"], row["id"])
        for row in source.rows("contacts"):
            self._contact(row)
        for row in source.rows("items"):
            self._add(PRODUCT, "", shapes.product(row))
        won = {row["id"] for row in source.rows("stages") if row["kind"] != "open"}
        for row in source.rows("opportunities"):
            self._deal(row, won)
        self._quotes_and_orders(source)
        for row in source.rows("activities"):
            self._activity(row)
        for row in source.rows("cases"):
            self._ticket(row)

    def write(self) -> None:
        """Put down what was read, links first, so that what follows from them can be computed."""
        known = {row["id"]: row for row in self._world.table("hubspot_association_types").find()}
        self._world.table("hubspot_associations").insert_many(self._both_ways(known))
        kinds = {each.type_id: each for each in STANDARD}
        # Lines come first: amounts of quotes are those of their lines.
        ordered = sorted(self._rows.values(), key=lambda row: row["type"] != LINE_ITEM.type_id)
        records, unique = self._world.table("hubspot_records"), self._world.table("hubspot_unique")
        for row in ordered:
            calculated.complete(self._portal, kinds[row["type"]], row)
            records.insert(row)
            for name in ("email", "crossdock_erp_order"):
                value = row["properties"].get(name)
                definition = self._portal.definition(kinds[row["type"]], name)
                if value is not None and definition and definition["hasUniqueValue"]:
                    unique.insert(
                        {"type": row["type"], "property": name, "value": value.lower(),
                         "id": row["id"]}
                    )  # fmt: skip
        for type_id, highest in self._highest.items():
            self._world.reserve(f"hubspot_{type_id}", highest)

    def _both_ways(self, known: Mapping[int, Row]) -> Iterator[Row]:
        seen: set[tuple[int, str, str]] = set()
        for type_id, start, end in self._links:
            row = known[type_id]
            plain = links.default(
                self._portal, self._portal.kind(row["from_type"]), self._portal.kind(row["to_type"])
            )
            for each in (plain, row):
                for way, one, other in ((each, start, end), (known[each["inverse"]], end, start)):
                    if (way["id"], one, other) not in seen:
                        seen.add((way["id"], one, other))
                        yield links.seeded(way, one, other)

    # Writing down

    def _add(
        self, kind: Kind, key: str, properties: Mapping[str, Any], at: datetime | None = None
    ) -> str:
        found = _NUMBER.match(key)
        number = kind.base + (int(found[1]) if found else 0)
        if not found or (kind.type_id, str(number)) in self._rows:
            number = max(self._highest.get(kind.type_id, 0), kind.base + _FREE) + 1
        self._highest[kind.type_id] = max(self._highest.get(kind.type_id, 0), number)
        made = self._at if at is None else stamp(at)
        texts = {name: shapes.text(value) for name, value in properties.items()}
        self._rows[kind.type_id, str(number)] = {
            "type": kind.type_id, "id": str(number), "number": number, "archived": False,
            "createdAt": made, "updatedAt": made, "archivedAt": None, "before": [],
            "properties": {
                **{name: text for name, text in texts.items() if text},
                "hs_object_id": str(number), kind.created: made, kind.modified: made,
            },
        }  # fmt: skip
        if key:
            self._ids[key] = str(number)
        return str(number)

    def _link(self, type_id: int, start: str | None, end: str | None) -> None:
        """Link two records by the ids of the data set or by their own."""
        if start and end:
            one, other = self._ids.get(start, start), self._ids.get(end, end)
            if one.isdecimal() and other.isdecimal():
                self._links.append((type_id, one, other))

    def _owner(self, row: Row) -> str | None:
        return self._owners.get(row["owner_id"] or "")

    # Kinds of record

    def _put_owners(self, source: Source) -> None:
        teams: dict[str, str] = {}
        rows = []
        for number, row in enumerate(source.rows("users"), 50_001):
            team = row["team"]
            if team:
                teams.setdefault(team, str(80_001 + len(teams)))
            first, _, last = row["name"].partition(" ")
            self._owners[row["id"]] = str(number)
            user = number + 10_000
            rows.append(
                {
                    "id": str(number), "number": number, "type": "PERSON", "firstName": first,
                    "lastName": last, "email": (row["email"] or f"{row['id']}@invalid").lower(),
                    "userId": user, "userIdIncludingInactive": user, "createdAt": self._at,
                    "updatedAt": self._at, "archived": row["active"] is False,
                    "teams": [{"id": teams[team], "name": team, "primary": True}] if team else [],
                }
            )  # fmt: skip
        self._world.table("hubspot_owners").insert_many(rows)

    def _company(self, row: Row) -> None:
        properties = {**shapes.company(row), "hubspot_owner_id": self._owner(row)}
        self._add(COMPANY, row["id"], properties, row["created_at"])

    def _contact(self, row: Row) -> None:
        email = (row["email"] or "").lower()
        if email in self._emails:
            email = ""  # HubSpot would never have let two contacts share one
        self._emails.add(email)
        self._add(
            CONTACT, row["id"],
            {
                "firstname": row["first_name"], "lastname": row["last_name"], "email": email,
                "phone": row["phone"], "jobtitle": row["job_title"], "lifecyclestage": "lead",
            },
        )  # fmt: skip
        self._link(1, row["id"], row["account_id"])

    def _deal(self, row: Row, closed: set[str]) -> None:
        ended = row["closed_at"] if row["stage_id"] in closed else None
        close = ended or row["close_on"]
        self._add(
            DEAL, row["id"],
            {
                "dealname": row["name"], "amount": row["amount"], "pipeline": pipelines.SALES,
                "deal_currency_code": row["currency"], "dealstage": row["stage_id"],
                "closedate": close and stamp(shapes.instant(close)),
                "hubspot_owner_id": self._owner(row),
                "crossdock_contract_starts_on": row["contract_starts_on"],
            },
            row["created_at"],
        )  # fmt: skip
        self._link(5, row["id"], row["account_id"])

    def _quotes_and_orders(self, source: Source) -> None:
        lines: dict[str, list[Row]] = defaultdict(list)
        for row in source.rows("quote_lines"):
            given = {field: shapes.text(value) for field, value in row.items()}
            lines[row["quote_id"]].append(
                {**given, "line": row["line"], "item_code": row["item_id"]}
            )
        heads = list(source.rows("quotes"))
        wanted = {row["order_id"] for row in heads if row["status"] == "ordered"} - {None}
        known = fulfilments(source.rows, wanted)
        for count, row in enumerate(heads):
            rows = complete(lines[row["id"]], row["currency"])
            quote_id = self._quote(row, rows)
            if row["status"] != "draft":
                self._link(286, quote_id, self._template)
            if row["status"] == "ordered":
                order = {**row, "lines": rows}
                self._order(
                    f"R-{1001 + count}", quote_id, order, known.get(row["order_id"]), source
                )

    def _quote(self, row: Row, lines: list[Row]) -> str:
        status = "accepted" if row["status"] == "ordered" else row["status"]
        created = row["created_at"] or self._world.now
        until = row["valid_until"] or date(created.year, 12, 31)
        quote_id = self._add(
            QUOTE, row["id"],
            {
                "hs_title": f"Quote {row['id']}", "hs_expiration_date": until,
                "hs_status": "DRAFT" if status == "draft" else "APPROVAL_NOT_NEEDED",
                "hs_currency": row["currency"], "hs_language": "en", "crossdock_status": status,
                "hs_sign_status": "MANUAL_SIGNED" if status == "accepted" else None,
                "hubspot_owner_id": self._owner(row),
            },
            row["created_at"],
        )  # fmt: skip
        self._link(71, quote_id, row["account_id"])
        self._link(69, quote_id, row["contact_id"])
        self._link(64, quote_id, row["opportunity_id"])
        for line in lines:
            self._line(67, quote_id, line, row)
        return quote_id

    def _line(self, type_id: int, head_id: str, line: Row, head: Row) -> None:
        properties = shapes.line_item(line, head["currency"])
        line_id = self._add(LINE_ITEM, "", properties, head["created_at"])
        self._link(type_id, head_id, line_id)

    def _order(
        self, key: str, quote_id: str, quote: Row, erp: Fulfilment | None, source: Source
    ) -> None:
        currency = quote["currency"]
        placed = quote["created_at"]
        lines = [new_line(line, {**quote, "id": quote_id}) for line in quote["lines"]]
        rounding = "line"
        if erp is not None:
            placed = datetime.fromisoformat(erp.placed_at)
            lines = [erp.follow(line, currency) for line in lines]
            rounding = source.rounding
        sums = summed(lines, currency, rounding)
        status = "submitted" if erp is None else erp.status
        order_id = self._add(
            ORDER, key,
            {
                "hs_order_name": f"Order {key}", "hs_currency_code": currency,
                "hs_external_order_id": erp and erp.order_id,
                "hs_external_order_status": status.replace("_", " ").capitalize(),
                "hs_fulfillment_status": status, "hs_pipeline": pipelines.ORDERS,
                "hs_pipeline_stage": pipelines.ORDER_STAGES[_STAGE.get(status, "Open")],
                "hs_subtotal_price": sums["net_total"], "hs_tax": sums["tax_total"],
                "hs_total_price": sums["gross_total"], "hubspot_owner_id": self._owner(quote),
                "crossdock_erp_order": erp and f"{ERP}:{erp.order_id}", "crossdock_status": status,
                "crossdock_quote": quote_id, "crossdock_reference": f"Quote {quote['id']}",
                "crossdock_requested_on": erp and erp.requested_on,
                "crossdock_promised_on": erp and erp.promised_on,
            },
            placed,
        )  # fmt: skip
        self._rows[QUOTE.type_id, quote_id]["properties"]["crossdock_order"] = (
            f"{quote_id}/{order_id}"
        )
        self._link(509, order_id, quote["account_id"])
        self._link(507, order_id, quote["contact_id"])
        self._link(512, order_id, quote["opportunity_id"])
        self._link(730, order_id, quote_id)
        for line in lines:
            self._line(513, order_id, line, {**quote, "created_at": placed})

    def _activity(self, row: Row) -> None:
        kind, own, types_ = shapes.activity(row, self._world.now)
        owned = {**own, "hubspot_owner_id": self._owner(row)}
        activity_id = self._add(kind, row["id"], owned, row["created_at"])
        ends = ("account_id", "contact_id", "opportunity_id")
        for type_id, field in zip(types_, ends, strict=True):
            self._link(type_id, activity_id, row[field])

    def _ticket(self, row: Row) -> None:
        owned = {**shapes.ticket(row), "hubspot_owner_id": self._owner(row)}
        ticket_id = self._add(TICKET, row["id"], owned, row["created_at"])
        self._link(26, ticket_id, row["account_id"])
        self._link(16, ticket_id, row["contact_id"])

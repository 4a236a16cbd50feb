"""Opportunities with their history, play answers, quotes, activities and frozen forecasts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from attrs import define, field

from crossdock_mocks.datasets.amounts import to_penny
from crossdock_mocks.datasets.columns import Value
from crossdock_mocks.datasets.generator.catalogue import Catalogue
from crossdock_mocks.datasets.generator.customers import Party
from crossdock_mocks.datasets.generator.documents import Order
from crossdock_mocks.datasets.generator.people import SELLERS, Row, instant

__all__ = ["STAGES", "Pipeline", "build_pipeline"]

_STAGES = (
    ("prospecting", "Prospecting", "open", "0.02", "pipeline"),
    ("initiate", "Initiate", "open", "0.10", "pipeline"),
    ("discover", "Discover", "open", "0.20", "pipeline"),
    ("prove", "Prove", "open", "0.50", "best_case"),
    ("propose", "Propose", "open", "0.70", "best_case"),
    ("negotiate", "Negotiate", "open", "0.90", "commit"),
    ("won", "Won", "won", "1.00", "closed"),
    ("lost", "Lost", "lost", "0.00", "omitted"),
)
STAGES: tuple[Row, ...] = tuple(
    {
        "id": id_,
        "name": name,
        "position": position + 1,
        "kind": kind,
        "probability": Decimal(probability),
        "forecast_category": category,
    }
    for position, (id_, name, kind, probability, category) in enumerate(_STAGES)
)
_BY_ID = {str(stage["id"]): stage for stage in STAGES}
_OPEN = tuple(str(stage["id"]) for stage in STAGES if stage["kind"] == "open")

_PLAYS = {
    "prospecting": ("metres of conveyor", ("40", "60", "100", "120", "250", "400")),
    "initiate": ("budget known", ("yes", "yes", "yes", "no")),
    "discover": ("decision maker met", ("yes", "yes", "no")),
    "prove": ("trial successful", ("yes", "yes", "partly", "no")),
    "propose": ("competitors", ("none", "one", "several")),
}
_SUBJECTS = {
    "call": ("Follow-up on the quote", "Delivery date of the last order", "Yearly needs"),
    "email": ("Quote sent", "Data sheets sent", "Answer to a complaint"),
    "meeting": ("Visit at the plant", "Yearly review", "Demonstration"),
    "task": ("Check the stock of the customer", "Prepare a quote", "Call back"),
    "note": ("Maintenance shutdown is planned", "New head of purchasing", "Compares prices"),
}
_PROJECTS = (
    "Bearings for the new line",
    "Yearly contract for seals",
    "Conveyor drives",
    "Hydraulic overhaul",
    "Lubrication concept",
    "Spare parts stock",
    "Tools for the workshop",
)


@define(eq=False, kw_only=True)
class _Deal:
    id: str
    party: Party
    owner: str
    amount: Decimal
    entered: list[tuple[str, date]]
    close_on: date
    order: Order | None = None

    @property
    def stage(self) -> str:
        return self.entered[-1][0]

    @property
    def created(self) -> date:
        return self.entered[0][1]

    def stage_on(self, day: date) -> str | None:
        reached = [stage for stage, since in self.entered if since < day]
        return reached[-1] if reached else None


@define
class Pipeline:
    """The rows of the CRM's selling side."""

    tables: dict[str, list[Row]] = field(factory=dict)

    def add(self, kind: str, /, **row: Value) -> None:
        """One more row of a kind."""
        self.tables.setdefault(kind, []).append(row)

    def count(self, kind: str) -> int:
        """The number of rows of a kind."""
        return len(self.tables.get(kind, ()))


def build_pipeline(
    rng: Random,
    parties: list[Party],
    owners: dict[str, str],
    people: dict[str, list[Row]],
    orders: list[Order],
    catalogue: Catalogue,
) -> Pipeline:
    """Deals won (with the quote and order that came of them), lost and open."""
    as_of = catalogue.as_of
    pipeline = Pipeline(tables={"stages": list(STAGES)})
    by_customer: dict[str, list[Order]] = {}
    for order in orders:
        if order.status != "cancelled" and order.ordered_on > as_of - timedelta(days=700):
            by_customer.setdefault(order.customer.id, []).append(order)
    deals: list[_Deal] = []
    for party in parties:
        if party.kind == "former":
            continue
        known = by_customer.get(party.customer.id, []) if party.customer else []
        chosen = rng.sample(known, min(len(known), rng.choice((1, 2, 3))))
        deals += [_won(rng, party, owners[party.id], order) for order in chosen]
        outcomes = rng.choices(("lost", "open", "open"), k=rng.choice((1, 2, 3)))
        deals += [_unwon(rng, party, owners[party.id], outcome, as_of) for outcome in outcomes]
    deals.sort(key=lambda deal: (deal.created, deal.party.id))
    for number, deal in enumerate(deals):
        deal.id = f"O-{1001 + number}"
        _write_deal(rng, pipeline, deal, as_of)
    _write_quotes(rng, pipeline, deals, people, catalogue)
    _write_activities(rng, pipeline, parties, owners, people, deals, as_of)
    _write_forecasts(pipeline, deals, as_of)
    return pipeline


def _won(rng: Random, party: Party, owner: str, order: Order) -> _Deal:
    created = order.ordered_on - timedelta(days=rng.randint(24, 110))
    return _Deal(
        id="",
        party=party,
        owner=owner,
        amount=order.net,
        entered=_path(rng, created, order.ordered_on, len(_OPEN), "won"),
        close_on=order.ordered_on,
        order=order,
    )


def _unwon(rng: Random, party: Party, owner: str, outcome: str, as_of: date) -> _Deal:
    amount = Decimal(rng.randint(8, 260) * 100)
    reached = rng.randint(1, len(_OPEN))
    if outcome == "lost":
        closed = as_of - timedelta(days=rng.randint(5, 600))
        created = closed - timedelta(days=rng.randint(20, 120))
        entered = _path(rng, created, closed, min(reached, 5), "lost")
        return _Deal(
            id="", party=party, owner=owner, amount=amount, entered=entered, close_on=closed
        )
    latest = as_of - timedelta(days=rng.randint(1, 70))
    created = latest - timedelta(days=rng.randint(5, 25) * reached)
    entered = _path(rng, created, latest, reached, None)
    close_on = as_of + timedelta(days=rng.randint(-20, 120))
    return _Deal(id="", party=party, owner=owner, amount=amount, entered=entered, close_on=close_on)


def _path(
    rng: Random, created: date, closed: date, stages: int, end: str | None
) -> list[tuple[str, date]]:
    """Entered stages from the first on, in days that never go back."""
    days = sorted(
        created + timedelta(days=rng.randint(0, max(0, (closed - created).days)))
        for _ in range(stages - 1)
    )
    path = [(_OPEN[0], created)]
    path += list(zip(_OPEN[1:stages], days, strict=True))
    if end is not None:
        path.append((end, closed))
    return path


def _write_deal(rng: Random, pipeline: Pipeline, deal: _Deal, as_of: date) -> None:
    moments = sorted(instant(day, rng) for _, day in deal.entered)
    closed = _BY_ID[deal.stage]["kind"] != "open"
    pipeline.add(
        "opportunities",
        id=deal.id,
        account_id=deal.party.id,
        name=rng.choice(_PROJECTS),
        owner_id=deal.owner,
        stage_id=deal.stage,
        amount=deal.amount,
        currency="EUR",
        close_on=deal.close_on,
        contract_starts_on=deal.close_on + timedelta(days=30) if rng.random() < 0.1 else None,
        campaign_id=_campaign(rng, deal, as_of),
        created_at=moments[0],
        closed_at=moments[-1] if closed else None,
    )
    for (stage, _), moment in zip(deal.entered, moments, strict=True):
        pipeline.add(
            "stage_history",
            opportunity_id=deal.id,
            stage_id=stage,
            entered_at=moment,
            user_id=deal.owner,
        )
        if stage in _PLAYS and rng.random() < 0.75:
            play, answers = _PLAYS[stage]
            usual = answers[:-1] if deal.stage == "won" else answers
            pipeline.add(
                "play_answers",
                opportunity_id=deal.id,
                stage_id=stage,
                play=play,
                answer=rng.choice(usual),
                answered_at=moment + timedelta(minutes=rng.randint(1, 240)),
                user_id=deal.owner,
            )


def _campaign(rng: Random, deal: _Deal, as_of: date) -> str | None:
    """A campaign that ran when the deal began, for some."""
    starts = ((410, "CA-1001"), (300, "CA-1002"), (190, "CA-1003"), (120, "CA-1004"))
    for back, campaign in starts:
        if 0 <= (deal.created - (as_of - timedelta(days=back))).days <= 70:
            return campaign if rng.random() < 0.3 else None
    return None


def _write_quotes(
    rng: Random,
    pipeline: Pipeline,
    deals: list[_Deal],
    people: dict[str, list[Row]],
    catalogue: Catalogue,
) -> None:
    number = 1000
    for deal in deals:
        reached = {stage for stage, _ in deal.entered}
        if "propose" not in reached:
            continue
        number += 1
        quote = f"Q-{number}"
        offered = next(day for stage, day in deal.entered if stage == "propose")
        status = {"won": "ordered", "lost": "declined"}.get(
            deal.stage, rng.choice(("sent", "sent", "draft"))
        )
        pipeline.add(
            "quotes",
            id=quote,
            account_id=deal.party.id,
            opportunity_id=deal.id,
            contact_id=people[deal.party.id][0]["id"],
            status=status,
            currency="EUR",
            valid_until=offered + timedelta(days=45),
            created_at=instant(offered, rng),
            owner_id=deal.owner,
            order_id=deal.order.id if deal.order else None,
        )
        if deal.order is not None:
            deal.order.quote_id = quote
            lines = [
                (line.item, line.quantity, line.unit_price, line.discount)
                for line in deal.order.lines
            ]
        else:
            goods = rng.sample(catalogue.goods, rng.randint(1, 4))
            lines = []
            for item in goods:
                share = deal.amount / len(goods) / max(item.list_price, Decimal("0.01"))
                quantity = Decimal(max(1, int(share)))
                lines.append((item, quantity, item.list_price, Decimal(0)))
        for line, (item, quantity, price, discount) in enumerate(lines, 1):
            pipeline.add(
                "quote_lines",
                quote_id=quote,
                line=line,
                item_id=item.id,
                description=item.name,
                quantity=quantity,
                unit_price=price,
                discount_percent=discount,
            )


def _write_activities(
    rng: Random,
    pipeline: Pipeline,
    parties: list[Party],
    owners: dict[str, str],
    people: dict[str, list[Row]],
    deals: list[_Deal],
    as_of: date,
) -> None:
    rows: list[tuple[datetime, dict[str, Value]]] = []
    deals_of: dict[str, list[_Deal]] = {}
    for deal in deals:
        deals_of.setdefault(deal.party.id, []).append(deal)
    for party in parties:
        for _ in range(rng.randint(3, 28)):
            kind = rng.choices(tuple(_SUBJECTS), (34, 30, 10, 18, 8))[0]
            created = instant(as_of - timedelta(days=int(rng.expovariate(1 / 160)) + 1), rng)
            due = created + timedelta(days=rng.randint(0, 12)) if kind != "note" else None
            done = kind == "note" or rng.random() < (0.9 if owners[party.id] != "U-jon" else 0.6)
            past = due is None or due.date() <= as_of
            chosen = rng.choice(deals_of[party.id]) if party.id in deals_of else None
            related = chosen is not None and rng.random() < 0.6
            row: dict[str, Value] = {
                "account_id": party.id,
                "contact_id": rng.choice(people[party.id])["id"],
                "opportunity_id": chosen.id if related and chosen else None,
                "kind": kind,
                "subject": rng.choice(_SUBJECTS[kind]),
                "owner_id": owners[party.id],
                "due_at": due,
                "completed_at": (due or created) if done and past else None,
                "created_at": created,
            }
            rows.append((created, row))
    rows.sort(key=lambda one: (one[0], str(one[1]["account_id"])))
    for number, (_, row) in enumerate(rows):
        pipeline.add("activities", id=f"T-{1001 + number}", **row)


def _write_forecasts(pipeline: Pipeline, deals: list[_Deal], as_of: date) -> None:
    """Each seller's forecast of a month, frozen on its first day, for the last six months."""
    month = as_of.replace(day=1)
    months = []
    for _ in range(6):
        months.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    for first in reversed(months):
        period = f"{first:%Y-%m}"
        for seller in SELLERS:
            forecast = f"F-{period}-{seller[2:]}"
            frozen = datetime.fromisoformat(f"{first.isoformat()}T05:00:00+00:00")
            lines = []
            for deal in deals:
                stage = deal.stage_on(first)
                if deal.owner != seller or stage is None or stage in ("won", "lost"):
                    continue
                if f"{deal.close_on:%Y-%m}" == period:
                    lines.append((deal, _BY_ID[stage]))
            pipeline.add(
                "forecasts",
                id=forecast,
                period=period,
                owner_id=seller,
                frozen_at=frozen,
                currency="EUR",
            )
            for deal, facts in lines:
                probability = facts["probability"]
                if isinstance(probability, Decimal):
                    pipeline.add(
                        "forecast_lines",
                        forecast_id=forecast,
                        opportunity_id=deal.id,
                        stage_id=facts["id"],
                        category=facts["forecast_category"],
                        amount=deal.amount,
                        probability=probability,
                        expected=to_penny(deal.amount * probability),
                    )

"""A believable trading company, the same for the same seed, of any size."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from crossdock_mocks.datasets.dataset import DataSet
from crossdock_mocks.datasets.generator.catalogue import TAX_CODES, Catalogue, build_items
from crossdock_mocks.datasets.generator.customers import OEM_LIST, PARTS, build_parties, price_rules
from crossdock_mocks.datasets.generator.ledger import number_orders, rows_of_trade
from crossdock_mocks.datasets.generator.names import Namer
from crossdock_mocks.datasets.generator.people import (
    Row,
    accounts,
    campaigns_and_leads,
    contacts,
    users,
)
from crossdock_mocks.datasets.generator.pipeline import build_pipeline
from crossdock_mocks.datasets.generator.rates import exchange_rates
from crossdock_mocks.datasets.generator.receivables import (
    exposure,
    play_payments,
    set_credit_limits,
)
from crossdock_mocks.datasets.generator.service import build_cases
from crossdock_mocks.datasets.generator.story import build_story, story_items
from crossdock_mocks.datasets.generator.trade import play_trade
from crossdock_mocks.datasets.generator.warehouse import build_stock
from crossdock_mocks.datasets.header import Header, Rule

__all__ = ["DEFAULT_AS_OF", "generate"]

DEFAULT_AS_OF = date(2026, 11, 20)

_ACCOUNTS = 60
_GOODS = 120
_LEADS = 40


def generate(
    *, seed: int = 1, scale: float = 1.0, years: int = 3, as_of: date = DEFAULT_AS_OF
) -> DataSet:
    """A data set of an invented company that sells industrial supplies from Linz.

    Args:
        seed: the same seed (with the same other arguments) gives the same data set.
        scale: 1.0 is about 60 accounts, 120 items and a few thousand invoice lines.
        years: of history before the as-of day.
        as_of: the day on which the data stand.

    Raises:
        ValueError: scale is not above 0, or years not 1 to 20.
    """
    if scale <= 0 or not 1 <= years <= 20:
        msg = "scale must be above 0, years 1 to 20"
        raise ValueError(msg)

    def rng(topic: str) -> Random:
        return Random(f"{seed}/{topic}")  # noqa: S311  sample data, no secret

    first_day = as_of - timedelta(days=round(365.25 * years))
    items = build_items(rng("items"), max(30, round(_GOODS * scale)))
    catalogue = Catalogue({item.id: item for item in items}, [], as_of)
    namer = Namer(rng("names"))
    wanted = max(len(PARTS) + 2, round(_ACCOUNTS * scale))
    parties = build_parties(rng("parties"), namer, catalogue, wanted)
    customers = [party.customer for party in parties if party.customer]
    catalogue.prices = price_rules(rng("prices"), customers, catalogue)

    trade = play_trade(rng("trade"), customers, catalogue, first_day)
    number_orders(trade)
    books = play_payments(rng("payments"), customers, trade, as_of)
    left = set_credit_limits(rng("limits"), customers, exposure(customers, trade, books))

    account_rows, owners = accounts(rng("accounts"), parties, first_day, as_of)
    people = contacts(rng("contacts"), namer, parties)
    leads = max(6, round(_LEADS * scale))
    marketing = campaigns_and_leads(rng("marketing"), namer, parties, people, as_of, leads)
    pipeline = build_pipeline(rng("pipeline"), parties, owners, people, trade.orders, catalogue)
    story = build_story(pipeline, people, parties[0], parties[1], left, as_of)
    plentiful = {item.id for one in customers[:2] for item in story_items(one)}

    tables: dict[str, list[Row]] = {
        "tax_codes": list(TAX_CODES),
        "exchange_rates": exchange_rates(rng("rates"), as_of),
        "items": [item.row() for item in items],
        "customers": [customer.row() for customer in customers],
        "price_lists": [{"id": OEM_LIST, "name": "Machine builders", "currency": "EUR"}],
        "prices": [price.row() for price in catalogue.prices],
        **build_stock(rng("stock"), catalogue, trade.orders, plentiful),
        **rows_of_trade(trade, books),
        **users(rng("users"), as_of),
        "accounts": account_rows,
        "contacts": [row for party in parties for row in people[party.id]],
        **marketing,
        **pipeline.tables,
        "cases": build_cases(rng("cases"), parties, people, as_of),
    }
    header = Header(
        name=f"Generated trading company, seed {seed}, scale {scale:g}",
        company="Havelbrück Industriebedarf GmbH",
        currency="EUR",
        country="AT",
        as_of=as_of,
        source="crossdock data generate: invented; any likeness to a real company is chance",
        rules=_RULES,
        story=story,
    )
    return DataSet.of(header, tables)


_RULES = (
    Rule(
        id="invented",
        applies_to="everything",
        text="All companies, people and documents are generated.",
    ),
    Rule(
        id="tax-by-item",
        applies_to="invoice_lines.tax_code",
        text="Every customer is taxed by the item's tax code, wherever the customer is.",
    ),
    Rule(
        id="limits-by-exposure",
        applies_to="customers.credit_limit",
        text="Credit limits are set from the exposure on the as-of day, so that each situation"
        " (plenty left, little left, over the limit, unlimited) is there.",
    ),
)

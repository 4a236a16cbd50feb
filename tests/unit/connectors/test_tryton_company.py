"""A data set's company in an empty Tryton: what is entered, and that it is done once."""

from __future__ import annotations

import itertools
import json
import sqlite3
import subprocess
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from crossdock.connectors.tryton.session import Session, TrytonRefused
from crossdock.connectors.tryton.wire import decoded, encoded
from crossdock.demo.tryton import packages, preparing, server

D = Decimal
TODAY = date(2026, 11, 20)
ITEM = {
    "unit": "each", "product_line": "Bearings", "list_price": D("6.36"), "cost": D("3.69"),
    "kind": "goods", "tax_code": "STD", "lead_time_days": 21, "active": True, "description": "x",
}  # fmt: skip
CUSTOMER = {
    "email": None, "phone": None, "street": "Kai 1", "city": "Linz", "postcode": "4020",
    "country": "AT", "currency": "EUR", "terms_days": 30, "credit_limit": D(500),
    "on_hold": False, "price_list_id": None, "price_level": None,
}  # fmt: skip
PRICE = {
    "price_list_id": None, "customer_id": None, "price_level": None, "item_id": "B-1",
    "min_quantity": None, "price": None, "discount_percent": None,
    "valid_from": None, "valid_to": None, "promotion": False,
}  # fmt: skip
ROWS: dict[str, list[dict[str, Any]]] = {
    "tax_codes": [{"id": "STD", "name": "Standard", "rate": D("0.20")}],
    "exchange_rates": [
        {"currency": "EUR", "rate": D(1), "valid_from": TODAY},
        {"currency": "USD", "rate": D("0.80"), "valid_from": TODAY},
    ],
    "items": [
        {**ITEM, "id": "B-1", "name": "Bearing"},
        {**ITEM, "id": "H-1", "name": "Fitting", "kind": "service", "unit": "hour",
         "product_line": "Service", "cost": None, "lead_time_days": None, "active": False},
    ],
    "customers": [
        {**CUSTOMER, "id": "C-1", "name": "Held", "on_hold": True, "price_list_id": "PL",
         "price_level": "A", "email": "a@held.example", "phone": "+43 1"},
        {**CUSTOMER, "id": "C-2", "name": "Level A", "price_level": "A", "terms_days": 60},
        {**CUSTOMER, "id": "C-3", "name": "Level A too", "price_level": "A", "currency": "USD"},
        {**CUSTOMER, "id": "C-4", "name": "List prices", "country": None},
    ],
    "prices": [
        {**PRICE, "customer_id": "C-1", "price": D("4.45")},
        {**PRICE, "customer_id": "C-1", "price": D("4.00"), "min_quantity": D(10)},
        {**PRICE, "price_list_id": "PL", "discount_percent": D(10)},
        {**PRICE, "price_level": "A", "price": D(6), "discount_percent": D(5)},
        {**PRICE, "price_level": "A", "price": D(1), "promotion": True},
        {**PRICE, "price_level": "A", "price": D(2), "valid_from": date(2027, 1, 1)},
        {**PRICE, "price_level": "A", "price": D(3), "valid_to": date(2025, 1, 1)},
    ],
    "stock": [
        {"item_id": "B-1", "location": "LINZ", "on_hand": D(3)},
        {"item_id": "B-1", "location": "GRAZ", "on_hand": D(4)},
        {"item_id": "H-1", "location": "LINZ", "on_hand": D(0)},
    ],
    "price_lists": [{"id": "PL", "name": "Trade"}],
    "receipts": [{"item_id": "B-1", "due_date": date(2026, 12, 6), "quantity": D(107)}],
}  # fmt: skip


class Company:
    company = "Hafen & Sohn"
    currency = "EUR"
    rounding = "line"
    as_of = TODAY

    def __init__(self, **changed: list[dict[str, Any]]) -> None:
        self._rows = {**ROWS, **changed}

    def rows(self, kind: str) -> Any:
        return iter(self._rows[kind])


class Tryton:
    """Answers as Tryton does where somebody enters records, and keeps what was entered."""

    def __init__(self) -> None:
        self.made: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.called: list[str] = []
        self._numbers = itertools.count(100)
        self._products: dict[str, int] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content, parse_float=Decimal)
        method = asked["method"]
        self.called.append(method)
        answer = self._answer(method, decoded(asked["params"]))
        return httpx.Response(200, json={"result": encoded(answer)})

    def _answer(self, method: str, params: list[Any]) -> Any:
        if method == "common.db.login":
            return [1, "key"]
        if method.endswith("get_preferences"):
            return {"company": 1}
        if method == "wizard.account.create_chart.create":
            return [7, "start", "end"]
        if method.startswith("wizard."):
            return {}
        model, _, verb = method.removeprefix("model.").rpartition(".")
        if verb == "create":
            return [self._create(model, each) for each in params[0]]
        if (verb, model) == ("search_read", "product.product"):
            return [
                {"id": number, "code": code, "default_uom": 5}
                for code, number in self._products.items()
            ]
        if verb == "search_read":
            return [{"id": 1}]
        return 42  # the id of a record that a module brings

    def _create(self, model: str, values: dict[str, Any]) -> int:
        number = next(self._numbers)
        self.made[model].append({**values, "id": number})
        if model == "product.template":
            self._products[values["products"][0][1][0]["suffix_code"]] = number
        return number


@pytest.fixture
def tryton(monkeypatch, tmp_path) -> Tryton:
    """A Tryton that answers without one; its commands succeed, its server listens at once."""
    answering = Tryton()

    class Server:
        def __init__(self, environment, folder, empty) -> None:
            assert empty.is_file()
            self.url = "http://tryton.test"
            self._file = folder / f"{preparing.DATABASE}.sqlite"

        def __enter__(self) -> Server:
            sqlite3.connect(self._file).close()
            return self

        def __exit__(self, *_: object) -> None:
            self._file.touch()

    def session(*who: str) -> Session:
        return Session(*who, transport=httpx.MockTransport(answering))

    monkeypatch.setattr(preparing, "TrytonServer", Server)
    monkeypatch.setattr(preparing, "Session", session)
    monkeypatch.setattr(
        preparing.subprocess,
        "run",
        lambda command, **_: subprocess.CompletedProcess(command, 0, "", ""),
    )
    return answering


@pytest.fixture
def environment(tmp_path) -> packages.Environment:
    return packages.Environment(folder=tmp_path / "env", key="k", cache=tmp_path / "cache")


def test_a_company_is_entered_once_for_each_data_set(tryton, environment):
    told: list[str] = []
    kept = preparing.prepared(environment, Company(), told.append, today=TODAY)
    assert kept.is_file()
    assert len(told) == 2  # an empty Tryton, and the company in it

    assert preparing.prepared(environment, Company(), told.append, today=TODAY) == kept
    assert len(told) == 2
    other = preparing.prepared(
        environment, Company(stock=[], receipts=[]), told.append, today=TODAY
    )
    assert other != kept
    assert len(told) == 3
    assert len(tryton.made["stock.inventory"]) == len(tryton.made["stock.move"]) == 1


def test_what_the_data_set_says_is_what_tryton_is_told(tryton, environment):
    preparing.prepared(environment, Company(), lambda _: None, today=TODAY)
    made = tryton.made

    euro, dollar = made["currency.currency"]
    assert euro["rates"] == [["create", [{"date": date(2000, 1, 1), "rate": D(1)}]]]
    assert dollar["rates"] == [["create", [{"date": TODAY, "rate": D("1.250000")}]]]
    assert [each["name"] for each in made["account.fiscalyear"]] == [
        str(year) for year in range(2023, 2028)
    ]
    assert [each["login"] for each in made["res.user"]] == ["crossdock", "office"]
    assert [each["name"] for each in made["account.invoice.payment_term"]] == [
        "30 days",
        "60 days",
    ]

    bearing, fitting = made["product.template"]
    assert (bearing["type"], fitting["type"]) == ("goods", "service")
    assert (bearing["lead_time"], fitting["lead_time"]) == (timedelta(days=21), None)
    assert fitting["products"][0][1][0]["cost_price"] == D(0)
    assert fitting["active"] is False

    held, plain, dollars, listed = made["party.party"][1:]  # the first is the company's own
    assert held["credit_limit_amount"] == D(0)
    assert [each["value"] for each in held["contact_mechanisms"][0][1]] == [
        "a@held.example",
        "+43 1",
    ]
    assert plain["credit_limit_amount"] == D(500)
    assert dollars["customer_currency"] == dollar["id"]
    assert listed["addresses"][0][1][0]["country"] is None

    assert listed["sale_price_list"] is None
    assert plain["sale_price_list"] == dollars["sale_price_list"]
    own, level = made["product.price_list"]
    assert [(line.get("quantity"), line["formula"]) for line in own["lines"][0][1]] == [
        (10.0, "4.00"),  # its contract, the larger quantity first
        (0.0, "4.45"),
        (0.0, "unit_price * (100 - 10) / 100"),  # its price list
        (0.0, "6 * (100 - 5) / 100"),  # its level
        (None, "unit_price"),
    ]
    assert level["name"] == "A"

    (counted,) = made["stock.inventory"][0]["lines"][0][1]
    assert counted["quantity"] == 7.0
    assert made["stock.move"][0]["planned_date"] == date(2026, 12, 6)


def test_a_tryton_that_cannot_be_prepared_says_why_and_nothing_is_kept(
    tryton, environment, monkeypatch
):
    monkeypatch.setattr(
        preparing.subprocess,
        "run",
        lambda command, **_: subprocess.CompletedProcess(command, 1, "", "no such module"),
    )
    with pytest.raises(packages.TrytonMissing, match="no such module"):
        preparing.prepared(environment, Company(), lambda _: None, today=TODAY)
    assert not list(environment.cache.glob("*.sqlite"))


@pytest.mark.parametrize("found", [[], [{"id": 1}, {"id": 2}]])
def test_a_record_that_must_be_one_is_refused_when_it_is_not(found):
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"result": found}))
    with (
        Session("http://tryton.test", "d", "u", "p", transport=transport) as session,
        pytest.raises(TrytonRefused, match=f"{len(found)} fit"),
    ):
        session.only("account.journal", [["type", "=", "cash"]])


def test_a_server_that_does_not_come_up_is_stopped_with_its_last_words(
    tmp_path, environment, monkeypatch
):
    database = tmp_path / "prepared.sqlite"
    database.touch()
    (tmp_path / "crossdock.sqlite-wal").touch()
    program = tmp_path / "trytond"
    program.write_text("#!/bin/sh\necho cannot import proteus >&2\nexit 1\n")
    program.chmod(0o700)
    here = SimpleNamespace(program=lambda name: str(program))
    failing = server.TrytonServer(here, tmp_path, database)  # type: ignore[arg-type]
    assert not (tmp_path / "crossdock.sqlite-wal").exists()
    with pytest.raises(server.TrytonFailed, match="cannot import proteus"):
        failing.start()
    assert not failing.running()


def test_a_server_can_be_ended_at_once(tmp_path, monkeypatch):
    database = tmp_path / "prepared.sqlite"
    database.touch()
    program = tmp_path / "trytond"
    program.write_text("#!/bin/sh\ntrap '' TERM\nexec sleep 60\n")
    program.chmod(0o700)
    here = SimpleNamespace(program=lambda name: str(program))
    started = server.TrytonServer(here, tmp_path, database)  # type: ignore[arg-type]
    monkeypatch.setattr(server.TrytonServer, "_listens", lambda self: True)
    started.start()
    assert started.running()
    started.stop(at_once=True)
    assert not started.running()

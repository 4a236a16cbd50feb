"""Mock and connector against each other: what is read is what the books hold."""

from datetime import date
from decimal import Decimal

import pytest
from ledgerbox.connector import connect
from ledgerbox.mock import dialect

from crossdock.errors import NotFound, NotSupported, RemoteUnauthorized
from crossdock_mocks.datasets import generate
from crossdock_mocks.engine import App, Fault, MockTransport

SETTINGS = {"url": "http://ledgerbox.test", "token": "ledgerbox-demo-token"}


@pytest.fixture(scope="module")
def app():
    return App(dialect())


@pytest.fixture
def world(app):
    return app.open_world(generate(seed=1, scale=0.05))


@pytest.fixture
def books(app, world):
    connector = connect("books", SETTINGS, transport=MockTransport(app, world))
    yield connector
    connector.close()


def test_every_client_and_bill_is_read_page_by_page(books, world):
    first = books.customers(limit=5)
    rest = books.customers(after=first.next, limit=100)
    clients = [*first.items, *rest.items]
    bills = [bill for client in clients for bill in books.invoices(client)]

    assert [each.id for each in clients] == [
        row["id"] for row in world.table("customers").find(order=("id",))
    ]
    assert {bill.id: bill.open.amount for bill in bills} == {
        row["id"]: Decimal(row["openAmount"]) for row in world.table("invoices").find()
    }


def test_bills_since_a_day_are_those_and_no_others(books):
    customer = books.customer("C-10001")
    since = date(2026, 1, 1)

    every, late = books.invoices(customer), books.invoices(customer, since=since)

    assert late == [bill for bill in every if bill.issued_on >= since]
    assert 0 < len(late) < len(every)


def test_what_ledgerbox_does_not_know_is_said(books):
    with pytest.raises(NotSupported, match=r"Ledgerbox \(books\) keeps no shipments"):
        books.shipments(books.customer("C-10001"))


def test_its_refusals_are_errors_that_say_what_to_do(app, world, books):
    with pytest.raises(NotFound, match="There is no client C-0"):
        books.customer("C-0")
    stranger = connect("books", SETTINGS | {"token": "forged"}, transport=MockTransport(app, world))
    with pytest.raises(RemoteUnauthorized):
        stranger.customers()


def test_an_answer_that_was_lost_is_asked_for_again(books, world):
    world.faults.add(Fault("drop_after_commit", operation="getClient", times=1))

    assert books.customer("C-10001").id == "C-10001"

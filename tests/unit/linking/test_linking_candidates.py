"""Among many customers, those that may be an account's."""

from crossdock.host.linking.candidates import Customers
from crossdock.records import Account, TradingAccount


def cust(customer_id, **given):
    defaults = {"system": "main", "name": "Nordhafen Maschinenbau GmbH", "currency": "EUR"}
    return TradingAccount(**{"id": customer_id, **defaults, **given})


def test_of_many_customers_those_that_may_be_it_come_the_surest_first():
    many = [cust(f"C-{n}", name=f"Customer number {n}") for n in range(500)]
    domain = cust("X-1", name="Holding of the harbour", email="ap@nordhafen.example")
    alike = cust("X-2", name="Nordhaven Maschinenbau")
    named = cust("X-3", tax_number="DE123456789")

    found = Customers([*many, domain, alike, named]).candidates(
        Account(
            id="A-1",
            name="Nordhafen Maschinenbau",
            tax_number="DE123456789",
            email="kim@nordhafen.example",
        ),
        least=20,
    )

    assert [each.customer.id for each in found] == ["X-3", "X-2", "X-1"]

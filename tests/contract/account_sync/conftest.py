"""A CRM and an ERP with the plugin between them, and the people who work in both."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from crossdock.records import Account, Address, TradingAccount

POLICY = """
[defaults]
clock_tolerance_seconds = 30

[account]
entered_in = "both"
deleted_in_crm = "keep"
deleted_in_erp = "ask"
inactivated = "both"

[account.fields]
name = { owner = "ask", decides = ["manager"] }
email = "newest"
phone = { owner = "newest", erp = { longest = 20, cut = "refuse" } }
tax_number = "erp"
website = { owner = "crm", may_change = ["manager"] }

[address.fields]
street = "newest"
city = { owner = "erp", in_crm = "route" }
country = "newest"
region = { owner = "erp", in_crm = "route", may_change = ["manager"], decides = ["accounting"] }

[contact]
entered_in = "both"
deleted_in_crm = "inactivate"
inactivated = "both"

[contact.fields]
job_title = "erp"
first_name = "crm"
last_name = "crm"
email = "newest"
phone = "newest"

[item]
entered_in = "erp"
inactivated = "erp"

[item.fields]
name = "erp"
list_price = "erp"
"""


class Scene:
    """Both systems, and what people do in them."""

    def __init__(self, dock) -> None:
        self.dock = dock
        self.host = dock.host
        self.crm = dock.host.crm
        self.system = dock.host.erp.systems[0]
        self.erp = dock.host.erp.using(self.system)

    def run(self):
        """Let the worker do all that there is to do."""
        return self.dock.deliveries.run()

    def enter_account(self, name="Harbour Works", **more) -> Account:
        """Enter a new account in the CRM, as its users do."""
        return self.crm.save_account(
            Account(
                id="",
                name=name,
                **{
                    "kind": "customer",
                    "email": "office@harbour-works.example",
                    "phone": "+49 40 5550100",
                    "address": Address(street="Kai 1", city="Hamburg", country="DE"),
                    "currency": "EUR",
                    **more,
                },
            )
        )

    def enter_customer(self, name="Mill & Son", **more) -> TradingAccount:
        """Enter a new customer in the ERP, as its users do."""
        fields = {"email": "desk@mill-son.example", "currency": "EUR", **more}
        return self.erp.save_customer(
            TradingAccount(id="", system=self.system, name=name, **fields)
        )

    def pair(self, **more):
        """Enter an account, let it be carried over, and give both."""
        account = self.enter_account(**more)
        self.run()
        self.dock.pass_time(hours=1)
        return account.id, self.customer_of(account.id).id

    def customer_of(self, account_id) -> TradingAccount:
        """Give the customer of an account."""
        (link,) = self.host.store.links.of_account(self.crm.system, account_id)
        return self.erp.customer(link.customer_id)

    def account_of(self, customer_id) -> Account:
        """Give the account of a customer."""
        link = self.host.store.links.of_customer(self.system, customer_id)
        assert link is not None, f"{customer_id} has no account"
        return self.crm.account(link.account_id)

    def in_crm(self, account_id, **changes) -> Account:
        """Change an account in the CRM."""
        return self.crm.save_account(evolve(self.crm.account(account_id), **changes))

    def in_erp(self, customer_id, **changes) -> TradingAccount:
        """Change a customer in the ERP."""
        return self.erp.save_customer(evolve(self.erp.customer(customer_id), **changes))

    def conflicts(self, *states):
        """Give what waits for a person."""
        return self.host.store.sync_conflicts.list(states=states or ("open",))

    def named(self, name):
        """Give the accounts and the customers of a name."""
        accounts = [each for each in self.crm.accounts(name).items if each.name == name]
        customers = [each for each in self.erp.customers(name).items if each.name == name]
        return accounts, customers


@pytest.fixture
def policy_file(tmp_path) -> Path:
    path = tmp_path / "ownership.toml"
    path.write_text(POLICY, encoding="utf-8")
    return path


@pytest.fixture
def scene(open_dock, policy_file):
    return Scene(open_dock("account-sync", settings={"sync": {"policy": str(policy_file)}}))


@pytest.fixture
def scene_of(open_dock, policy_file):
    """Open a scene on any pair of systems."""

    def of(policy=policy_file, **options):
        settings = {**options.pop("settings", {}), "sync": {"policy": str(policy)}}
        return Scene(open_dock("account-sync", settings=settings, **options))

    return of

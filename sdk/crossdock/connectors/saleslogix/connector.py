"""`CrmPort` over SalesLogix, which is sold today as Infor CRM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

import httpx

from crossdock.connectors.exchange import Address
from crossdock.connectors.http import Remote
from crossdock.connectors.saleslogix import forms
from crossdock.connectors.saleslogix import operations as use
from crossdock.connectors.saleslogix.back_office import BackOffice
from crossdock.connectors.saleslogix.parties import Parties
from crossdock.connectors.sdata import access, values
from crossdock.connectors.sdata.cases import Cases
from crossdock.connectors.sdata.contract import Contract
from crossdock.connectors.sdata.currencies import Currencies
from crossdock.connectors.sdata.deals import Opportunities, stages_of
from crossdock.connectors.sdata.diary import Diary
from crossdock.connectors.sdata.feed import Feed, Listing, Pace
from crossdock.connectors.sdata.lines import Lines
from crossdock.connectors.sdata.masters import Masters
from crossdock.connectors.sdata.ordering import Ordering
from crossdock.connectors.sdata.people import People, Person, Roles
from crossdock.connectors.sdata.products import Products
from crossdock.connectors.sdata.provisioning import Provisioning
from crossdock.connectors.sdata.quoting import Quoting
from crossdock.connectors.sdata.records import Records
from crossdock.connectors.sdata.refusals import wording
from crossdock.connectors.sdata.sheets import Sheet
from crossdock.connectors.sdata.values import Speech
from crossdock.connectors.settings import Settings
from crossdock.connectors.told import told_by
from crossdock.connectors.vendor_crm.assembled import AssembledCrm, Parts
from crossdock.ports import Guards, Keeps
from crossdock.records import (
    Account,
    AccountLink,
    CreditNote,
    Invoice,
    Shipment,
    TradingAccount,
)

_SPEECH: Final = Speech()
_PERCENT: Final = Decimal("0.01")  # a discount is a fraction
_GUARDS: Final = Guards(
    quote="after", account="none", contact="none", opportunity="none", order="none"
)
_LISTINGS: Final = (
    Listing(entity="account", form=forms.ACCOUNT),
    Listing(entity="contact", form=forms.CONTACT),
    Listing(entity="opportunity", form=forms.OPPORTUNITY),
    Listing(entity="quote", form=forms.QUOTE),
    Listing(entity="quote", form=forms.QUOTE_LINE, owner="document"),
    Listing(entity="order", form=forms.ORDER),
    Listing(entity="order", form=forms.ORDER_LINE, owner="document"),
)


class SalesLogixConnector(Masters, AssembledCrm):
    """A SalesLogix, as `crossdock.ports.CrmPort` describes it; safe in many threads.

    Ids are SalesLogix's own of twelve characters, items are named by `ActualId`. What SalesLogix
    does otherwise, and what is done about it:

    - It asks nobody outside before it saves: business rules are code inside its own server, and
      SData has no webhooks. So `guards` says `after` for quotes, which are judged when the feed
      tells of them, and `none` for everything else. What its people see while they write a quote
      comes of its Back Office Extension, which asks Crossdock: see `docs/saleslogix.md`.
    - An entry carries an ETag, which guards what lies between reading and writing it; the instants
      of the last change of a document and its lines are compared besides.
    - Everything belongs to an account; the customer's number in the ERP is its `ErpExtId`, and
      further customers are its bill-to accounts: `account_links` tells them all.
    - A document is made with its lines in one call, under a key of ours; it is changed line by
      line, and read again before what is left is written.
    - What is to be done is an activity, and what was done is in the history: they are told
      together, and the timeline of an order is in the history of its account.
    - Stages and their probabilities are told nowhere: they are settings.

    Attributes:
        document: the file name of the remote document.
        used_operations: the `operationId`s that it calls.
        provisioning: says which fields of ours the CRM lacks.
        feed_seconds: how often the feed is read at most: each time it takes one call for each of
            seven lists.
        erp: the ERP whose customer number stands in `ErpExtId` of an account.
        base_currency: in which SalesLogix keeps amounts besides those of documents.
    """

    product = "SalesLogix"
    keeps: Keeps = forms.KEEPS
    _masters = forms.MASTERS
    document: Final = use.DOCUMENT
    used_operations: Final = use.USED

    def __init__(
        self,
        system: str,
        settings: Settings,
        *,
        transport: httpx.BaseTransport | None = None,
        deadline: Callable[[], float] | None = None,
    ) -> None:
        remote = Remote(
            Address(kind="CRM", system=system, url=settings.url(), where=settings.where),
            credentials=access.credentials_of(settings),
            wording=wording,
            timeout=settings.timeout(),
            identity=settings.identity(),
            transport=transport,
            deadline=deadline,
        )
        names = {"application": settings.text_or("application", "slx")}
        contract = Contract(remote, _SPEECH, names)
        currency = settings.text_or("currency", "EUR")
        records = Records(contract, system, currency, forms.QUOTE.uses.change)
        currencies = Currencies(contract, currency)
        products = Products(contract, forms.PRODUCT)
        quoting = Quoting(
            records,
            forms.QUOTES,
            Lines(records, forms.QUOTE_LINE, products, percent=_PERCENT),
            currencies,
        )
        ordering = Ordering(
            records,
            forms.ORDERS,
            Lines(records, forms.ORDER_LINE, products, percent=_PERCENT),
            quoting,
            currencies,
        )
        diary = Diary(records, forms.DIARY, ordering.account_of)
        pace = Pace.of(settings)
        self.base_currency = currency
        self.erp = settings.text_or("erp", "main")
        self._parties = Parties(records, self.erp)
        self._records, self._products, self._people = records, products, self._parties
        self._back_office = BackOffice(records)
        parts = Parts(
            parties=self._parties,
            people=People(records, forms.USER, Roles.of(settings), _person, include="UserInfo"),
            opportunities=Opportunities(records, forms.DEALS, stages_of(settings), currencies),
            activities=diary,
            timelines=diary,
            quotes=quoting,
            orders=ordering,
            cases=Cases(records, forms.CASES),
            feed=Feed(system, contract, _LISTINGS, pace),
        )
        super().__init__(system, _GUARDS, remote, parts)
        self.feed_seconds = pace.every
        self.provisioning = Provisioning(contract, forms.DESCRIBED, forms.WITH_FIELDS_OF_OURS)

    def account(self, account_id: str) -> Account:
        """Read one account; while SalesLogix waits for an answer, the one that it told with it."""
        told = told_by(self.system)
        if told is not None and told.account.id == account_id:
            return told.account
        return super().account(account_id)

    def account_links(self, account_id: str) -> Sequence[AccountLink]:
        """Tell all customers of an account, the default one first."""
        told = told_by(self.system)
        if told is not None:
            return tuple(
                AccountLink(system=system, customer_id=number, default=system == self.erp)
                for system, number in told.account.external_ids.items()
            )
        return self._parties.account_links(account_id)

    def show_erp_record(
        self, account_id: str, record: Invoice | CreditNote | Shipment | TradingAccount
    ) -> None:
        """Show a record of the ERP as the Back Office Extension has it.

        Invoices and credit notes come with their receivable, a customer as bill-to and ship-to.
        """
        self._back_office.show(account_id, record)


def _person(user: Sheet) -> Person:
    held = user.row.get("UserInfo")
    about = held if isinstance(held, dict) else {}
    names = (values.text(about, "FirstName"), values.text(about, "LastName"))
    login = user.text("login")
    return Person(
        login=login,
        name=" ".join(filter(None, names)) or values.text(about, "UserName") or login,
        email=values.text(about, "Email"),
        title=values.text(about, "Title"),
        team=values.text(about, "Department"),
        active=user.flag("enabled"),
    )

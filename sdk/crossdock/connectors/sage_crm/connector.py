"""`CrmPort` over Sage CRM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import httpx

from crossdock.connectors.exchange import Address
from crossdock.connectors.http import Remote
from crossdock.connectors.sage_crm import forms
from crossdock.connectors.sage_crm import operations as use
from crossdock.connectors.sage_crm.parties import Parties
from crossdock.connectors.sdata import access
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
from crossdock.connectors.vendor_crm.assembled import AssembledCrm, Parts
from crossdock.ports import Guards, Keeps
from crossdock.records import AccountLink

_SPEECH: Final = Speech(integer_keys=True, objects=False, letters=True, dates="iso")
_GUARDS: Final = Guards(
    quote="after", account="none", contact="none", opportunity="none", order="none"
)
_LISTINGS: Final = (
    Listing(entity="account", form=forms.COMPANY),
    Listing(entity="account", form=forms.TRADING_ACCOUNT, owner="account"),
    Listing(entity="contact", form=forms.PERSON),
    Listing(entity="opportunity", form=forms.OPPORTUNITY),
    Listing(entity="quote", form=forms.QUOTE),
    Listing(entity="quote", form=forms.QUOTE_LINE, owner="document"),
    Listing(entity="order", form=forms.ORDER),
    Listing(entity="order", form=forms.ORDER_LINE, owner="document"),
)


class SageCrmConnector(Masters, AssembledCrm):
    """A Sage CRM, as `crossdock.ports.CrmPort` describes it; safe in many threads.

    Ids are Sage CRM's own numbers, items are named by `prod_code`. What Sage CRM does otherwise,
    and what is done about it:

    - It asks nobody outside before it saves: table-level scripts run inside its own server, and
      SData has no webhooks. So `guards` says `after` for quotes, which are judged when the feed
      tells of them, and `none` for everything else.
    - A record carries no version and no ETag: the instant of its last change is compared before it
      is written, to what the record was read with.
    - A company's customers in ERPs are its trading accounts, which Sage CRM has an entity for; one
      of them is the default. An account's external ids name the one of each ERP, and
      `account_links` tells all.
    - A quoted price is the one after the discount; the price before it and the discount stand in
      fields of ours.
    - A document is made with its lines in one call, under a key of ours; it is changed line by
      line, and read again before what is left is written.
    - Stages and their probabilities are told nowhere: they are settings.

    Attributes:
        document: the file name of the remote document.
        used_operations: the `operationId`s that it calls.
        provisioning: says which fields of ours the CRM lacks.
        feed_seconds: how often the feed is read at most: each time it takes one call for each of
            eight lists.
    """

    product = "Sage CRM"
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
        contract = Contract(remote, _SPEECH, {"install": settings.text_or("install", "crm")})
        currency = settings.text_or("currency", "EUR")
        records = Records(contract, system, currency, forms.QUOTE.uses.change)
        currencies = Currencies(contract, currency, forms.CURRENCY)
        products = Products(contract, forms.PRODUCT, forms.PRICE)
        quoting = Quoting(
            records,
            forms.QUOTES,
            Lines(records, forms.QUOTE_LINE, products, net_prices=True),
            currencies,
        )
        ordering = Ordering(
            records,
            forms.ORDERS,
            Lines(records, forms.ORDER_LINE, products, net_prices=True),
            quoting,
            currencies,
        )
        diary = Diary(records, forms.DIARY, ordering.account_of)
        pace = Pace.of(settings)
        self._parties = Parties(records, currencies, settings.list_of_texts("erps") or ("main",))
        self._records, self._products, self._people = records, products, self._parties
        parts = Parts(
            parties=self._parties,
            people=People(
                records,
                forms.USER,
                Roles.of(settings),
                _person,
            ),
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

    def account_links(self, account_id: str) -> Sequence[AccountLink]:
        """Tell all trading accounts of an account, the default one first."""
        return self._parties.account_links(account_id)


def _person(user: Sheet) -> Person:
    return Person(
        login=user.text("login"),
        name=f"{user.text('first_name')} {user.text('last_name')}".strip(),
        email=user.text("email"),
        title=user.text("title"),
        team=user.text("team"),
        active=not user.flag("disabled"),
    )

"""Microsoft Dynamics 365 Business Central, API v2.0: `specs/business-central.openapi.yaml`.

Any tenant and environment will do: `/v2.0/{environment}/api/v2.0` and
`/v2.0/{tenant}/{environment}/api/v2.0`, tokens at `/{tenant}/oauth2/v2.0/token` for `CLIENT_ID` and
`CLIENT_SECRET` with the scope `SCOPE`. A world has one company.

What could not be checked and is a guess: text is compared with its case; tax follows the item's tax
group, whether or not a customer is liable; there are no rates, so a customer's limit and balance,
which are in the company's currency, are told as they are in its own; periods of aging are thirty
days past due; a posting without anything to invoice is answered without a
Location; the other requests of a failed transaction in a batch are answered 424. Not played: lines
of general journals, G/L accounts, resources, dimensions, salespeople, variants, attachments and PDF
documents; who names one is told that there is none.
"""

from __future__ import annotations

from crossdock_mocks.backoffice import kinds
from crossdock_mocks.dialects.business_central.authorization import (
    CLIENT_ID,
    CLIENT_SECRET,
    SCOPE,
    allow,
    authenticate,
    issue_token,
)
from crossdock_mocks.dialects.business_central.errors import say_no
from crossdock_mocks.dialects.business_central.model import DOCUMENT
from crossdock_mocks.dialects.business_central.odata.batch import run_batch
from crossdock_mocks.dialects.business_central.odata.metadata import csdl
from crossdock_mocks.dialects.business_central.operations import behaviour, behaviour_of
from crossdock_mocks.dialects.business_central.records import TABLES
from crossdock_mocks.dialects.business_central.seeding import seed
from crossdock_mocks.dialects.business_central.subscriptions import BEHAVIOURS as SUBSCRIPTIONS
from crossdock_mocks.dialects.business_central.subscriptions import EVENTS, GATHERING
from crossdock_mocks.engine import Behaviour, Call, Dialect, Reply
from crossdock_mocks.engine.document import load_plan
from crossdock_mocks.engine.oauth2 import TABLES as TOKENS

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "SCOPE", "allow", "dialect"]

_PRICES = ("company", kinds.PRICES, kinds.PRICE_LISTS)


def _metadata(of_company: bool) -> Behaviour:
    def answer(_: Call) -> Reply:
        return Reply(200, csdl(of_company=of_company).encode(), {"content-type": "application/xml"})

    return answer


def _behaviours() -> dict[str, Behaviour]:
    """Each operation's behaviour: by name for a few, by the form of its path for the rest."""
    named: dict[str, Behaviour] = {
        "issueToken": issue_token,
        "getMetadata": _metadata(of_company=False),
        "getCompanyMetadata": behaviour(lambda _, call: _metadata(of_company=True)(call)),
        "runBatch": run_batch,
        **SUBSCRIPTIONS,
    }
    return {
        each["id"]: named.get(each["id"]) or behaviour_of(each["method"], each["path"])
        for each in load_plan(DOCUMENT)["operations"]
    }


def dialect() -> Dialect:
    """Business Central, ready for the engine."""
    return Dialect(
        name="business-central",
        document=DOCUMENT,
        behaviours=_behaviours(),
        tables=(
            *(each for each in kinds.TABLES if each.name in _PRICES),
            *TABLES,
            *TOKENS,
        ),
        seed=seed,
        authenticate=authenticate,
        refuse_at=say_no,
        events=EVENTS,
        gathering=GATHERING,
    )

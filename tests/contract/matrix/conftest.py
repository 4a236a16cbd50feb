"""Every pair of CRM and ERP that a host can be set up with, and what a pair cannot do.

The systems are those that the demonstration can be played on; one that comes to them is in the
matrix by itself, with every system of the other side. What an ERP has no such thing for stands in
`CANNOT`, and `test_pairs.py` holds each sentence against what the connector says of itself.
"""

from itertools import product

import pytest

from crossdock.demo.crms import CRMS
from crossdock.demo.erps import ERPS

# By ERP: what its people cannot do there, or it cannot tell, and why.
CANNOT = {
    "business-central": {
        "approve": "an order in review is released by its own people, in its own screens",
        "receive": "goods come in by purchase orders of its own people",
        "invoice": "shipping invoices at once: one action posts both",
        "tell_payments": "no payment is told, only that the order's invoice is settled",
    },
    "quickbooks": {
        "approve": "it holds no order back",
        "receive": "it records no goods that come in",
        "ship": "it records no shipments: what was ordered is invoiced",
        "ship_part": "it records no shipments: what was ordered is invoiced",
    },
}
# By CRM: what happens in it otherwise than in one that asks before it saves.
OTHERWISE = {
    "hubspot": "asks nobody before it saves: what a colleague changes inside is judged after it",
    "sage-crm": "asks nobody outside before it saves: its scripts run inside it",
    "salesforce": "asks nobody before it saves, unless a Flow does: judged after it",
    "saleslogix": "asks nobody outside before it saves: its business rules run inside it",
}
# Systems with a connector that no mock stands for in process, and where their story is played.
ELSEWHERE = {
    "tryton": "is a server of its own: tests/e2e/tryton",
}
# Nobody waits for a clock on the wall: the mocks have a clock of their own.
UNHURRIED = {"hubspot": {"searches_per_second": 10_000.0}}
PAIRS = [(crm, erp) for crm, erp in product(CRMS, ERPS) if erp not in ELSEWHERE]
# Two CRMs that speak one protocol are one connector nearly: each is played on one ERP always, and
# on the others in the long run.
MOSTLY = {"sage-crm": "erp", "saleslogix": "business-central"}


def pytest_generate_tests(metafunc):
    """Give a test that asks for `crm` and `erp` each pair; one for `erp` alone, each ERP."""
    if {"crm", "erp"} <= set(metafunc.fixturenames):
        pairs = [
            pytest.param(
                crm,
                erp,
                id=f"{crm}-{erp}",
                marks=[pytest.mark.full] if MOSTLY.get(crm, erp) != erp else [],
            )
            for crm, erp in PAIRS
        ]
        metafunc.parametrize(("crm", "erp"), pairs)
    elif "erp" in metafunc.fixturenames:
        metafunc.parametrize("erp", [erp for erp in ERPS if erp not in ELSEWHERE])


@pytest.fixture
def settings():
    """The tables of `crossdock.toml` for a CRM, which its calls do not wait by."""

    def of(crm):
        tables = CRMS[crm].tables(f"http://{crm}.test")
        roles = {"roles": tables["crm.roles"]} if "crm.roles" in tables else {}
        return {"crm": {**tables["crm"], **roles, **UNHURRIED.get(crm, {})}}

    return of


@pytest.fixture
def cannot():
    """What the people behind an ERP cannot do, by what they would do, with the reason."""
    return lambda erp: CANNOT.get(erp, {})


@pytest.fixture
def otherwise():
    """What is otherwise in a CRM; nothing where it asks before it saves."""
    return lambda crm: OTHERWISE.get(crm, "")


@pytest.fixture
def elsewhere():
    return ELSEWHERE

"""Whatever is done in whatever order, the books stay sound and no answer breaks the document."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CUSTOMERS = ("C-10001", "C-10002", "C-10004")
ITEMS = ("BRG-1001", "BRG-1002", "FRT-1002")
DOCUMENTS = ("salesQuotes", "salesOrders", "salesInvoices", "salesCreditMemos")
ACTIONS = [
    ("salesQuotes", "makeOrder"), ("salesQuotes", "makeInvoice"), ("salesQuotes", "send"),
    ("salesOrders", "shipAndInvoice"), ("salesInvoices", "post"), ("salesInvoices", "cancel"),
    ("salesInvoices", "makeCorrectiveCreditMemo"), ("salesCreditMemos", "post"),
    ("salesCreditMemos", "cancel"),
]  # fmt: skip

small = st.integers(0, 30)
line = st.tuples(st.sampled_from(ITEMS), st.integers(1, 40))
step = st.one_of(
    st.tuples(
        st.just("make"), st.sampled_from(DOCUMENTS), st.sampled_from(CUSTOMERS),
        st.lists(line, min_size=1, max_size=3), small,
    ),
    st.tuples(st.just("act"), st.sampled_from(ACTIONS), st.integers(0, 5)),
    st.tuples(
        st.just("line"), st.sampled_from(DOCUMENTS), st.integers(0, 5), st.integers(0, 5),
        st.dictionaries(
            st.sampled_from(["quantity", "unitPrice", "discountPercent", "discountAmount",
                             "shipQuantity", "invoiceQuantity"]),
            small, min_size=1, max_size=2,
        ),
    ),
    st.tuples(st.just("drop"), st.sampled_from(DOCUMENTS), st.integers(0, 5)),
    st.tuples(st.just("discount"), st.sampled_from(DOCUMENTS), st.integers(0, 5), small),
    st.tuples(st.just("pay"), st.sampled_from(CUSTOMERS), st.integers(1, 90_000), small),
    st.tuples(st.just("block"), st.sampled_from(CUSTOMERS), st.sampled_from(["Ship", "All", " "])),
    st.tuples(st.just("wait"), st.integers(1, 40)),
)  # fmt: skip


def nth(bc, name, number):
    """One of the newest documents of a kind."""
    rows = bc.world.table(name).find(order=(), limit=None)[-6:]
    return rows[number % len(rows)]["id"] if rows else None


def take(bc, what):
    """Take one step; it may be refused, but it may not break anything."""
    kind = what[0]
    if kind == "make":
        _, name, customer, lines, discount = what
        asked = [{"lineType": "Item", "lineObjectNumber": i, "quantity": q} for i, q in lines]
        body = {"customerNumber": customer, f"{name[:-1]}Lines": asked, "discountAmount": discount}
        return bc.call("POST", f"/{name}", body)
    if kind == "block":
        row = bc.world.table("customers").first({"number": what[1]})
        return bc.call("PATCH", f"/customers({row['id']})", {"blocked": what[2]}, if_match="*")
    if kind == "wait":
        bc.wait(days=what[1])
        return bc.call("GET", "/customers?$top=1")
    if kind == "pay":
        _, customer, cents, number = what
        invoices = bc.world.table("salesInvoices").find(
            {"customerNumber": customer, "status": ["Open", "Paid"]}
        )
        journal = bc.world.table("customerPaymentJournals").first()["id"]
        body = {"customerNumber": customer, "amount": -cents / 100}
        if invoices:
            body["appliesToInvoiceNumber"] = invoices[-1 - number % len(invoices)]["number"]
        made = bc.call("POST", f"/customerPaymentJournals({journal})/customerPayments", body)
        posted = bc.call("POST", f"/journals({journal})/Microsoft.NAV.post")
        if posted.status_code != 204 and made.status_code == 201:
            bc.call("DELETE", f"/customerPayments({made.json()['id']})")
        return posted
    name = what[1][0] if kind == "act" else what[1]
    key = nth(bc, name, what[2])
    if key is None:
        return None
    path = f"/{name}({key})"
    if kind == "act":
        return bc.call("POST", f"{path}/Microsoft.NAV.{what[1][1]}")
    if kind == "drop":
        return bc.call("DELETE", path)
    if kind == "discount":
        return bc.call("PATCH", path, {"discountAmount": what[3]}, if_match="*")
    lines = bc.world.table(f"{name[:-1]}Lines").find({"documentId": key})
    if not lines:
        return None
    chosen = lines[what[3] % len(lines)]["id"]
    return bc.call("PATCH", f"/{name[:-1]}Lines({chosen})", what[4], if_match="*")


def check(bc, customers):
    """What holds at every moment."""
    entries = bc.world.table("customerLedgerEntries").find()
    for customer in customers:
        row = bc.one("/customers", f"number eq '{customer}'")
        own = [each for each in entries if each["customerId"] == row["id"]]
        balance = sum((Decimal(each["remaining"]) for each in own), Decimal(0))
        assert (
            row["balanceDue"]
            == balance
            == sum((Decimal(each["amount"]) for each in own), Decimal(0))
        )
        aged = bc.get(f"/customers({row['id']})/agedAccountsReceivable")
        names = ("currentAmount", "period1Amount", "period2Amount", "period3Amount")
        assert sum(aged[name] for name in names) == balance
    for entry in entries:
        applied = sum((Decimal(each["amount"]) for each in entry["applications"]), Decimal(0))
        amount, left = Decimal(entry["amount"]), Decimal(entry["remaining"])
        assert abs(amount) - applied == abs(left), entry
        assert amount * left >= 0
    for name in DOCUMENTS:
        lines = f"{name[:-1]}Lines"
        for row in bc.rows(f"/{name}", expand=lines, orderby="lastModifiedDateTime desc", top=25):
            assert sum(each["netAmount"] for each in row[lines]) == row["totalAmountExcludingTax"]
            assert sum(each["netTaxAmount"] for each in row[lines]) == row["totalTaxAmount"]
            both = row["totalAmountExcludingTax"] + row["totalTaxAmount"]
            assert both == row["totalAmountIncludingTax"]
            if name == "salesOrders":
                for each in row[lines]:
                    assert 0 <= each["invoicedQuantity"] <= each["quantity"]
                    assert each["invoicedQuantity"] <= each["shippedQuantity"] <= each["quantity"]
                    assert each["shipQuantity"] + each["shippedQuantity"] <= each["quantity"]
                open_ = [e for e in row[lines] if e["invoicedQuantity"] < e["quantity"]]
                items = [e for e in row[lines] if e["lineType"] == "Item"]
                assert open_ or not items or not any(e["quantity"] for e in items)
            if name == "salesInvoices" and row["status"] in ("Open", "Paid"):
                assert (row["status"] == "Open") is (row["remainingAmount"] != 0)
    numbers = [row["number"] for row in bc.world.table("salesInvoices").find()]
    assert len(set(numbers)) == len(numbers)


def _walk(bc, steps):
    start = bc.world.snapshot()
    try:
        for what in steps:
            answer = take(bc, what)
            assert answer is None or answer.status_code < 500, answer.text
        check(bc, CUSTOMERS)
        assert [each.reason for each in bc.world.journal if each.verdict == "defect"] == []
    finally:
        bc.world.restore(start)
        bc.world.journal.clear()
        bc.log_in()


@settings(max_examples=12, deadline=None, derandomize=True, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(steps=st.lists(step, min_size=4, max_size=14))
def test_the_books_stay_sound_whatever_is_done(bc, steps):
    _walk(bc, steps)


@pytest.mark.full
@pytest.mark.timeout(900)
@settings(max_examples=200, deadline=None, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(steps=st.lists(step, min_size=4, max_size=40))
def test_the_books_stay_sound_over_long_walks(bc, steps):
    _walk(bc, steps)

"""Whatever is done in whatever order, the books stay sound and nothing ever breaks."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ITEMS = ("BRG-1001", "BRG-1002", "SRV-1")
CUSTOMERS = ("C-10001", "C-10002", "C-10006")

small = st.integers(1, 30).map(str)
line = st.fixed_dictionaries({"orderLine": st.integers(1, 2), "quantity": small})
step = st.one_of(
    st.tuples(
        st.just("enter"),
        st.sampled_from(CUSTOMERS),
        st.lists(st.tuples(st.sampled_from(ITEMS), small), min_size=1, max_size=2),
    ),
    st.tuples(
        st.sampled_from(["approve", "reject", "hold", "release", "cancel"]), st.integers(0, 5)
    ),
    st.tuples(st.sampled_from(["pick", "ship", "bill", "return"]), st.integers(0, 5), st.none()),
    st.tuples(st.sampled_from(["pick", "ship", "bill", "return"]), st.integers(0, 5), line),
    st.tuples(st.just("change"), st.integers(0, 5), small),
    st.tuples(st.just("drop"), st.integers(0, 5)),
    st.tuples(st.just("receive"), st.sampled_from(ITEMS[:2]), small),
    st.tuples(st.just("pay"), st.integers(0, 5), st.integers(1, 40_000)),
    st.tuples(st.just("credit"), st.integers(0, 5)),
    st.tuples(st.just("credit return"), st.integers(0, 3)),
)


def nth(rows, number):
    return rows[number % len(rows)]["id"]


def take(erp, what):
    """Take one step; it may be refused, but it may not break anything."""
    kind, number = what[0], what[1]
    if kind == "enter":
        lines = [{"itemId": item, "quantity": quantity} for item, quantity in what[2]]
        return erp.call("POST", "/sales-orders", {"customerId": number, "lines": lines})
    if kind == "receive":
        return erp.call("POST", f"/items/{number}/receipts", {"quantity": what[2]})
    if kind == "credit return":
        body = {"returnId": nth(erp.all("/returns"), number), "reason": "Back"}
        return erp.call("POST", "/credit-notes", body)
    if kind in ("pay", "credit"):
        invoice = nth(erp.all("/invoices"), number)
        if kind == "credit":
            body = {"invoiceId": invoice, "reason": "Price"}
            return erp.call("POST", "/credit-notes", body)
        amount = f"{what[2] / 100:.2f}"
        return erp.call(
            "POST", "/payments",
            {"customerId": erp.get(f"/invoices/{invoice}")["customerId"], "amount": amount,
             "applications": [{"invoiceId": invoice, "amount": amount}]},
        )  # fmt: skip
    order = nth(erp.all("/sales-orders", sort="-date"), number)
    path = f"/sales-orders/{order}"
    if kind == "change":
        body = {"lines": [{"line": 1, "quantity": what[2]}]}
        return erp.call("PATCH", path, body, If_Match="*")
    if kind == "drop":
        return erp.call("PATCH", path, {"lines": [{"line": 1, "cancel": True}]}, If_Match="*")
    if kind == "hold":
        return erp.call("POST", f"{path}/hold", {"reason": "Wait"})
    if kind in ("approve", "reject", "release", "cancel"):
        return erp.call("POST", f"{path}/{kind}", {})
    body = {} if what[2] is None else {"lines": [what[2]]}
    if kind == "return":
        wanted = {"lines": [{"orderLine": 1, "quantity": "1"}], **body}
        return erp.call("POST", "/returns", {"orderId": order, **wanted})
    way = {"pick": "picks", "ship": "shipments", "bill": "invoices"}[kind]
    return erp.call("POST", f"{path}/{way}", body)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(step, min_size=5, max_size=25))
def test_the_books_stay_sound_whatever_is_done(new_erp, steps):
    erp = new_erp()
    for what in steps:
        response = take(erp, what)
        assert response.status_code in (200, 201, 409, 422), (what, response.text)
    erp.check_invariants()
    erp.world.close()

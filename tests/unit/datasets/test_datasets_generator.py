from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from crossdock_mocks.datasets import FORM, DataSet, generate

PENNY = Decimal("0.01")


def net(line: dict) -> Decimal:
    amount = line["quantity"] * line["unit_price"] * (100 - line["discount_percent"]) / 100
    return amount.quantize(PENNY, ROUND_HALF_UP)


def gross_by_document(company: DataSet, head: str) -> dict[str, Decimal]:
    rates = {row["id"]: row["rate"] for row in company.rows("tax_codes")}
    total: dict[str, Decimal] = defaultdict(Decimal)
    for line in company.rows(f"{head}_lines"):
        tax = (net(line) * rates[line["tax_code"]]).quantize(PENNY, ROUND_HALF_UP)
        total[line[f"{head}_id"]] += net(line) + tax
    return total


def by_id(company: DataSet, kind: str) -> dict[str, dict]:
    return {row["id"]: row for row in company.rows(kind)}


def folder_bytes(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path):
    generate(seed=3, scale=0.5).save(tmp_path / "a")
    generate(seed=3, scale=0.5).save(tmp_path / "b")
    assert folder_bytes(tmp_path / "a") == folder_bytes(tmp_path / "b")


def test_another_seed_gives_another_company(tmp_path: Path):
    first, second = generate(seed=1, scale=0.5), generate(seed=2, scale=0.5)
    assert list(first.rows("accounts")) != list(second.rows("accounts"))


@pytest.mark.parametrize(
    ("seed", "scale", "years", "as_of"),
    [
        (1, 1.0, 3, date(2026, 11, 20)),
        (2, 0.1, 1, date(2024, 2, 29)),
        (99, 3.0, 2, date(2026, 1, 1)),
    ],
)
def test_what_is_generated_is_a_valid_data_set(
    tmp_path: Path, seed: int, scale: float, years: int, as_of: date
):
    generate(seed=seed, scale=scale, years=years, as_of=as_of).save(tmp_path / "set")
    loaded = DataSet.load(tmp_path / "set")
    assert as_of == loaded.as_of
    assert {"invented"} <= {rule.id for rule in loaded.rules}


def test_every_record_kind_has_rows(company: DataSet):
    assert [kind for kind in FORM if not company.count(kind)] == []


def test_the_size_is_as_promised(company: DataSet):
    assert company.count("accounts") == 60
    assert 120 <= company.count("items") <= 130
    assert 2000 < company.count("invoice_lines") < 8000
    assert generate(seed=1, scale=4, years=1).count("accounts") == 240


def test_nothing_happens_after_the_as_of_day(company: DataSet):
    past = {
        "orders": "ordered_on",
        "shipments": "shipped_on",
        "invoices": "issued_on",
        "credit_notes": "issued_on",
        "payments": "received_on",
        "payment_applications": "applied_on",
        "returns": "received_on",
    }
    for kind, column in past.items():
        assert max(row[column] for row in company.rows(kind)) <= company.as_of, kind
    for kind, column in {"stage_history": "entered_at", "logins": "at"}.items():
        assert max(row[column].date() for row in company.rows(kind)) <= company.as_of, kind


def test_shipped_is_never_more_than_ordered_and_invoiced_equals_shipped_or_waits(company: DataSet):
    order_of = {row["id"]: row["order_id"] for row in company.rows("shipments")}
    billed_of = {row["id"]: row["order_id"] for row in company.rows("invoices")}
    shipped: Counter = Counter()
    invoiced: Counter = Counter()
    for line in company.rows("shipment_lines"):
        shipped[order_of[line["shipment_id"]], line["order_line"]] += line["quantity"]
    for line in company.rows("invoice_lines"):
        if billed_of[line["invoice_id"]]:
            invoiced[billed_of[line["invoice_id"]], line["order_line"]] += line["quantity"]
    for line in company.rows("order_lines"):
        key = (line["order_id"], line["line"])
        assert shipped[key] + line["cancelled_quantity"] <= line["quantity"]
        assert invoiced[key] <= shipped[key]
    assert set(shipped) >= set(invoiced)


def test_documents_follow_each_other_in_time(company: DataSet):
    orders = by_id(company, "orders")
    first_shipment: dict[str, date] = {}
    for shipment in company.rows("shipments"):
        order = orders[shipment["order_id"]]
        assert shipment["shipped_on"] >= order["ordered_on"]
        assert shipment["customer_id"] == order["customer_id"]
        earlier = first_shipment.get(order["id"], shipment["shipped_on"])
        first_shipment[order["id"]] = min(earlier, shipment["shipped_on"])
    for invoice in company.rows("invoices"):
        if invoice["order_id"]:
            assert invoice["issued_on"] >= first_shipment[invoice["order_id"]]
            assert invoice["customer_id"] == orders[invoice["order_id"]]["customer_id"]


def test_an_order_is_closed_exactly_when_nothing_is_left_to_ship(company: DataSet):
    order_of = {row["id"]: row["order_id"] for row in company.rows("shipments")}
    shipped: Counter = Counter()
    for line in company.rows("shipment_lines"):
        shipped[order_of[line["shipment_id"]], line["order_line"]] += line["quantity"]
    left: Counter = Counter()
    for line in company.rows("order_lines"):
        open_ = line["quantity"] - line["cancelled_quantity"]
        left[line["order_id"]] += open_ - shipped[line["order_id"], line["line"]]
    for order in company.rows("orders"):
        done = order["status"] in ("closed", "cancelled")
        assert done == (left[order["id"]] == 0), order


def test_applications_never_exceed_what_is_there(company: DataSet):
    invoices = gross_by_document(company, "invoice")
    notes = gross_by_document(company, "credit_note")
    payments = {row["id"]: row["amount"] for row in company.rows("payments")}
    customer_of = {row["id"]: row["customer_id"] for row in company.rows("invoices")}
    payer_of = {row["id"]: row["customer_id"] for row in company.rows("payments")}
    against: Counter = Counter()
    taken: Counter = Counter()
    for row in company.rows("payment_applications"):
        against[row["invoice_id"]] += row["amount"]
        taken[row["payment_id"] or row["credit_note_id"]] += row["amount"]
        if row["payment_id"]:
            assert customer_of[row["invoice_id"]] == payer_of[row["payment_id"]]
    assert all(amount <= invoices[id_] for id_, amount in against.items())
    assert all(amount <= (payments | notes)[id_] for id_, amount in taken.items())
    assert any(against[id_] == total for id_, total in invoices.items())


def test_a_credit_note_credits_no_more_than_its_invoice_billed(company: DataSet):
    lines = {(line["invoice_id"], line["item_id"]): line for line in company.rows("invoice_lines")}
    notes = by_id(company, "credit_notes")
    for line in company.rows("credit_note_lines"):
        note = notes[line["credit_note_id"]]
        billed = lines[note["invoice_id"], line["item_id"]]
        assert line["quantity"] <= billed["quantity"]
        assert line["unit_price"] == billed["unit_price"]


def test_an_ordered_quote_has_the_lines_of_its_order(company: DataSet):
    orders = by_id(company, "orders")
    accounts = by_id(company, "accounts")
    lines: dict[str, list] = defaultdict(list)
    for kind, head in (("quote_lines", "quote_id"), ("order_lines", "order_id")):
        for line in company.rows(kind):
            lines[line[head]].append((line["line"], line["item_id"], line["quantity"], net(line)))
    ordered = [row for row in company.rows("quotes") if row["status"] == "ordered"]
    assert len(ordered) > 20
    for quote in ordered:
        order = orders[quote["order_id"]]
        assert quote["id"] == order["reference"]
        assert accounts[quote["account_id"]]["customer_id"] == order["customer_id"]
        assert lines[quote["id"]] == lines[order["id"]]


def test_the_history_of_an_opportunity_ends_in_its_stage(company: DataSet):
    last: dict[str, tuple] = {}
    for row in company.rows("stage_history"):
        entered = (row["entered_at"], row["stage_id"])
        assert last.get(row["opportunity_id"], entered)[0] <= entered[0]
        last[row["opportunity_id"]] = entered
    for deal in company.rows("opportunities"):
        assert last[deal["id"]][1] == deal["stage_id"]
    used = {row["stage_id"] for row in company.rows("opportunities")}
    assert {row["id"] for row in company.rows("stages")} == used


def test_every_situation_is_there(company: DataSet):
    owed = exposure(company)
    limits = {row["id"]: row["credit_limit"] for row in company.rows("customers")}
    left = {id_: limit - owed[id_] for id_, limit in limits.items() if limit is not None}
    accounts = by_id(company, "accounts")
    healthy = accounts[company.story["account"]]["customer_id"]
    short = accounts[company.story["over_limit_account"]]["customer_id"]
    assert left[healthy] > 20000
    assert 0 < left[short] < 2000
    assert any(amount < 0 for amount in left.values())
    assert None in limits.values()
    held = [row for row in company.rows("customers") if row["on_hold"]]
    assert len(held) == 1
    assert held[0]["hold_reason"]
    assert {"open", "hold", "closed", "cancelled"} == {
        row["status"] for row in company.rows("orders")
    }
    assert len({row["tax_code"] for row in company.rows("invoice_lines")}) == 3
    ends = [row["ends_on"] for row in company.rows("contracts")]
    assert min(ends) < company.as_of
    assert any(0 <= (day - company.as_of).days <= 31 for day in ends)
    assert {"promotion", "customer_id", "price_list_id", "price_level"} == {
        name
        for row in company.rows("prices")
        for name in ("promotion", "customer_id", "price_list_id", "price_level")
        if row[name]
    }


def exposure(company: DataSet) -> dict[str, Decimal]:
    """Balance and open orders with tax, on the customer that is billed."""
    billed = {row["id"]: row["bill_to_id"] or row["id"] for row in company.rows("customers")}
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for head, sign in (("invoice", 1), ("credit_note", -1)):
        total = gross_by_document(company, head)
        for row in company.rows(f"{head}s"):
            owed[billed[row["customer_id"]]] += sign * total[row["id"]]
    for row in company.rows("payments"):
        owed[billed[row["customer_id"]]] -= row["amount"]
    rates = {row["id"]: row["rate"] for row in company.rows("tax_codes")}
    billed_of = {row["id"]: row["order_id"] for row in company.rows("invoices")}
    orders = by_id(company, "orders")
    invoiced: Counter = Counter()
    for line in company.rows("invoice_lines"):
        invoiced[billed_of[line["invoice_id"]], line["order_line"]] += line["quantity"]
    for line in company.rows("order_lines"):
        key = (line["order_id"], line["line"])
        rest = line["quantity"] - line["cancelled_quantity"] - invoiced[key]
        customer = billed[orders[line["order_id"]]["customer_id"]]
        owed[customer] += net({**line, "quantity": rest}) * (1 + rates[line["tax_code"]])
    return owed


def test_the_quote_of_the_story_is_a_draft_with_items_on_hand(company: DataSet):
    quotes = by_id(company, "quotes")
    on_hand: Counter = Counter()
    for row in company.rows("stock"):
        on_hand[row["item_id"]] += row["on_hand"]
    for name in ("quote", "over_limit_quote"):
        assert quotes[company.story[name]]["status"] == "draft"
    wanted = [
        line for line in company.rows("quote_lines") if line["quote_id"] == company.story["quote"]
    ]
    assert len(wanted) == 3
    assert all(on_hand[line["item_id"]] >= line["quantity"] * 5 for line in wanted)
    contracts = {row["item_id"] for row in company.rows("prices") if row["customer_id"]}
    assert {line["item_id"] for line in wanted} <= contracts


def test_a_declining_customer_declines_and_a_dormant_one_buys_nothing(company: DataSet):
    customers = [row["id"] for row in company.rows("customers")]
    last_year: Counter = Counter()
    before: Counter = Counter()
    for order in company.rows("orders"):
        recent = (company.as_of - order["ordered_on"]).days < 300
        (last_year if recent else before)[order["customer_id"]] += 1
    for position in (5, 6, 7):
        assert last_year[customers[position]] < before[customers[position]] / 2
    for position in (8, 9):
        assert last_year[customers[position]] == 0
        assert before[customers[position]] > 0


def test_names_carry_umlauts_and_accents_of_several_countries(company: DataSet):
    names = "".join(row["last_name"] for row in company.rows("contacts"))
    assert len(set(names) & set("äöüßřžščéèñåøłśęáíóú")) >= 6
    assert len({row["country"] for row in company.rows("accounts")}) >= 6


@pytest.mark.parametrize("arguments", [{"scale": 0}, {"years": 0}, {"years": 21}])
def test_impossible_sizes_are_refused(arguments: dict):
    with pytest.raises(ValueError, match="scale must be above 0, years 1 to 20"):
        generate(**arguments)

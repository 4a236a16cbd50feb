"""Whole stories by python-quickbooks, unmodified: from a customer to what it owes, and by when."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from quickbooks import exceptions
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.objects import (
    Account,
    Class,
    CompanyInfo,
    CreditMemo,
    Customer,
    Department,
    EmailAddress,
    Estimate,
    Invoice,
    Item,
    Payment,
    PaymentMethod,
    Preferences,
    Ref,
    SalesReceipt,
    TaxAgency,
    TaxCode,
    TaxRate,
    TaxRateDetails,
    TaxService,
    Term,
)
from quickbooks.objects.base import LinkedTxn
from quickbooks.objects.detailline import SalesItemLine, SalesItemLineDetail
from quickbooks.objects.exchangerate import ExchangeRate
from quickbooks.objects.payment import PaymentLine

from crossdock_mocks.dialects.quickbooks import webhooks
from crossdock_mocks.engine.webhooks import WebhookCatcher


def _customer(qb, name="Whole Story Ltd"):
    customer = Customer()
    customer.DisplayName = name
    customer.PrimaryEmailAddr = EmailAddress()
    customer.PrimaryEmailAddr.Address = "buyer@story.example"
    term = Term.filter(Name="Net 30", qb=qb)[0]
    customer.SalesTermRef = term.to_ref()
    return customer.save(qb=qb)


def _item(qb, name, price):
    item = Item()
    item.Name = name
    item.Type = "Service"
    item.UnitPrice = price
    item.Sku = name.upper()
    item.IncomeAccountRef = Account.filter(Name="Services", qb=qb)[0].to_ref()
    return item.save(qb=qb)


def _line(qb, item, quantity):
    line = SalesItemLine()
    line.Amount = round(quantity * item.UnitPrice, 2)
    line.SalesItemLineDetail = SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = item.to_ref()
    line.SalesItemLineDetail.Qty = quantity
    line.SalesItemLineDetail.UnitPrice = item.UnitPrice
    line.SalesItemLineDetail.TaxCodeRef = TaxCode.filter(Name="STD", qb=qb)[0].to_ref()
    return line


def _linked(document):
    linked = LinkedTxn()
    linked.TxnId, linked.TxnType = document.Id, document.qbo_object_name
    return linked


def _paid(qb, customer, total, **applied):
    payment = Payment()
    payment.CustomerRef = customer.to_ref()
    payment.TotalAmt = total
    for amount, document in applied.values():
        line = PaymentLine()
        line.Amount = amount
        line.LinkedTxn = [_linked(document)]
        payment.Line.append(line)
    return payment.save(qb=qb)


def _aged(invoices, today):
    """What is open, by how many days it is overdue."""
    buckets = dict.fromkeys(("current", "1-30", "31-60", "61-90", "91+"), Decimal(0))
    for invoice in invoices:
        late = (today - date.fromisoformat(invoice.DueDate)).days
        names = ((0, "current"), (30, "1-30"), (60, "31-60"), (90, "61-90"))
        name = next((name for most, name in names if late <= most), "91+")
        buckets[name] += Decimal(str(invoice.Balance))
    return buckets


def _story(qb, today):
    customer = _customer(qb)
    advice, visit = _item(qb, "Advice", 120.5), _item(qb, "Visit", 80)

    estimate = Estimate()
    estimate.CustomerRef = customer.to_ref()
    estimate.Line = [_line(qb, advice, 4), _line(qb, visit, 1)]
    estimate = estimate.save(qb=qb)
    assert (estimate.TotalAmt, estimate.TxnStatus) == (674.4, "Pending")

    invoice = Invoice()
    invoice.CustomerRef = customer.to_ref()
    invoice.Line = [_line(qb, advice, 4), _line(qb, visit, 1)]
    invoice.LinkedTxn = [_linked(estimate)]
    invoice.TxnDate = (today - timedelta(days=75)).isoformat()
    invoice = invoice.save(qb=qb, request_id="story-invoice")
    assert (invoice.TotalAmt, invoice.Balance) == (674.4, 674.4)
    assert invoice.TxnTaxDetail.TotalTax == 112.4
    assert invoice.DueDate == (today - timedelta(days=45)).isoformat()
    assert Estimate.get(estimate.Id, qb=qb).TxnStatus == "Closed"

    second = Invoice()
    second.CustomerRef = customer.to_ref()
    second.Line = [_line(qb, visit, 2)]
    second = second.save(qb=qb)

    payment = _paid(qb, customer, 300, first=(250, invoice))
    assert payment.UnappliedAmt == 50

    memo = CreditMemo()
    memo.CustomerRef = customer.to_ref()
    memo.Line = [_line(qb, visit, 1)]
    memo = memo.save(qb=qb)
    assert (memo.TotalAmt, memo.RemainingCredit) == (96, 96)
    applied = _paid(qb, customer, 0, first=(96, Invoice.get(invoice.Id, qb=qb)), by=(96, memo))
    assert applied.UnappliedAmt == 0
    assert CreditMemo.get(memo.Id, qb=qb).Balance == 0

    opened = Invoice.where(f"CustomerRef = '{customer.Id}' AND Balance > '0'", qb=qb)
    buckets = _aged(opened, today)
    assert buckets["31-60"] == Decimal("328.4")
    assert buckets["current"] == Decimal(192)
    assert sum(buckets.values()) == Decimal("520.4")
    owed = Customer.get(customer.Id, qb=qb)
    assert Decimal(str(owed.Balance)) == Decimal("520.4") - 50
    return customer, invoice, second, payment, memo


def test_from_a_customer_to_what_it_owes_and_by_when(qb, live):
    customer, invoice, *_ = _story(qb, live.world.today)

    # The same from the raw state.
    rows = live.world.table("qbo_invoice").find({"CustomerRef.value": customer.Id})
    payments = live.world.table("qbo_payment").find({"CustomerRef.value": customer.Id})
    assert len(rows) == 2
    taken = sum(
        Decimal(str(line["Amount"]))
        for payment in payments
        for line in payment["Line"]
        if line["LinkedTxn"][0]["TxnId"] == invoice.Id
    )
    (row,) = (row for row in rows if row["Id"] == invoice.Id)
    assert Decimal(str(row["TotalAmt"])) - taken == Decimal(str(row["Balance"]))


def test_the_same_story_in_process(qb_in_process, world):
    qb = qb_in_process()

    _story(qb, world.today)


def test_an_invoice_sent_again_under_its_request_id_is_there_once(qb, live):
    customer, item = _customer(qb), _item(qb, "Once", 10)
    invoice = Invoice()
    invoice.CustomerRef = customer.to_ref()
    invoice.Line = [_line(qb, item, 1)]

    first = invoice.save(qb=qb, request_id="order-1")
    invoice.Id = None
    again = invoice.save(qb=qb, request_id="order-1")

    assert again.Id == first.Id
    assert live.world.table("qbo_invoice").count({"CustomerRef.value": customer.Id}) == 1


def test_a_sale_for_cash_and_what_is_left_after_voiding(qb):
    customer, item = _customer(qb), _item(qb, "Cash", 50)
    receipt = SalesReceipt()
    receipt.CustomerRef = customer.to_ref()
    receipt.Line = [_line(qb, item, 2)]
    receipt.PaymentMethodRef = Ref()
    receipt.PaymentMethodRef.value = PaymentMethod.filter(Name="Cash", qb=qb)[0].Id
    receipt = receipt.save(qb=qb)
    assert (receipt.TotalAmt, receipt.Balance) == (120, 0)
    assert receipt.download_pdf(qb=qb).startswith(b"%PDF-1.4")

    receipt.void(qb=qb)

    voided = SalesReceipt.get(receipt.Id, qb=qb)
    assert (voided.TotalAmt, voided.PrivateNote) == (0, "Voided")
    assert Customer.get(customer.Id, qb=qb).Balance == 0


def test_voiding_a_payment_opens_its_invoice_again_and_deleting_the_invoice_ends_it(qb):
    customer, item = _customer(qb), _item(qb, "Void", 100)
    invoice = Invoice()
    invoice.CustomerRef = customer.to_ref()
    invoice.Line = [_line(qb, item, 1)]
    invoice = invoice.save(qb=qb)
    payment = _paid(qb, customer, 120, all=(120, invoice))
    assert Invoice.get(invoice.Id, qb=qb).Balance == 0

    payment.void(qb=qb)

    invoice = Invoice.get(invoice.Id, qb=qb)
    assert (invoice.Balance, Payment.get(payment.Id, qb=qb).TotalAmt) == (120, 0)
    assert invoice.download_pdf(qb=qb)[:5] == b"%PDF-"
    invoice.void(qb=qb)
    assert Invoice.get(invoice.Id, qb=qb).TotalAmt == 0
    Invoice.get(invoice.Id, qb=qb).delete(qb=qb)
    with pytest.raises(exceptions.ObjectNotFoundException):
        Invoice.get(invoice.Id, qb=qb)
    assert Customer.get(customer.Id, qb=qb).Balance == 0


def test_reading_back_and_saving_as_a_whole_changes_nothing_but_what_was_changed(qb, live):
    """The client posts the whole object, computed fields and empty ones with it."""
    (before,) = Invoice.filter(DocNumber="IN-100007", qb=qb)
    raw = live.world.table("qbo_invoice").get(before.Id)

    before.CustomerMemo = None
    before.PrivateNote = "Called on Monday"
    before.TotalAmt, before.Balance = 1, 2
    after = before.save(qb=qb)

    now = live.world.table("qbo_invoice").get(before.Id)
    changed = {name for name in now if now[name] != raw.get(name)}
    assert changed == {"PrivateNote", "SyncToken", "MetaData"}
    assert (after.SyncToken, after.PrivateNote) == ("1", "Called on Monday")
    assert set(raw) - set(now) == set()


def test_a_stale_sync_token_is_refused_and_reading_again_resolves_it(qb):
    customer = _customer(qb)
    mine, theirs = (Customer.get(customer.Id, qb=qb) for _ in range(2))
    theirs.Notes = "Theirs"
    theirs.save(qb=qb)
    mine.CompanyName = "Mine"

    with pytest.raises(exceptions.QuickbooksException) as refusal:
        mine.save(qb=qb)

    assert refusal.value.error_code == 5010
    fresh = Customer.get(customer.Id, qb=qb)
    fresh.CompanyName = "Mine"
    saved = fresh.save(qb=qb)
    assert (saved.Notes, saved.CompanyName, saved.SyncToken) == ("Theirs", "Mine", "2")


def test_batches_tell_of_each_item_what_became_of_it(qb, live):
    names = [f"Batch {number}" for number in range(33)]
    wanted = []
    for name in [*names, "Batch 3"]:
        customer = Customer()
        customer.DisplayName = name
        wanted.append(customer)

    made = batch_create(wanted, qb=qb)

    assert [each.DisplayName for each in made.successes] == names
    (fault,) = made.faults
    assert fault.Error[0].code == "6240"
    batches = live.world.journal.find(operation="batch")
    assert len(batches) == 2  # the client cuts at thirty
    for each in made.successes:
        each.Notes = "Changed"
    assert len(batch_update(made.successes, qb=qb).successes) == 33
    refused = batch_delete(made.successes[:1], qb=qb)
    assert refused.faults[0].Error[0].code == "500"  # names are made inactive instead


def test_the_change_feed_tells_what_is_new_changed_and_gone(qb, live):
    live.world.clock.advance(timedelta(minutes=30))
    since = live.world.now
    customer, item = _customer(qb), _item(qb, "Fed", 10)
    invoice = Invoice()
    invoice.CustomerRef = customer.to_ref()
    invoice.Line = [_line(qb, item, 1)]
    invoice = invoice.save(qb=qb)
    other = Invoice()
    other.CustomerRef = customer.to_ref()
    other.Line = [_line(qb, item, 2)]
    other.save(qb=qb).delete(qb=qb)

    changes = change_data_capture(
        [Customer, Invoice, Estimate], since.isoformat(timespec="seconds"), qb=qb
    )

    assert [each.Id for each in changes.Customer] == [customer.Id]
    told = {each.Id: getattr(each, "status", "") for each in changes.Invoice}
    assert told == {invoice.Id: "", str(int(invoice.Id) + 1): "Deleted"}
    assert not hasattr(changes, "Estimate")


def test_lists_behind_the_documents(qb):
    assert CompanyInfo.get("1", qb=qb).CompanyName == "Havelbrück Industriebedarf GmbH"
    assert Preferences.get(qb=qb).SalesFormsPrefs.AutoApplyCredit is False
    assert TaxRate.count(qb=qb) == TaxCode.count(qb=qb) == 3
    assert Customer.count("Active = true", qb=qb) == 16
    assert [each.Id for each in Customer.choose(["1", "2"], qb=qb)] == ["1", "2"]
    assert len(Invoice.all(max_results=7, start_position=1, qb=qb)) == 7
    assert Item.all(order_by="Name", max_results=2, qb=qb)[0].Sku
    for kind in (Class, Department):
        made = kind()
        made.Name = "North"
        made = made.save(qb=qb)
        assert (made.Name, made.FullyQualifiedName) == ("North", "North")
        made.Active = False
        assert made.save(qb=qb).Name == "North (deleted)"


def test_a_tax_code_is_made_by_the_tax_service(qb):
    service, rate = TaxService(), TaxRateDetails()
    service.TaxCode = "Special"
    rate.TaxRateName, rate.RateValue = "Special rate", 7.5
    rate.TaxAgencyId = TaxAgency.all(qb=qb)[0].Id
    service.TaxRateDetails = [rate]

    # What the client makes of the answer is its own affair: the id is not where it looks.
    qb.create_object("TaxService/Taxcode", service.to_json())

    (code,) = TaxCode.filter(Name="Special", qb=qb)
    detail = code.SalesTaxRateList.TaxRateDetail[0]
    assert TaxRate.get(detail.TaxRateRef.value, qb=qb).RateValue == 7.5


WRONG = [
    (lambda qb: Customer.get("99999", qb=qb), exceptions.ObjectNotFoundException, 610),
    (lambda qb: Customer().save(qb=qb), exceptions.QuickbooksException, 6080),
    (lambda qb: _customer(qb, "C-10001 Thurnböck Sägetechnik GmbH & Co KG"),
     exceptions.QuickbooksException, 6240),
    (lambda qb: _customer(qb, "a:b"), exceptions.ValidationException, 2040),
    (lambda qb: Item().save(qb=qb), exceptions.ValidationException, 2020),
    (lambda qb: Invoice().save(qb=qb), exceptions.ValidationException, 2020),
    (lambda qb: Payment().save(qb=qb), exceptions.ValidationException, 2020),
    (lambda qb: Customer.query("SELECT * FROM Customer WHERE", qb=qb),
     exceptions.ValidationException, 4000),
    (lambda qb: Customer.query("SELECT * FROM Customer WHERE Notes = 'x'", qb=qb),
     exceptions.ValidationException, 4001),
    (lambda qb: Customer.where("Balance > '0' OR Active = true", qb=qb),
     exceptions.ValidationException, 4000),
    (lambda qb: qb.delete_object("Customer", '{"Id": "1", "SyncToken": "0"}'),
     exceptions.UnsupportedException, 500),
    (lambda qb: qb.create_object("Vendor", "{}"), exceptions.UnsupportedException, 500),
    (lambda qb: qb.create_object("Customer", '{"DisplayName": "X", "Nope": 1}'),
     exceptions.ValidationException, 2010),
    (lambda qb: qb.create_object("Customer", "no json"), exceptions.ValidationException, 2010),
    (lambda qb: qb.change_data_capture("Customer", "2020-01-01"),
     exceptions.QuickbooksException, 6000),
    (lambda qb: qb.batch_operation('{"BatchItemRequest": []}'),
     exceptions.ValidationException, 2020),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "kind", "code"), WRONG, ids=[str(each[2]) for each in WRONG])
def test_wrong_use_gets_the_vendors_code_and_the_clients_own_exception(qb, live, wrong, kind, code):
    with pytest.raises(exceptions.QuickbooksException) as refusal:
        wrong(qb)

    assert type(refusal.value) is kind
    assert refusal.value.error_code == code
    assert not live.world.journal.find(verdict="defect")


def test_a_token_that_has_expired_is_an_authorization_error(qb, live):
    live.world.clock.advance(timedelta(hours=1, seconds=1))

    with pytest.raises(exceptions.AuthorizationException) as refusal:
        Customer.get("1", qb=qb)

    assert refusal.value.error_code == 401
    assert '"code":"3200"' in refusal.value.detail


def test_another_company_is_an_authorization_error(qb):
    qb.company_id = "1"

    with pytest.raises(exceptions.AuthorizationException) as refusal:
        Customer.get("1", qb=qb)

    assert '"code":"100"' in refusal.value.detail


def test_too_many_requests_in_a_minute_are_throttled_until_the_minute_is_over(qb, live):
    live.world.table("qbo_settings").update("requests_per_minute", value=3)
    for _ in range(3):
        Customer.get("1", qb=qb)

    with pytest.raises(exceptions.QuickbooksException) as refusal:
        Customer.get("1", qb=qb)

    assert "errorCode=003001; statusCode=429" in str(refusal.value)
    live.world.clock.advance(timedelta(minutes=1))
    assert Customer.get("1", qb=qb).Id == "1"


@pytest.mark.parametrize("scheme", ["intuit", "intuit-legacy"])
def test_the_clients_own_check_believes_a_webhook_and_no_other(qb, live, scheme):
    verifier = "verifier-token"
    with WebhookCatcher(verifier, webhooks.SIGNING[scheme]) as catcher:
        live.world.webhooks.subscribe(catcher.url, ["qbo.customer.*"], verifier, scheme)
        _customer(qb)
        live.world.webhooks.flush()
        (message,) = catcher.wait(1)

    body, signature = message.body.decode(), message.headers["intuit-signature"]
    assert qb.validate_webhook_signature(body, signature, verifier)
    assert not qb.validate_webhook_signature(body + " ", signature, verifier)
    assert not qb.validate_webhook_signature(body, signature, "another")


def test_rates_of_exchange_are_set_from_a_day_on_and_asked_for_as_of_any(qb, books, refused):
    rate = ExchangeRate()
    rate.SourceCurrencyCode, rate.AsOfDate, rate.Rate = "USD", "2026-11-10", 0.95
    made = rate.save(qb=qb)
    assert (made.TargetCurrencyCode, made.Rate, made.SyncToken) == ("EUR", 0.95, "0")
    made.Rate = 0.96
    assert made.save(qb=qb).SyncToken == "1"
    with pytest.raises(exceptions.QuickbooksException, match="Stale"):
        made.save(qb=qb)

    def told(day):
        (found,) = ExchangeRate.where(f"SourceCurrencyCode = 'USD' AND AsOfDate = '{day}'", qb=qb)
        return found.AsOfDate, found.Rate

    assert told("2026-11-10") == told("2026-11-20") == ("2026-11-10", 0.96)
    assert told("2026-11-09")[0] == "2026-10-01"
    assert {each.SourceCurrencyCode for each in ExchangeRate.where("", qb=qb)} == {
        "USD", "GBP", "CHF"
    }  # fmt: skip
    books.write("ExchangeRate", SourceCurrencyCode="USD", AsOfDate="2026-11-10", Rate="0.97")
    asked = {"sourcecurrencycode": "usd", "asofdate": "2026-11-15"}
    read = books.take(books.client.get("/exchangerate", params=asked))
    assert read["ExchangeRate"]["Rate"] == 0.97
    for wrong, code in (
        ({"SourceCurrencyCode": "EUR", "AsOfDate": "2026-11-10", "Rate": 1}, "6000"),
        ({"SourceCurrencyCode": "USD", "AsOfDate": "2026-11-10", "Rate": 0}, "6000"),
        ({"SourceCurrencyCode": "USD", "Rate": 1}, "2020"),
    ):
        with pytest.raises(refused) as refusal:
            books.write("ExchangeRate", wrong)
        assert refusal.value.code == code
    for query in ("AsOfDate > '2026-01-01'", "Rate = 1"):
        with pytest.raises(refused) as refusal:
            books.rows(f"SELECT * FROM ExchangeRate WHERE {query}")
        assert refusal.value.code == "4001"
    with pytest.raises(refused) as refusal:
        books.take(books.client.get("/exchangerate?sourcecurrencycode=NOK"))
    assert refusal.value.code == "610"

"""The wire itself: envelopes, trace ids, repeats, limits, batches, the change feed, webhooks."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest

from crossdock_mocks.dialects.quickbooks import REALM_ID, webhooks
from crossdock_mocks.engine.webhooks import WebhookCatcher


def test_every_answer_has_a_trace_id_and_the_time_of_the_company(books):
    good = books.client.get("/customer/1")
    bad = books.client.get("/customer/99999")
    nowhere = books.client.get("/salesorder/1")

    traces = {answer.headers["intuit_tid"] for answer in (good, bad, nowhere)}
    assert len(traces) == 3
    for answer in (good, bad, nowhere):
        assert re.fullmatch(r"1-[0-9a-f]{8}-[0-9a-f]{24}", answer.headers["intuit_tid"])
        assert answer.json()["time"] == "2026-11-20T09:00:00.000-08:00"
    assert good.json()["Customer"]["MetaData"]["CreateTime"].endswith("-08:00")


def test_amounts_are_json_numbers_and_what_is_empty_is_left_out(books):
    row = books.one("SELECT * FROM Invoice WHERE Id = '1'")

    assert type(row["TotalAmt"]) in (int, float)
    assert None not in row.values()
    assert "" not in row.values()


@pytest.mark.parametrize("version", [None, 1, 40, 75, 99])
def test_any_minor_version_is_taken(books, version):
    asked = {} if version is None else {"minorversion": version}

    assert books.client.get("/customer/1", params=asked).status_code == 200


@pytest.mark.parametrize("version", ["new", "-1", "7.5"])
def test_a_minor_version_is_a_whole_number(books, refused, version):
    with pytest.raises(refused) as refusal:
        books.take(books.client.get("/customer/1", params={"minorversion": version}))

    assert (refusal.value.status, refusal.value.element) == (400, "minorversion")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/salesorder/1", 404),
        ("POST", "/shipment", 404),
        ("GET", "/vendor/1", 404),
        ("PUT", "/customer", 405),
        ("DELETE", "/invoice/1", 405),
        ("GET", "/customer", 405),
    ],
)
def test_what_the_books_do_not_have_is_an_unsupported_operation(
    books, refused, method, path, status
):
    with pytest.raises(refused) as refusal:
        books.take(books.client.request(method, path))

    assert (refusal.value.status, refusal.value.code) == (status, "500")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"content": b"{", "headers": {"content-type": "application/json"}}, "2010"),
        ({"content": b"[]", "headers": {"content-type": "application/json"}}, "2010"),
        ({"content": b"\xff\xfe", "headers": {"content-type": "application/json"}}, "2010"),
        ({"content": b"", "headers": {"content-type": "application/json"}}, "2020"),
        ({"content": b"<Customer/>", "headers": {"content-type": "application/xml"}}, "1050"),
        ({"content": b"{}"}, "1050"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(books, refused, sent, code):
    with pytest.raises(refused) as refusal:
        books.take(books.client.post("/customer", **sent))

    assert refusal.value.code == code


# Repeats


def test_a_request_id_gives_the_first_answer_again_whatever_the_body(books, refused):
    first = books.write("Customer", DisplayName="Once", _requestid="r-1")
    again = books.write("Customer", DisplayName="Twice", _requestid="r-1")
    assert again == first
    assert books.rows("SELECT * FROM Customer WHERE DisplayName = 'Twice'") == []

    with pytest.raises(refused) as refusal:
        books.write("Class", Name="North", _requestid="r-1")
    assert refusal.value.code == "600"


def test_what_was_refused_may_be_corrected_under_the_same_request_id(books, refused):
    with pytest.raises(refused):
        books.write("Customer", DisplayName="a:b", _requestid="r-2")

    assert books.write("Customer", DisplayName="ab", _requestid="r-2")["DisplayName"] == "ab"


def test_a_delete_sent_again_under_its_request_id_is_answered_again(books):
    memo = books.sale("CreditMemo", books.customer(), books.line(books.item(), 1, 10))
    asked = {"Id": memo["Id"], "SyncToken": memo["SyncToken"]}
    gone = {"status": "Deleted", "domain": "QBO", "Id": memo["Id"]}

    for _ in range(2):
        assert books.write("CreditMemo", asked, _operation="delete", _requestid="d-1") == gone


@pytest.mark.parametrize("key", ["", "x" * 51])
def test_a_request_id_has_up_to_fifty_letters(books, refused, key):
    with pytest.raises(refused) as refusal:
        books.write("Customer", DisplayName="A", _requestid=key)

    assert refusal.value.element == "requestid"


# Limits


def test_five_hundred_requests_a_minute_and_no_more(books):
    books.world.journal.clear()
    statuses = [books.client.get("/class/1").status_code for _ in range(501)]

    assert statuses[:500] == [400] * 500
    last = books.client.get("/class/1")
    assert last.status_code == 429
    (error,) = last.json()["fault"]["error"]
    assert error["message"] == "message=ThrottleExceeded; errorCode=003001; statusCode=429"
    assert (error["code"], last.json()["fault"]["type"]) == ("3001", "SERVICE")
    books.world.clock.advance(timedelta(seconds=59))
    assert books.client.get("/class/1").status_code == 429
    books.world.clock.advance(timedelta(seconds=1))
    assert books.client.get("/class/1").status_code == 400


def test_forty_batches_a_minute_and_no_more(books):
    item = {"bId": "1", "Query": "SELECT COUNT(*) FROM Class"}
    statuses = [
        books.client.post("/batch", json={"BatchItemRequest": [item]}).status_code
        for _ in range(41)
    ]

    assert statuses == [200] * 40 + [429]
    assert books.client.get("/customer/1").status_code == 200


# Batches


def _batch(books, *items):
    answer = books.client.post("/batch", json={"BatchItemRequest": list(items)})
    return {each["bId"]: each for each in books.take(answer)["BatchItemResponse"]}


def test_each_item_of_a_batch_stands_for_itself(books):
    before = books.ask("SELECT COUNT(*) FROM Customer")["totalCount"]
    told = _batch(
        books,
        {"bId": "a", "operation": "create", "Customer": {"DisplayName": "First"}},
        {"bId": "b", "operation": "create", "Customer": {"DisplayName": "first"}},
        {"bId": "c", "operation": "update", "Customer":
         {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "Seen"}},
        {"bId": "d", "operation": "update", "Customer":
         {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "Stale"}},
        {"bId": "e", "Query": "SELECT COUNT(*) FROM Customer"},
        {"bId": "f", "Query": "SELECT nonsense"},
        {"bId": "g", "operation": "delete", "Customer": {"Id": "1", "SyncToken": "1"}},
        {"bId": "h", "operation": "void", "Invoice": {"Id": "1", "SyncToken": "0"}},
        {"bId": "i", "operation": "create"},
    )  # fmt: skip

    codes = {
        key: each["Fault"]["Error"][0]["code"] for key, each in told.items() if "Fault" in each
    }
    assert codes == {"b": "6240", "d": "5010", "f": "4000", "g": "500", "h": "500", "i": "2020"}
    assert told["a"]["Customer"]["DisplayName"] == "First"
    assert told["c"]["Customer"]["Notes"] == "Seen"
    assert told["e"]["QueryResponse"] == {"totalCount": before + 1}


def test_a_refused_item_leaves_nothing_half_done(books):
    """Two lines of a payment: the first could be applied, the second could not."""
    customer, item = books.customer(), books.item()
    first = books.sale("Invoice", customer, books.line(item, 1, 10))
    wrong = [
        {"Amount": 12, "LinkedTxn": [{"TxnId": first["Id"], "TxnType": "Invoice"}]},
        {"Amount": 99, "LinkedTxn": [{"TxnId": "99999", "TxnType": "Invoice"}]},
    ]
    payment = {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 111, "Line": wrong}

    told = _batch(
        books,
        {"bId": "1", "operation": "create", "Payment": payment},
        {"bId": "2", "operation": "create", "Class": {"Name": "Kept"}},
    )

    assert told["1"]["Fault"]["Error"][0]["code"] == "620"
    assert told["2"]["Class"]["Name"] == "Kept"
    assert books.again("Invoice", first)["Balance"] == 12
    assert books.world.table("qbo_payment").count({"CustomerRef.value": customer["Id"]}) == 0


def test_voiding_in_a_batch(books):
    invoice = books.one("SELECT * FROM Invoice WHERE Balance > '0' MAXRESULTS 1")
    asked = {"Id": invoice["Id"], "SyncToken": invoice["SyncToken"], "sparse": True}

    told = _batch(
        books, {"bId": "1", "operation": "update", "optionsData": "void", "Invoice": asked}
    )

    assert told["1"]["Invoice"]["TotalAmt"] == 0


def test_a_batch_has_at_most_thirty_items(books, refused):
    items = [{"bId": str(number), "Query": "SELECT * FROM Class"} for number in range(31)]
    assert len(_batch(books, *items[:30])) == 30

    with pytest.raises(refused) as refusal:
        _batch(books, *items)

    assert (refusal.value.code, refusal.value.element) == ("1040", "BatchItemRequest")


# The change feed


def _changes(books, entities, since):
    answer = books.client.get("/cdc", params={"entities": entities, "changedSince": since})
    (told,) = books.take(answer)["CDCResponse"]
    return told["QueryResponse"]


def test_the_change_feed_tells_of_each_entity_in_its_order(books):
    books.world.clock.advance(timedelta(minutes=5))
    since = books.world.now.isoformat()
    customer, item = books.customer(), books.item()
    kept = books.sale("Invoice", customer, books.line(item, 1, 10))
    gone = books.sale("Invoice", customer, books.line(item, 1, 10))
    books.write("Invoice", Id=gone["Id"], SyncToken="0", _operation="delete")
    retired = books.write("Item", Id=item["Id"], SyncToken="0", sparse=True, Active=False)

    estimates, invoices, items, customers = _changes(
        books, "Estimate,Invoice, Item,Customer", since
    )

    assert estimates == {}
    assert invoices["Invoice"][0] == books.again("Invoice", kept)
    deleted = invoices["Invoice"][1]
    assert (deleted["Id"], deleted["status"]) == (gone["Id"], "Deleted")
    assert set(deleted) == {"domain", "status", "Id", "MetaData"}
    assert items["Item"] == [retired]
    assert customers["Customer"][0]["Balance"] == 12  # its balance follows, its version does not
    assert customers["Customer"][0]["SyncToken"] == "0"


def test_what_a_payment_settles_has_changed_too(books):
    invoice = books.one("SELECT * FROM Invoice WHERE Balance > '0' MAXRESULTS 1")
    books.world.clock.advance(timedelta(minutes=5))
    since = books.world.now.isoformat()
    books.pay({"Id": invoice["CustomerRef"]["value"]}, 1, ("Invoice", invoice, 1))

    (told,) = _changes(books, "Invoice", since)

    assert [each["Id"] for each in told["Invoice"]] == [invoice["Id"]]


@pytest.mark.parametrize(
    ("entities", "since", "code"),
    [
        ("", "2026-11-20", "2020"),
        ("Customer", "", "2020"),
        ("Customer,Nonsense", "2026-11-20", "2170"),
        ("TaxCode", "2026-11-20", "2170"),
        ("Customer", "yesterday", "2030"),
        ("Customer", "2026-10-20", "6000"),
    ],
)
def test_a_change_feed_that_is_asked_wrongly_is_refused(books, refused, entities, since, code):
    with pytest.raises(refused) as refusal:
        _changes(books, entities, since)

    assert refusal.value.code == code


# Webhooks


def _caught(books, scheme, events, happen):
    secret = "verifier"
    catcher = WebhookCatcher(secret, webhooks.SIGNING[scheme])
    books.world.webhooks.post = catcher.post
    books.world.webhooks.subscribe(catcher.url, [events], secret, scheme)
    happen()
    books.world.webhooks.flush()
    assert all(each.verified for each in catcher.caught)
    return [json.loads(each.body) for each in catcher.caught]


def _life(books):
    customer, item = books.customer(), books.item()
    invoice = books.sale("Invoice", customer, books.line(item, 1, 10))
    books.take(books.client.post(f"/invoice/{invoice['Id']}/send", params={"sendTo": "a@b.cc"}))
    books.write("Invoice", Id=invoice["Id"], SyncToken="1", sparse=True, PrivateNote="x")
    books.write("Invoice", Id=invoice["Id"], SyncToken="2", _operation="void")
    books.write("Invoice", Id=invoice["Id"], SyncToken="3", _operation="delete")


def test_cloud_events_tell_the_life_of_an_invoice(books):
    messages = _caught(books, "intuit", "qbo.invoice.*", lambda: _life(books))

    types = [event["type"] for message in messages for event in message]
    assert types == [
        f"qbo.invoice.{word}.v1" for word in ("created", "emailed", "updated", "voided", "deleted")
    ]
    event = messages[0][0]
    assert (event["specversion"], event["intuitaccountid"]) == ("1.0", REALM_ID)
    assert event["source"].startswith("intuit.")
    assert datetime.fromisoformat(event["time"]) == books.world.now
    assert len({event["id"] for message in messages for event in message}) == 5


def test_the_form_before_cloud_events_tells_the_same(books):
    messages = _caught(books, "intuit-legacy", "qbo.*", lambda: _life(books))

    told = [
        (entity["name"], entity["operation"])
        for message in messages
        for notification in message["eventNotifications"]
        for entity in notification["dataChangeEvent"]["entities"]
        if notification["realmId"] == REALM_ID
    ]
    assert told[:2] == [("Customer", "Create"), ("Item", "Create")]
    assert told[2:] == [
        ("Invoice", word) for word in ("Create", "Emailed", "Update", "Void", "Delete")
    ]


def test_a_payment_tells_of_itself_and_of_what_it_settles(books):
    invoice = books.one("SELECT * FROM Invoice WHERE Balance > '0' MAXRESULTS 1")
    customer = {"Id": invoice["CustomerRef"]["value"]}

    messages = _caught(
        books, "intuit", "*", lambda: books.pay(customer, 1, ("Invoice", invoice, 1))
    )

    types = {message[0]["type"] for message in messages}
    assert types == {"qbo.payment.created.v1", "qbo.invoice.updated.v1"}


def test_what_was_refused_tells_nobody(books, refused):
    def wrong():
        with pytest.raises(refused):
            books.write("Customer", DisplayName="a:b")

    assert _caught(books, "intuit", "*", wrong) == []


# Paper


def test_a_pdf_has_its_pages_and_says_what_is_on_the_document(books):
    customer, item = books.customer("Ümläut (Paper) Ltd"), books.item()
    lines = [books.line(item, 1, 10, ServiceDate="2026-11-01") for _ in range(70)]
    invoice = books.sale("Invoice", customer, *lines)

    made = books.client.get(f"/invoice/{invoice['Id']}/pdf")

    assert made.headers["content-type"] == "application/pdf"
    content = made.content
    assert content.startswith(b"%PDF-1.4")
    assert b"/Count 2" in content
    start = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
    assert content[start : start + 4] == b"xref"
    places = [int(each) for each in re.findall(rb"(\d{10}) 00000 n", content)]
    for number, place in enumerate(places, 1):
        assert content[place:].startswith(f"{number} 0 obj".encode())
    assert "Ümläut \\(Paper\\) Ltd".encode("cp1252") in content
    assert b"Total 840.00 EUR" in content


# Rubbish


@pytest.mark.parametrize(
    ("entity", "given", "code"),
    [
        ("Payment", {"TotalAmt": "9" * 40 + ".5"}, "2090"),
        ("Payment", {"TotalAmt": 1e300}, "2090"),
        ("Payment", {"TotalAmt": 1e-30}, "6000"),
        ("Payment", {"TotalAmt": "1e5"}, "2010"),
        ("Payment", {"TotalAmt": True}, "2010"),
        ("Payment", {"TotalAmt": [1]}, "2010"),
        ("Item", {"UnitPrice": -1e300}, "2090"),
        ("Item", {"UnitPrice": 10**30}, "2090"),
        ("Customer", {"DisplayName": "a\x00b"}, "2040"),
        ("Customer", {"DisplayName": "a\x1fb"}, "2040"),
        ("Customer", {"DisplayName": "A", "Notes": "a\x00b"}, "2040"),
        ("Customer", {"DisplayName": "A", "BillAddr": {"Line1": {"a": 1}}}, "2010"),
        ("Customer", {"DisplayName": "   "}, "2040"),
        ("Term", {"Name": "T", "DueDays": "1.5"}, "2010"),
        ("Term", {"Name": "T", "DueDays": 10**12}, "2010"),
    ],
)
def test_rubbish_is_refused_in_the_vendors_words(books, refused, entity, given, code):
    body = {"CustomerRef": {"value": "1"}} if entity == "Payment" else {}
    if entity == "Item":
        body = {"Name": "Z", "Type": "Service", "IncomeAccountRef": {"value": "6"}}
    sent = json.dumps({**body, **given}).encode()

    with pytest.raises(refused) as refusal:
        books.take(
            books.client.post(
                f"/{entity.lower()}", content=sent, headers={"content-type": "application/json"}
            )
        )

    assert (refusal.value.status, refusal.value.code) == (400, code)


def test_quantities_and_prices_out_of_all_measure_are_refused(books, refused):
    customer, line = books.customer(), books.line(books.item(), 1, 10)
    line["SalesItemLineDetail"] |= {"Qty": 1e200, "UnitPrice": 1e-199}

    with pytest.raises(refused) as refusal:
        books.sale("Invoice", customer, line)

    assert refusal.value.code == "2090"


@pytest.mark.parametrize("key", ["0", "00001", "1.0", "1 ", "abc", "-1", "%F0%9F%92%A9", "9" * 40])
def test_an_id_that_names_nothing_is_refused(books, refused, key):
    for entity in ("invoice", "customer"):
        with pytest.raises(refused) as refusal:
            books.take(books.client.get(f"/{entity}/{key}"))
        assert refusal.value.code in ("610", "2030")

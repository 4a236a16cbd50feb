"""An invoice on paper and by e-mail, and the exchange rates of a day."""

from crossdock_mocks.backoffice.kinds import MAILS


def test_a_printed_invoice_is_a_pdf_of_the_invoice_and_always_the_same(erp):
    answer = erp.http.get("/invoices/IN-300003/document")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.4")
    assert answer.content.rstrip().endswith(b"%%EOF")
    invoice = erp.get("/invoices/IN-300003")
    for told in (
        "Delta GmbH", "Invoice IN-300003", "Due 2026-12-12", "BRG-1001", "less 2.5 %",
        f"Total {invoice['total']} EUR",
    ):  # fmt: skip
        assert told.encode() in answer.content, told
    assert erp.http.get("/invoices/IN-300003/document").content == answer.content
    other = erp.http.get("/invoices/IN-300001/document").content
    assert b"Your reference PO-77" in other
    assert b"Order SO-100002" in other


def test_a_place_in_the_cross_reference_table_is_where_its_object_begins(erp):
    content = erp.http.get("/invoices/IN-300001/document").content
    start = int(content.rpartition(b"startxref\n")[2].split()[0])
    places = [line.split() for line in content[start:].splitlines()[3:] if line.endswith(b" n ")]
    for number, (place, *_) in enumerate(places, start=1):
        assert content[int(place) :].startswith(f"{number} 0 obj".encode())


def test_an_invoice_goes_to_who_is_named_or_to_who_is_billed_each_time_it_is_sent(erp):
    for body, to in (({}, "Buying@acme.example"), ({"to": "ap@acme.example"}, "ap@acme.example")):
        answer = erp.call("POST", "/invoices/IN-300001/sending", body)
        assert (answer.status_code, answer.json()["to"]) == (202, to)
    sent = [(row["invoiceId"], row["to"]) for row in erp.world.table(MAILS).find()]
    assert sent == [("IN-300001", "Buying@acme.example"), ("IN-300001", "ap@acme.example")]
    assert erp.refused("POST", "/invoices/IN-300001/sending", {"to": "nobody"})[0] == 422


def test_the_rates_of_a_day_are_the_newest_by_then(erp):
    def rates(**query):
        return {row["of"]: row["rate"] for row in erp.get("/exchange-rates", **query)["items"]}

    assert rates() == {"EUR": "0.875", "USD": "0.79"}
    assert rates(on="2026-09-30") == {"EUR": "0.86"}
    assert rates(on="2026-12-01")["EUR"] == "0.9"
    assert rates(on="2020-01-01") == {}

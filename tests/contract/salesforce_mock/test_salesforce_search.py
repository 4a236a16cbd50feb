"""Searches (SOSL) by the unmodified client, and outbound messages to an endpoint that answers."""

from __future__ import annotations

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from crossdock_mocks.dialects.salesforce import outbound
from crossdock_mocks.engine.xml_bodies import parse

ACK = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>{}</Ack>'
    "</notificationsResponse></e:Body></e:Envelope>"
)


@pytest.fixture
def acme(sf):
    made = {
        name: sf.Account.create({"Name": name, "BillingCity": city})["id"]
        for name, city in [
            ("Xylo Tools", "Leeds"), ("Xylophone Ltd", "York"), ("O'Xylo & Sons", "Xylotown"),
        ]
    }  # fmt: skip
    made["Ann"] = sf.Contact.create({"LastName": "Xylo", "Email": "ann@xylo.example"})["id"]
    return made


def names(sf, text):
    found = sf.search(text)["searchRecords"]
    return sorted((r["attributes"]["type"], r.get("Name")) for r in found)


ACCOUNTS = "RETURNING Account(Name)"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"FIND {{xylo}} {ACCOUNTS}", ["O'Xylo & Sons", "Xylo Tools"]),
        (f"FIND {{XYLO*}} {ACCOUNTS}", ["O'Xylo & Sons", "Xylo Tools", "Xylophone Ltd"]),
        (f"FIND {{xyl?}} IN NAME FIELDS {ACCOUNTS}", ["O'Xylo & Sons", "Xylo Tools"]),
        (f"FIND {{xylo tools}} {ACCOUNTS}", ["Xylo Tools"]),
        (f'FIND {{"tools xylo"}} {ACCOUNTS}', []),
        (f'FIND {{"xylo tools"}} {ACCOUNTS}', ["Xylo Tools"]),
        (f"FIND {{tools OR sons}} IN ALL FIELDS {ACCOUNTS}", None),
        (f"FIND {{xylo AND NOT tools}} {ACCOUNTS}", ["O'Xylo & Sons"]),
        (f"FIND {{(tools OR sons) AND xylo}} {ACCOUNTS}", ["O'Xylo & Sons", "Xylo Tools"]),
        (f"FIND {{xylotown}} {ACCOUNTS}", ["O'Xylo & Sons"]),
        (f"FIND {{xylotown}} IN NAME FIELDS {ACCOUNTS}", []),
        ("FIND {xylo*} RETURNING Account(Name WHERE BillingCity = 'York')", ["Xylophone Ltd"]),
        (
            "find {xylo*} returning account(name ORDER BY Name DESC LIMIT 1)",
            ["Xylophone Ltd"],
        ),
        (f"FIND {{xylo\\*}} {ACCOUNTS}", ["O'Xylo & Sons", "Xylo Tools"]),
        (f"FIND {{nobodyatall}} {ACCOUNTS}", []),
    ],
)
def test_words_are_found(sf, acme, text, found):
    seen = [name for kind, name in names(sf, text) if kind == "Account"]
    if found is None:
        assert {"O'Xylo & Sons", "Xylo Tools"} <= set(seen)
    else:
        assert seen == found


def test_a_quick_search_looks_through_all_objects(sf, acme):
    found = {each["Id"] for each in sf.quick_search("xylo")["searchRecords"]}
    assert {acme["Ann"], acme["Xylo Tools"]} <= found
    mail = sf.search("FIND {ann} IN EMAIL FIELDS RETURNING Contact, Lead")["searchRecords"]
    assert [each["Id"] for each in mail] == [acme["Ann"]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FIND xylo", "MALFORMED_SEARCH"),
        ("FIND {x}", "MALFORMED_SEARCH"),
        ("FIND {xylo", "MALFORMED_SEARCH"),
        ("FIND {xylo OR}", "MALFORMED_SEARCH"),
        ("FIND {xylo} IN SOME FIELDS", "MALFORMED_SEARCH"),
        ("FIND {xylo} RETURNING", "MALFORMED_SEARCH"),
        ("SELECT Id FROM Account", "MALFORMED_SEARCH"),
        ("FIND {xylo} RETURNING Nothing", "INVALID_TYPE"),
        ("FIND {xylo} RETURNING Account(Nope)", "INVALID_FIELD"),
        ("FIND {xylo} RETURNING OpportunityStage", "INVALID_TYPE"),
    ],
)
def test_a_search_that_is_not_right_is_refused(sf, text, code):
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.search(text)
    assert refused.value.content[0]["errorCode"] == code


@pytest.fixture
def endpoint():
    """An endpoint on a free port that answers what it is told to."""

    seen = SimpleNamespace(answers=[], came=[])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.came.append(({k.lower(): v for k, v in self.headers.items()}, body))
            answer = (seen.answers.pop(0) if seen.answers else ACK.format("true")).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            """Keep quiet: what came is in `came`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    seen.url = f"http://127.0.0.1:{server.server_port}/"
    yield seen
    server.shutdown()
    server.server_close()


def test_a_saved_record_is_told_until_the_endpoint_acknowledges(sf, world, endpoint):
    world.webhooks.subscribe(endpoint.url, ["Account.*"], scheme=outbound.SCHEME)
    endpoint.answers += [ACK.format("false"), "<html>sorry</html>", "no xml"]
    key = sf.Account.create({"Name": "A & B <Ltd>"})["id"]
    sf.Contact.create({"LastName": "Nobody"})
    for _ in range(4):
        world.webhooks.flush()
        world.clock.advance(timedelta(hours=3))
    assert world.webhooks.flush() == 0
    assert len(endpoint.came) == 4
    assert [each.state for each in world.webhooks.deliveries] == ["taken"]
    headers, body = endpoint.came[-1]
    assert headers["content-type"].startswith("text/xml")
    assert endpoint.came[0][1] == body
    told = {each.name: each.text for each in outbound._walk(parse(body))}
    assert (told["Name"], told["OrganizationId"][:3]) == ("A & B <Ltd>", "00D")
    assert key in [each.text for each in outbound._walk(parse(body)) if each.name == "Id"]
    assert told["CreatedDate"].endswith("Z")
    sf.Account.update(key, {"Phone": "1"})
    sf.Account.delete(key)
    world.webhooks.flush()
    names = [each.event.name for each in world.webhooks.deliveries]
    assert names == ["Account.created", "Account.updated"]

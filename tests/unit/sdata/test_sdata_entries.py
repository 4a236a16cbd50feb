"""Entries of SData: found by key, shown in part, written with others inside, kept from clashes."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import httpx

from crossdock_mocks.engine import App, MockTransport, World

_SPACES = {
    "a": "http://www.w3.org/2005/Atom",
    "sdata": "http://schemas.sage.com/sdata/2008/1",
    "http": "http://schemas.sage.com/sdata/http/2008/1",
    "os": "http://a9.com/-/spec/opensearch/1.1/",
    "t": "urn:trade",
}
_ROOT = "http://sdata.example:8080/sdata/app/trade/-"


def made(client: httpx.Client, kind: str = "firms", **values: Any) -> dict[str, Any]:
    answer = client.post(f"/{kind}", json={"Name": "Acme", **values} if kind == "firms" else values)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_key_is_written_in_single_or_double_quotes_or_is_a_condition_that_one_entry_meets(
    client: httpx.Client,
) -> None:
    firm = made(client, Name="O'Brien")
    made(client, Name="Other")
    deal = made(client, "deals", What="Saw", Firm={"$key": firm["$key"]})
    for path in ("firms('F001')", 'firms("F001")', "firms(%27F001%27)", "firms(Name eq 'O''Brien')",
                 "firms($key eq 'F001')", 'firms(Name like "_\'%")'):  # fmt: skip
        answer = client.get(f"/{path}")
        assert answer.status_code == 200, (path, answer.text)
        assert answer.json()["$key"] == "F001", path
    for path in ("deals(1)", "deals('1')", 'deals("1")', "deals(Number eq '1')"):
        assert client.get(f"/{path}").json() == deal, path
    for path, status, code in (
        ("firms('F009')", 404, "ApplicationDiagnosis"), ("firms('O''B')", 404, "ApplicationDiagno"),
        ("firms(Name eq 'Nobody')", 404, "ApplicationDiagnosis"), ("firms(F001)", 400, "BadWhere"),
        ("firms(Active)", 400, "BadUrlSyntax"), ("deals(x)", 400, "BadWhereSyntax"),
        ("thing('x')", 404, "ResourceKindNotFound"), ("firms('F001')/Name", 404, "BadUrlSyntax"),
        ("firms('F001')/Deal", 404, "BadUrlSyntax"),
    ):  # fmt: skip
        answer = client.get(f"/{path}")
        assert answer.status_code == status, (path, answer.text)
        assert answer.json()[0]["sdataCode"].startswith(code[:9]), path


def test_a_path_that_leads_nowhere_says_at_which_segment(app: App, world: World) -> None:
    client = httpx.Client(transport=MockTransport(app, world), auth=("kim", "secret"))
    for path, code in (
        ("/other", "BadUrlSyntax"), ("/sdata/other/trade/-/firms", "ApplicationNotFound"),
        ("/sdata/app/other/-/firms", "ContractNotFound"),
        ("/sdata/app/trade/x/firms", "DatasetNotFound"),
        ("/sdata/app/trade/-/thing", "ResourceKindNotFound"),
        ("/sdata/app/trade/-/firms/$other", "BadUrlSyntax"),
    ):  # fmt: skip
        answer = client.get(f"http://sdata.example{path}?format=json")
        assert answer.status_code == 404, path
        assert [each["sdataCode"] for each in answer.json()] == [code], path
    root = ElementTree.fromstring(client.get("http://sdata.example/other").text)
    assert root.findtext("sdata:diagnosis/sdata:sdataCode", namespaces=_SPACES) == "BadUrlSyntax"


def test_select_and_include_show_as_much_as_they_say(client: httpx.Client) -> None:
    place = {"Town": "Bonn", "Zip": "53111"}
    mother = made(client, Name="Mother", Place=place)
    firm = made(
        client, Name="Daughter", Parent={"$key": mother["$key"]}, Note="x",
        Deals={"$resources": [{"What": "Saw", "Amount": 10.005}, {"What": "Oil"}]},
    )  # fmt: skip
    url = f"/firms('{firm['$key']}')"

    def names(entry: dict[str, Any]) -> set[str]:
        return {each for each in entry if not each.startswith("$")}

    plain = client.get(url).json()
    link = {
        "$key": "F001", "$url": f"{_ROOT}/firms('F001')", "$lookup": f"{_ROOT}/firms",
    }  # fmt: skip
    assert plain["Parent"] == link
    assert plain["Deals"] == {"$url": f"{_ROOT}/firms('F002')/Deals"}
    assert client.get(url, params={"precedence": 1}).json().keys() == plain.keys() - {"Note"}
    assert names(client.get(url, params={"precedence": 0}).json()) == set()
    titled = client.get(url, params={"include": "$descriptors"}).json()["Parent"]
    assert titled == {**link, "$descriptor": "Mother"}
    wide = client.get(url, params={"include": "Parent,Deals"}).json()
    assert wide["Parent"]["Name"] == "Mother"
    assert [(each["What"], each["Amount"]) for each in wide["Deals"]["$resources"]] == [
        ("Saw", 10.01), ("Oil", None),
    ]  # fmt: skip
    assert set(wide["Parent"]["Place"]) == {"$key", "$url", "$lookup"}, "and no deeper"
    deep = client.get(url, params={"include": "Parent/Place"}).json()
    assert deep["Parent"]["Place"]["Town"] == "Bonn"
    own = client.get(f"/firms('{mother['$key']}')", params={"include": "$children"}).json()
    assert (own["Place"]["Zip"], own["Deals"]["$resources"]) == ("53111", [])
    assert "$resources" not in own["Daughters"], "which are no children of its own"
    some = client.get(
        url, params={"select": "name,Parent/Place/Town,Deals/What,Parent/Name", "include": "Place"}
    ).json()
    assert names(some) == {"Name", "Parent", "Deals"}
    assert names(some["Parent"]) == {"Name", "Place"}
    assert names(some["Parent"]["Place"]) == {"Town"}
    assert [names(each) for each in some["Deals"]["$resources"]] == [{"What"}, {"What"}]
    assert client.get(url, params={"select": "*,Parent/*"}).json()["Parent"]["Name"] == "Mother"
    assert names(client.get(url, params={"select": "Parent/$key"}).json()) == {"Parent"}
    feed = client.get(f"/firms('{mother['$key']}')/Daughters", params={"select": "Name"}).json()
    assert [each["Name"] for each in feed["$resources"]] == ["Daughter"]
    deals = client.get(f"{url}/deals", params={"where": "Amount gt 1", "orderby": "What"}).json()
    assert [each["What"] for each in deals["$resources"]] == ["Saw"]


def test_what_comes_within_an_entry_is_made_and_changed_with_it_or_not_at_all(
    client: httpx.Client, world: World
) -> None:
    firm = made(client, Place={"Town": "Bonn"}, Deals={"$resources": [{"What": "Saw"}]})
    url = f"/firms('{firm['$key']}')"
    (saw,) = client.get(f"{url}/Deals").json()["$resources"]
    changed = client.put(
        url,
        json={
            "Place": {"Zip": "1"},
            "Deals": {"$resources": [{"$key": saw["$key"], "Amount": 2}, {"What": "Oil"}]},
        },
        params={"include": "Place,Deals"},
    ).json()  # fmt: skip
    assert (changed["Place"]["Town"], changed["Place"]["Zip"]) == ("Bonn", "1")
    told = [(each["What"], each["Amount"]) for each in changed["Deals"]["$resources"]]
    assert told == [("Saw", 2), ("Oil", None)]
    before = {name: world.table(name).find() for name in world.tables}
    for body, path in (
        ({"Name": "B", "Deals": {"$resources": [{"What": "A"}, {}]}}, "What"),
        ({"Name": "B", "Deals": {"$resources": [{"What": "A", "Much": 1}]}}, "Much"),
        ({"Name": "B", "Place": {"City": "x"}}, "City"),
        ({"Name": "B", "Parent": {"Name": "C"}}, "Parent/$key"),
        ({"Name": "B", "Parent": {"$key": "F999"}}, "Parent/$key"),
        ({"Name": "B", "Parent": "F001"}, "Parent"),
    ):
        answer = client.post("/firms", json=body)
        assert answer.status_code == 400, (body, answer.text)
        assert answer.json()[0]["payloadPath"] == path
    assert client.put("/firms('F009')", json={"Name": "B"}).status_code == 404
    assert client.put(url, json={"$key": "F009", "Name": "B"}).status_code == 400
    assert {name: world.table(name).find() for name in world.tables} == before
    other = made(client, Name="Other")
    stolen = {"Deals": {"$resources": [{"$key": saw["$key"], "What": "Mine"}]}}
    answer = client.put(f"/firms('{other['$key']}')", json=stolen)
    assert (answer.status_code, "belongs to another" in answer.text) == (400, True)
    assert client.delete(url).status_code == 200
    assert client.get("/deals").json()["$totalResults"] == 0
    assert client.get("/places").json()["$totalResults"] == 0


def test_what_leads_to_an_entry_that_goes_leads_nowhere_or_keeps_it(client: httpx.Client) -> None:
    mother = made(client, Name="Mother")
    daughter = made(client, Name="Daughter", Parent={"$key": mother["$key"]})
    assert client.delete(f"/firms('{mother['$key']}')").status_code == 200
    assert client.get(f"/firms('{daughter['$key']}')").json()["Parent"] is None


def test_values_are_taken_in_both_forms_of_dates_and_refused_by_kind(client: httpx.Client) -> None:
    for given, kept in (
        ("/Date(1700000000123)/", 1700000000123), ("/Date(1700000000123+0300)/", 1700000000123),
        ("/Date(-1)/", -1), ("2023-11-14", 1699920000000), ("2023-11-14T22:13:20Z", 1700000000000),
        ("2023-11-15T00:13:20.5+02:00", 1700000000500), ("", None), (None, None),
    ):  # fmt: skip
        firm = made(client, Since=given)
        assert firm["Since"] == (None if kept is None else f"/Date({kept})/"), given
    assert made(client, Worth=2.675, Size=3, Active=False, Kind="A")["Worth"] == 2.68
    for name, value in (
        ("Since", "soon"), ("Since", "/Date(x)/"), ("Since", "2026-02-30"), ("Since", 5),
        ("Since", "/Date(999999999999999)/"), ("Size", 1.5), ("Size", "1"), ("Size", 2**31),
        ("Size", True), ("Worth", "1"), ("Worth", 1e16), ("Active", "yes"), ("Active", 1),
        ("Kind", "C"), ("City", 5), ("Name", "x" * 31), ("Deals", []), ("Parent", []),
    ):  # fmt: skip
        answer = client.post("/firms", json={"Name": "Acme", name: value})
        assert answer.status_code == 400, (name, value, answer.text)
        paths = [each.get("payloadPath") for each in answer.json()]
        assert paths == [name], answer.text
    shown = client.get("/firms", params={"where": "Since ge @2023-11-15@", "select": "Since"})
    assert shown.json()["$totalResults"] == 0
    json = {"content-type": "application/json"}
    assert client.post("/firms", content=b"{", headers=json).status_code == 400
    assert client.post("/firms", content=b"<firm/>",
                       headers={"content-type": "application/xml"}).status_code == 415  # fmt: skip


def test_a_change_on_top_of_somebody_else_s_is_refused_with_the_entry_as_it_stands(
    client: httpx.Client,
) -> None:
    firm = made(client)
    url = f"/firms('{firm['$key']}')"
    read = client.get(url)
    tag = read.headers["etag"]
    assert tag == f'"{firm["$etag"]}"'
    assert client.get(url, headers={"if-none-match": tag}).status_code == 304
    now = client.put(url, json={"Name": "B"}, headers={"if-match": tag})
    assert now.status_code == 200
    assert now.headers["etag"] != tag
    late = {"json": {"Name": "C"}, "headers": {"if-match": tag}}
    bare = {"json": {"Name": "C"}, "headers": {"if-match": firm["$etag"]}}
    inside = {"json": {"Name": "C", "$etag": firm["$etag"]}}
    sent: list[tuple[str, dict[str, Any]]] = [
        ("PUT", late), ("PUT", bare), ("PUT", inside), ("DELETE", {"headers": {"if-match": tag}}),
    ]  # fmt: skip
    for method, request in sent:
        refused = client.request(method, url, **request)
        assert refused.status_code == 412
        assert refused.json() == now.json()
        assert refused.headers["etag"] == now.headers["etag"]
    assert client.put(url, json={"Name": "D"}, headers={"if-match": "*"}).status_code == 200
    back = client.get(url).json()
    assert client.put(url, json={**back, "Name": "E"}).json()["Name"] == "E"


def test_a_batch_does_what_each_entry_asks_for_by_itself(client: httpx.Client) -> None:
    first, second = made(client, Name="One"), made(client, Name="Two")
    answer = client.post(
        "/firms/$batch",
        json={"$resources": [
            {"$httpMethod": "POST", "Name": "Three", "Deals": {"$resources": [{"What": "Saw"}]}},
            {"$httpMethod": "PUT", "$key": first["$key"], "$ifMatch": first["$etag"], "City": "X"},
            {"$httpMethod": "PUT", "$key": second["$key"], "$ifMatch": first["$etag"], "City": "Y"},
            {"$httpMethod": "POST", "City": "no name"},
            {"$httpMethod": "GET", "$key": second["$key"]},
            {"$httpMethod": "DELETE", "$key": second["$key"]},
            {"$httpMethod": "DELETE", "$key": second["$key"]},
            {"$httpMethod": "PATCH", "$key": first["$key"]},
            {"$httpMethod": "PUT", "Name": "which?"},
        ]},
    )  # fmt: skip
    assert answer.status_code == 200
    done = answer.json()["$resources"]
    assert [each["$httpStatus"] for each in done] == [201, 200, 412, 400, 200, 200, 404, 400, 400]
    assert (done[0]["$key"], done[1]["City"], done[4]["City"]) == ("F003", "X", None)
    assert done[3]["$diagnoses"][0]["payloadPath"] == "Name"
    assert client.get("/deals").json()["$totalResults"] == 1
    assert client.post("/firms/$batch", json={"$resources": [{}] * 101}).status_code == 400
    assert client.post("/firms/$batch", json={}).status_code == 400
    assert client.post("/thing/$batch", json={"$resources": []}).status_code == 404


def test_who_asks_for_no_json_gets_atom(client: httpx.Client) -> None:
    mother = made(client, Name="Mo & Sons <\x01>", Place={"Town": "Bonn"})
    made(client, Parent={"$key": mother["$key"]}, Deals={"$resources": [{"What": "Saw"}]})
    client.params = httpx.QueryParams()
    answer = client.get("/firms", params={"count": 1, "include": "Place,Deals", "startIndex": 2})
    assert answer.headers["content-type"] == "application/atom+xml; type=feed"
    feed = ElementTree.fromstring(answer.content)
    counts = [feed.findtext(f"os:{name}", namespaces=_SPACES)
              for name in ("totalResults", "startIndex", "itemsPerPage")]  # fmt: skip
    assert counts == ["2", "2", "1"]
    links = {each.get("rel"): each.get("href") for each in feed.findall("a:link", _SPACES)}
    assert "next" not in links
    assert links["previous"] == f"{_ROOT}/firms?include=Place%2CDeals&startIndex=1&count=1"
    (firm,) = feed.findall("a:entry/sdata:payload/t:Firm", _SPACES)
    assert firm.get(f"{{{_SPACES['sdata']}}}key") == "F002"
    assert firm.findtext("t:Active", namespaces=_SPACES) == "true"
    assert firm.find("t:City", _SPACES).get("{http://www.w3.org/2001/XMLSchema-instance}nil")  # type: ignore[union-attr]
    assert firm.findtext("t:Made", namespaces=_SPACES) == "2026-11-20T09:30:00.000Z"
    assert firm.findtext("t:Deals/t:Deal/t:What", namespaces=_SPACES) == "Saw"
    one = client.get(f"/firms('{mother['$key']}')", params={"include": "Place"})
    assert one.headers["content-type"] == "application/atom+xml; type=entry"
    entry = ElementTree.fromstring(one.content)
    assert entry.findtext("a:title", namespaces=_SPACES) == "Mo & Sons <>"
    assert entry.findtext(".//t:Place/t:Town", namespaces=_SPACES) == "Bonn"
    assert entry.findtext("http:etag", namespaces=_SPACES) == one.headers["etag"].strip('"')
    json = client.get("/firms", headers={"accept": "application/json"})
    assert json.headers["content-type"] == "application/json"
    refused = client.get("/firms", params={"where": "Nam eq 1"})
    assert refused.headers["content-type"] == "application/xml"
    diagnosis = ElementTree.fromstring(refused.content)[0]
    assert diagnosis.findtext("sdata:severity", namespaces=_SPACES) == "Error"
    for url in (f"/firms('{mother['$key']}')", "/firms/$template"):
        ElementTree.fromstring(client.get(url).content)
    assert ElementTree.fromstring(client.post("/firms", json={"Name": "X"}).content) is not None


def test_what_a_kind_is_made_of_can_be_read(client: httpx.Client) -> None:
    template = client.get("/firms/$template").json()
    assert (template["Active"], template["Name"], "$key" in template) == (True, None, False)
    xs, sme = "{http://www.w3.org/2001/XMLSchema}", "{http://schemas.sage.com/sdata/sme/2007}"
    root = ElementTree.fromstring(client.get("/$schema").content)
    kinds = {
        each.get("name"): each.get(f"{sme}pluralName") for each in root.findall(f"{xs}element")
    }
    assert kinds == {"Firm": "firms", "Place": "places", "Deal": "deals"}
    root = ElementTree.fromstring(client.get("/firms/$schema").content)
    listed = {each.get("name"): each for each in root.iter(f"{xs}element")}
    assert listed["Name"].get(f"{sme}isMandatory") == "true"
    assert listed["Name"].get(f"{sme}maxLength") == "30"
    assert listed["Made"].get(f"{sme}isReadOnly") == "true"
    assert listed["Deals"].get(f"{sme}isCollection") == "true"
    assert listed["Parent"].get("type") == "tns:Firm--type"
    assert client.get("/thing/$schema").status_code == 404

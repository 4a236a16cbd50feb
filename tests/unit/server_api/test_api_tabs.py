"""Tabs over HTTP: listed, and opened in every form."""

from __future__ import annotations

import csv
import io
import json

import jsonschema
import pytest

from crossdock.specifications import specification


def test_the_tabs_of_an_account_are_named_with_their_parameters(sidecar):
    tabs = sidecar.get("/v1/accounts/A-1001/tabs").json()["data"]
    aging = next(each for each in tabs if each["address"] == "erp-tabs/aging")
    assert (aging["plugin_id"], aging["tab_id"], aging["fault"]) == ("erp-tabs", "aging", None)
    assert "as_of" in {each["name"] for each in aging["params"]}


def test_a_tab_comes_as_plain_data_that_fits_the_view_s_own_schema(sidecar):
    answer = sidecar.get(
        "/v1/accounts/A-1001/tabs/erp-tabs/aging", params={"params[as_of]": "2026-10-31"}
    )
    document = answer.json()
    assert document["params"]["as_of"] == "2026-10-31"
    assert document["fault"] is None
    schema = json.loads(specification("view.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(document["view"], schema)
    assert answer.headers["vary"] == "accept, accept-language"


def test_a_tab_as_a_page_escapes_everything_and_allows_its_own_style_only(sidecar):
    answer = sidecar.get("/v1/accounts/A-1001/tabs/probe/rude", headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "<title>&lt;i&gt;Rude&lt;/i&gt;</title>" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert answer.headers["x-frame-options"] == "DENY"


def test_pages_may_stand_in_frames_of_the_configured_crm_only(open_sidecar):
    sidecar = open_sidecar(frame_ancestors=["https://crm.example.test"])
    answer = sidecar.get("/v1/accounts/A-1001/tabs/probe/rude?as=html")
    assert "frame-ancestors https://crm.example.test" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    listed = sidecar.get("/v1/accounts/A-1001/tabs")
    assert listed.headers["x-frame-options"] == "DENY"


def test_a_fragment_is_the_inner_part_for_a_page_of_the_crm(sidecar):
    text = sidecar.get("/v1/accounts/A-1001/tabs/erp-tabs/orders?as=fragment").text
    assert text.startswith('<div class="cd-view"')
    assert "<html" not in text


def test_links_lead_where_the_configuration_says_or_nowhere(open_sidecar):
    path = "/v1/accounts/A-1001/tabs/erp-tabs/invoices?as=fragment"
    assert "href=" not in open_sidecar().get(path).text
    linked = open_sidecar(link_base="https://crm.example.test/open/").get(path).text
    assert 'href="https://crm.example.test/open/invoice/' in linked


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/html;q=0.3, application/json;q=0.7", "application/json"),
        ("text/*", "text/html"),
        ("application/json;q=0, text/html;q=0.1", "text/html"),
    ],
)
def test_the_form_that_the_client_likes_best_is_given(sidecar, accept, media):
    answer = sidecar.get("/v1/accounts/A-1001/tabs/probe/rude", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(media)


def test_a_form_that_cannot_be_made_is_refused(sidecar):
    answer = sidecar.get("/v1/accounts/A-1001/tabs/probe/rude", headers={"Accept": "image/png"})
    assert answer.status_code == 406


def test_a_tab_whose_plugin_fails_is_an_answer_that_says_so(sidecar):
    answer = sidecar.get("/v1/accounts/A-1001/tabs/probe/broken")
    assert answer.status_code == 200
    assert answer.headers["crossdock-fault"] == "1"
    assert "probe" in answer.json()["fault"]
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("params[as_of]=yesterday", "#/query/params/as_of"),
        ("params[nonsense]=1", "#/query/params/nonsense"),
    ],
)
def test_a_parameter_that_cannot_be_read_is_named(sidecar, query, pointer):
    answer = sidecar.get(f"/v1/accounts/A-1001/tabs/erp-tabs/aging?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "path",
    [
        "/v1/accounts/A-9/tabs",
        "/v1/accounts/A-1001/tabs/erp-tabs/nothing",
        "/v1/accounts/A-1001/tabs/nobody/nothing",
    ],
)
def test_what_is_not_there_is_not_found(sidecar, path):
    assert sidecar.get(path).status_code == 404


def test_a_tab_comes_as_an_adaptive_card(sidecar):
    asked = {"Accept": "application/vnd.microsoft.card.adaptive"}
    answer = sidecar.get("/v1/accounts/A-1001/tabs/erp-tabs/aging", headers=asked)
    assert answer.headers["content-type"].startswith("application/vnd.microsoft.card.adaptive")
    card = answer.json()
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.5")
    assert card["body"]


def test_a_table_of_a_tab_is_had_as_a_file(sidecar):
    path = "/v1/accounts/A-1001/tabs/erp-tabs/invoices"
    answer = sidecar.get(path, params={"as": "csv", "params[invoices.sort]": "-gross"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="Invoices-A-1001.csv"'
    head, *rows = csv.reader(io.StringIO(answer.text))
    value = next(n for n, name in enumerate(head) if name.startswith("Value"))
    assert "Source" in head
    values = [float(row[value]) for row in rows]
    assert values == sorted(values, reverse=True)
    accepted = sidecar.get(f"{path}?table=invoices", headers={"Accept": "text/csv"})
    assert len(accepted.text.splitlines()) == len(rows) + 1
    missing = sidecar.get(f"{path}?as=csv&table=nothing")
    assert missing.status_code == 404
    assert "it shows: invoices" in missing.json()["detail"]


def test_a_table_is_arranged_by_parameters_of_its_tab(sidecar):
    path = "/v1/accounts/A-1001/tabs/erp-tabs/invoices"
    shown = sidecar.get(path, params={"params[invoices.find]": "no such thing"}).json()
    table = next(each for each in shown["view"]["components"] if each["type"] == "table")
    assert (table["rows"], table["arranged"]["find"]) == ([], "no such thing")
    wrong = sidecar.get(path, params={"params[invoices.sort]": "colour"})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "#/query/params/invoices.sort"


def test_texts_are_in_the_language_of_the_reader(sidecar):
    path = "/v1/accounts/A-1001/tabs/erp-tabs/invoices?as=html"
    assert '<html lang="de">' in sidecar.get(path, headers={"Accept-Language": "de"}).text
    assert '<html lang="en-GB">' in sidecar.get(path, headers={"Accept-Language": "en-US"}).text

"""Links to frames, and short cards, over HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import jsonschema
import pytest
from referencing import Registry, Resource

from crossdock.server.embed import EmbedSettings
from crossdock.server.embed.links import read
from crossdock.specifications import specification

ORIGIN = "https://crm.example"
SETTINGS = EmbedSettings(
    keys=("k" * 40,), origins=(ORIGIN,), url="https://side.example/embed", lifetime_seconds=600
)
LINK = {"tab": "erp-tabs/aging", "record_id": "A-1001", "origin": ORIGIN}


@pytest.fixture
def embedding(sidecar, monkeypatch):
    """A side-car beside which frames are served."""
    monkeypatch.setattr(sidecar.app.state.api, "embed", SETTINGS)
    return sidecar


def test_a_link_shows_this_user_this_tab_in_this_page_for_a_while(embedding):
    body = {**LINK, "params": {"as_of": "2026-06-30"}, "lifetime_seconds": 60}
    made = embedding.post("/v1/embed-links", json=body)
    assert made.status_code == 201, made.text
    url = made.json()["url"]
    assert url.startswith("https://side.example/embed/t/")
    link = read(SETTINGS, url.rpartition("/")[2], now=0)
    assert (link.user, link.record, link.tab) == ("U-kim", "A-1001", "erp-tabs/aging")
    assert (link.origin, link.subject, dict(link.params)) == (ORIGIN, "account", body["params"])
    left = datetime.fromisoformat(made.json()["expires_at"]) - datetime.now(UTC)
    assert 0 < left.total_seconds() <= 60


def test_a_contact_s_tab_can_stand_in_a_frame_too(embedding):
    contact = embedding.host.crm.contacts("A-1001")[0]
    tab = embedding.get(f"/v1/contacts/{contact.id}/tabs").json()["data"][0]["address"]
    body = {**LINK, "tab": tab, "subject": "contact", "record_id": contact.id}
    url = embedding.post("/v1/embed-links", json=body).json()["url"]
    assert read(SETTINGS, url.rpartition("/")[2], now=0).subject == "contact"


def test_a_link_that_would_not_open_is_not_signed(embedding):
    for changed, status, pointers in (
        ({"origin": "https://evil.example"}, 422, ["/origin"]),
        ({"origin": "https://crm.example/path"}, 422, ["/origin"]),
        ({"lifetime_seconds": 601}, 422, ["/lifetime_seconds"]),
        ({"lifetime_seconds": 0}, 422, ["/lifetime_seconds"]),
        ({"params": {"as_of": "lately"}}, 422, ["/params"]),
        ({"params": {"nonsense": "1"}}, 422, ["/params/nonsense"]),
        ({"subject": "user"}, 422, ["/subject"]),
        ({"tab": "aging"}, 422, ["/tab"]),
        ({"tab": "erp-tabs/nothing"}, 404, []),
        ({"record_id": "A-404"}, 404, []),
    ):
        refused = embedding.post("/v1/embed-links", json={**LINK, **changed})
        assert refused.status_code == status, changed
        assert [each["pointer"] for each in refused.json()["errors"]] == pointers


def test_nobody_signs_links_without_the_table_embed(sidecar):
    refused = sidecar.post("/v1/embed-links", json=LINK)
    assert (refused.status_code, refused.json()["code"]) == (409, "embed_not_configured")


def test_a_key_signs_only_for_users_that_it_may_act_for(open_sidecar, settings, monkeypatch):
    key = "cdk_" + "s" * 40
    settings["keys"]["signer"] = {"secret": key, "scopes": ["embed:sign"], "users": ["U-kim"]}
    sidecar = open_sidecar()
    monkeypatch.setattr(sidecar.app.state.api, "embed", SETTINGS)
    assert sidecar.post("/v1/embed-links", json=LINK, key=key).status_code == 201
    other = next(u.id for u in sidecar.host.crm.users() if u.active and u.id != "U-kim")
    assert sidecar.post("/v1/embed-links", json=LINK, key=key, user=other).status_code == 403


@pytest.fixture
def fits():
    """Check a document against `card.schema.json`."""

    def load(name):
        return json.loads(specification(name).read_text(encoding="utf-8"))

    card, view = load("card.schema.json"), load("view.schema.json")
    resources = [(each["$id"], Resource.from_contents(each)) for each in (card, view)]
    registry = Registry().with_resources(resources)
    registry = registry.with_resource("view.schema.json", Resource.from_contents(view))
    return jsonschema.Draft202012Validator(card, registry=registry).validate


def test_a_tab_comes_as_a_short_card(open_sidecar, fits):
    sidecar = open_sidecar(link_base="https://crm.example/")
    where = "/v1/accounts/A-1001/tabs/erp-tabs/aging"
    short = sidecar.get(where, params={"as": "short"})
    assert short.headers["content-type"] == "application/vnd.crossdock.card+json"
    fits(short.json())
    assert (short.json()["title"], short.json()["url"]) == (
        "Aging", "https://crm.example/account/A-1001",
    )  # fmt: skip
    assert short.json()["figures"]
    asked = sidecar.get(where, headers={"Accept": "application/vnd.crossdock.card+json"})
    assert asked.json()["title"] == "Aging"


def test_a_card_of_the_dashboard_comes_as_a_short_card(open_sidecar, fits, tmp_path):
    sidecar = open_sidecar()
    folder = tmp_path / "board"
    folder.mkdir()
    (folder / "plugin.toml").write_text(
        'id = "board"\nname = "Board"\nsdk = ">=0.1"\npoints = ["dashboard_cards"]\n'
    )
    (folder / "plugin.py").write_text(
        "from crossdock import Card, Metric, Metrics, View, hookimpl\n\n"
        "@hookimpl\ndef dashboard_cards(ctx):\n"
        "    def render(ctx):\n"
        "        return View([Metrics(metrics=(Metric(label='<b>Late</b>', value=3),))])\n"
        "    return [Card(id='late', title='Late orders', render=render)]\n"
    )
    sidecar.host.install(folder)
    short = sidecar.get("/v1/cards/board/late?as=short")
    fits(short.json())
    (figure,) = short.json()["figures"]
    assert (figure["label"], figure["text"]) == ("<b>Late</b>", "3")
    assert sidecar.get("/v1/cards/board/late").json()["view"]["components"]
    assert sidecar.get("/v1/cards/board/late?as=pdf").status_code == 400

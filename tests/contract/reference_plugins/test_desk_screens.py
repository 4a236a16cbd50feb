"""The desk shows what plugins bring: cards, lists, contacts' tabs, and answers beside fields."""

from __future__ import annotations

import asyncio
import html
import re

import httpx
import pytest
from attrs import evolve

from crossdock.records import Account, Address
from crossdock.server.desk.app import create_desk
from crossdock.server.desk.desk import DeskSettings

PLUGINS = ("erp-tabs", "data-quality", "opportunity-discipline", "watch-list")


class Desk:
    """Somebody at the desk, without any script."""

    def __init__(self, host):
        self.app = create_desk(host, DeskSettings(secret="s" * 32))
        self.cookies = httpx.Cookies()

    def ask(self, method, path, **more):
        async def go():
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(
                transport=transport,
                base_url="http://127.0.0.1",
                cookies=self.cookies,
                follow_redirects=True,
            ) as client:
                answer = await client.request(method, path, **more)
                self.cookies = client.cookies
                return answer

        self.answer = asyncio.run(go())
        return self.answer

    def open(self, path, status=200):
        assert self.ask("GET", path).status_code == status, self.answer.text[:2000]
        return self

    @property
    def path(self):
        return self.answer.url.path

    @property
    def page(self):
        return self.answer.text

    @property
    def text(self):
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.page)).split())

    def fields(self):
        """What stands in the form, as a browser would send it."""
        found = {
            html.unescape(name): html.unescape(value)
            for name, value in re.findall(
                r'<input[^>]*\bname="([^"]+)"[^>]*\bvalue="([^"]*)"', self.page
            )
        }
        for name, options in re.findall(
            r'<select[^>]*name="([^"]+)".*?>(.*?)</select>', self.page, re.DOTALL
        ):
            chosen = re.search(r'value="([^"]*)" selected', options)
            first = re.search(r'value="([^"]*)"', options)
            found[name] = html.unescape((chosen or first).group(1))
        return found

    def send(self, path, status=200, **typed):
        data = {**self.open(path).fields(), **typed}
        assert self.ask("POST", path, data=data).status_code == status, self.answer.text[:2000]
        return self

    def said(self, field):
        """What stands beside a field."""
        place = f'id="f-{field.replace(".", "-")}-said"'
        listed = re.search(place + r">(.*?)</ul>", self.page, re.DOTALL)
        texts = re.findall(r"</span>(.*?)</li>", listed.group(1)) if listed else []
        return [html.unescape(each) for each in texts]


@pytest.fixture
def scene(open_scene):
    return open_scene(*PLUGINS)


@pytest.fixture
def kim(scene):
    desk = Desk(scene.host)
    desk.send("/sign-in", user="U-kim")
    return desk


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_the_dashboard_shows_a_card_of_each_plugin_with_the_way_on(scene, kim):
    kim.open("/")
    assert "<h1>Dashboard</h1>" in kim.page
    assert "Accounts to look after" in kim.text
    assert "Receivables" in kim.text
    assert 'href="/lists/watch-list/overdue"' in kim.page
    assert 'href="/" aria-current="true"' in kim.page


def test_a_dashboard_without_cards_says_so(open_scene):
    desk = Desk(open_scene("data-quality").host)
    desk.send("/sign-in", user="U-kim")
    assert "No plugin has a card for you yet." in desk.open("/").text
    assert "There are no lists yet." in desk.open("/lists").text


def test_lists_are_named_and_opened(scene, kim):
    kim.open("/lists")
    assert "Over their credit limit" in kim.text
    ids = scene.host.segment_accounts("watch-list/overdue", user="kim").account_ids
    kim.open("/lists/watch-list/overdue")
    assert f"1\N{EN DASH}{len(ids)} of {len(ids)}" in kim.text
    assert re.findall(r'row-link" href="/accounts/([^"]+)"', kim.page) == list(ids)
    kim.open("/lists/watch-list/nothing", status=404)
    for number in ("0", "99", "x"):
        kim.open(f"/lists/watch-list/overdue?page={number}")


def test_an_invoice_is_downloaded_and_sent_again_from_its_row(open_dock):
    sends = {"fields": ["personal"], "rights": ["invoices:send"]}
    roles = {"sales": {"fields": ["personal"]}, "manager": sends}
    scene = open_dock("erp-tabs", roles=roles, inline=True)
    kim, boss = Desk(scene.host), Desk(scene.host)
    kim.send("/sign-in", user="U-kim")
    boss.send("/sign-in", user="U-mara")
    tab = f"/accounts/{scene.story['account']}/tabs/erp-tabs/invoices"
    copies = re.findall(r'href="(/documents/main/invoice/[^"]+/copy)"', kim.open(tab).page)
    assert copies
    file = kim.open(copies[0]).answer
    assert file.headers["content-type"] == "application/pdf"
    assert file.content.startswith(b"%PDF-")

    assert "Send again" not in kim.open(tab).page  # a salesperson has no right to it here
    (first, *_) = re.findall(r'href="(/documents/main/invoice/[^"]+/send)"', boss.open(tab).page)
    boss.send(first)
    assert "is on its way to" in boss.text
    assert len(scene.host.store.audit.entries(action="invoice.sent")) == 1


def test_a_list_that_cannot_be_read_says_why(scene, kim):
    scene.erp.faults.add(_away("listCreditStatus"))
    assert "This list could not be read" in kim.open("/lists/watch-list/dormant").text
    assert "This card could not be shown" in kim.open("/").text


def _away(operation):
    from crossdock_mocks.engine import Fault

    return Fault(kind="status", status=503, operation=operation, every=1)


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_an_account_is_edited_and_what_is_wrong_stands_beside_its_field(scene, kim):
    account = scene.host.crm.account(scene.story["account"])
    path = f"/accounts/{account.id}/edit"
    assert f'href="{path}"' in kim.open(f"/accounts/{account.id}").page
    kim.send(path, email="nobody", website="ftp://x")
    assert kim.said("email") == ["'nobody' is not an e-mail address such as office@example.com."]
    assert "is not an address such as" in kim.said("website")[0]
    assert "<title>Error: " in kim.page
    assert 'value="nobody"' in kim.page  # what was typed is kept
    assert scene.host.crm.account(account.id) == account

    kim.send(path, email="Office@NEW.example", phone="+43  1 555 0000")
    assert kim.path == path
    assert "Saved" in kim.text
    assert "Written in one way: spaces, capitals, scheme." in kim.text
    saved = scene.host.crm.account(account.id)
    assert (saved.email, saved.phone) == ("Office@new.example", "+43 1 555 0000")
    assert scene.deliveries.list()[0].subject == account.id


def test_an_account_that_somebody_else_saved_meanwhile_is_not_overwritten(scene, kim):
    account = scene.host.crm.account(scene.story["account"])
    path = f"/accounts/{account.id}/edit"
    typed = kim.open(path).fields() | {"industry": "Mine"}
    scene.host.crm.save_account(evolve(account, industry="Theirs"))
    kim.ask("POST", path, data=typed)
    assert "Somebody else saved this while you were editing it." in kim.text
    assert 'value="Mine"' in kim.page
    assert scene.host.crm.account(account.id).industry == "Theirs"
    kim.ask("POST", path, data=kim.fields())
    assert scene.host.crm.account(account.id).industry == "Mine"


def test_a_form_of_somebody_elses_is_refused(scene, kim):
    answer = kim.ask("POST", f"/accounts/{scene.story['account']}/edit", data={"name": "X"})
    assert answer.status_code == 403


def test_a_new_account_gets_what_it_needs_and_a_contact(scene, kim):
    kim.send("/accounts/new", name="", kind="customer")
    assert kim.said("name") == ["The name is missing, and a customer needs one."]
    assert kim.said("address.country")
    kim.send(
        "/accounts/new", **{"name": "Kraft & Sohn", "kind": "prospect", "address.country": "de"}
    )
    account_id = kim.path.split("/")[2]
    assert scene.host.crm.account(account_id).address == Address(country="DE")

    path = f"/accounts/{account_id}/contacts/new"
    kim.send(path, first_name="Ada", last_name="Wolf")
    assert kim.said("email") == [
        "Ada Wolf cannot be reached: enter an e-mail address or a telephone number."
    ]
    kim.send(path, first_name="Ada", last_name="Wolf", email="ada@kraft.example")
    (contact,) = scene.host.crm.contacts(account_id)
    assert kim.path == f"/contacts/{contact.id}/edit"


def test_a_contact_has_a_page_with_tabs(scene, kim):
    contact = scene.host.crm.contacts(scene.story["account"])[0]
    kim.open(f"/accounts/{contact.account_id}")
    assert f'href="/contacts/{contact.id}"' in kim.page
    kim.open(f"/contacts/{contact.id}")
    assert contact.email in kim.text
    kim.open(f"/contacts/{contact.id}/tabs/erp-tabs/overview")
    assert "Credit available" in kim.text
    # The other tabs are those of the account.
    assert f'href="/accounts/{contact.account_id}/tabs/erp-tabs/aging"' in kim.page
    kim.open(f"/contacts/{contact.id}/tabs/erp-tabs/aging", status=404)
    kim.open("/contacts/P-none", status=404)


def test_a_deal_is_edited_and_scored(scene, kim):
    deals = scene.host.crm.opportunities(scene.story["account"])
    open_stages = {stage.id for stage in scene.host.crm.stages() if stage.kind == "open"}
    deal = next(each for each in deals if each.stage_id in open_stages)
    path = f"/opportunities/{deal.id}"
    assert f'href="{path}"' in kim.open(f"/accounts/{deal.account_id}?show=opportunities").page
    kim.open(path)
    assert "Chance to win" in kim.text
    assert "stands at" in kim.text
    kim.send(path, close_on="2020-01-01", amount="1,200.50")
    assert "has passed" in kim.said("close_on")[0]
    kim.send(path, close_on="soon")
    assert kim.said("close_on") == ["Enter a day, such as 2026-12-31."]
    kim.send(path, amount="-1")
    assert kim.said("amount") == ["Enter an amount of zero or more, such as 1234.50."]
    kim.send(path, amount="1,200.50", close_on="2026-12-31")
    assert "Saved" in kim.text
    saved = scene.host.crm.opportunity(deal.id)
    assert (str(saved.amount.amount), saved.close_on.isoformat()) == ("1200.50", "2026-12-31")


def test_a_new_deal_begins_in_the_first_stage(scene, kim):
    path = f"/accounts/{scene.story['account']}/opportunities/new"
    kim.send(path, name="Spare parts", amount="500", close_on="2026-12-01")
    assert kim.path.startswith("/opportunities/O-")
    deal = scene.host.crm.opportunity(kim.path.rpartition("/")[2])
    assert (deal.name, deal.owner_id) == ("Spare parts", "U-kim")


def test_what_the_crm_itself_refuses_stands_beside_its_field(scene, kim):
    wrong = scene.host.crm.save_account(Account(id="", name="Plain", kind="prospect"))
    answer = kim.send(f"/accounts/{wrong.id}/edit", **{"address.country": "DE", "phone": "1" * 60})
    assert "This was not saved" in answer.text
    assert answer.said("phone")

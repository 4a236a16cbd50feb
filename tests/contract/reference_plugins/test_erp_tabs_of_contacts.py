"""A contact shows the overview of its account (A11)."""

import pytest
from attrs import evolve


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_a_contact_has_the_overview_of_its_account(open_scene):
    scene = open_scene("erp-tabs")
    account = scene.story["account"]
    contact = scene.host.crm.contacts(account)[0]
    (handle,) = scene.host.contact_tabs(contact.id, user="kim")
    assert (handle.address, handle.tab.title) == ("erp-tabs/overview", "Account overview")
    mine = scene.host.render_contact_tab(handle.address, contact.id, user="kim")
    accounts = scene.host.render_tab("erp-tabs/overview", account, user="kim")
    assert mine.fault is None
    assert evolve(mine.view) == accounts.view

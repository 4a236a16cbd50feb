"""The ownership policy as a file: what is wrong is named with its place and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.errors import ConfigError
from crossdock.host.synchronising.policy_file import read_policy

SHIPPED = Path(__file__).parents[3] / "plugins" / "crossdock_plugins" / "account_sync"


def test_the_policy_that_is_shipped_can_be_used():
    policy = read_policy(SHIPPED / "ownership.toml")

    assert set(policy.entities) == {"account", "contact", "item", "price_list", "price"}
    assert policy.of("account").fields["tax_number"].owner == "erp"
    assert policy.of("account").fields["address.country"].form == "country"
    assert policy.of("price").fields["price"].owner == "erp"
    assert policy.of("order") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[account]\nenterd_in = 'x'\n[account.fields]\nname = 'crm'", "did you mean entered_in?"),
        ("[account.fields]\nname = 'crmm'", "account.fields.name: 'crmm' cannot stand here"),
        ("[account.fields]\nphon = 'crm'", "account.fields.phon: there is no such key"),
        ("[account.fields]\nname = { owner = 'crm', erp = { longest = 0 } }", "erp.longest: 0 is"),
        ("[contact.fields]\nemail = 'crm'", "account: it is missing"),
        ("[account", "is not valid TOML"),
    ],
)
def test_a_policy_that_cannot_be_used_says_where_and_what_may_stand_there(tmp_path, text, said):
    file = tmp_path / "ownership.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as refused:
        read_policy(file)

    assert said in str(refused.value)
    assert str(file) in str(refused.value)


def test_a_policy_that_is_not_there_says_where_one_is(tmp_path):
    with pytest.raises(ConfigError, match="the plugin account-sync ships one"):
        read_policy(tmp_path / "none.toml")

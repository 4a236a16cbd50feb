"""Settings are checked when a connector is made, before anything is sent."""

import pytest

from crossdock.connectors import crm, erp
from crossdock.errors import ConfigError

CRM = {"url": "http://crm.test", "client_id": "me", "client_secret": "s3cret-word"}
ERP = {"url": "http://erp.test", "api_key": "k3y-word"}


@pytest.mark.parametrize("key", ["url", "client_id", "client_secret"])
def test_a_missing_crm_setting_is_named_with_its_place(key):
    settings = {name: value for name, value in CRM.items() if name != key}
    with pytest.raises(ConfigError, match=rf"\[crm\] in crossdock.toml lacks '{key}'"):
        crm.connect("crm", settings)


@pytest.mark.parametrize("key", ["url", "api_key"])
def test_a_missing_erp_setting_is_named_with_its_place(key):
    settings = {name: value for name, value in ERP.items() if name != key}
    with pytest.raises(ConfigError, match=rf"\[erp.uk\] in crossdock.toml lacks '{key}'"):
        erp.connect("uk", settings)


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({"url": "erp.test"}, "must be an address such as"),
        ({"url": "ftp://erp.test"}, "must be an address such as"),
        ({"url": "http://"}, "must be an address such as"),
        ({"url": "http://kim:pw@erp.test"}, "must not carry a user or password"),
        ({"url": "http://erp.test/?a=1"}, "must end before"),
        ({"url": "http://erp.test:99999"}, "impossible port"),
        ({"url": 8602}, "must be a text"),
        ({"api_key": "  "}, "must be a text that is not empty"),
        ({"timeout": 0}, "must be a number of seconds above zero, not 0"),
        ({"timeout": "10"}, "must be a number of seconds above zero, not '10'"),
        ({"timeout": True}, "must be a number of seconds above zero"),
        ({"identity": 3}, "'identity' under .* must be a text"),
        ({"apikey": "x"}, "a key 'apikey' that this connector does not know; it knows api_key"),
    ],
)
def test_a_wrong_setting_is_told(over, message):
    with pytest.raises(ConfigError, match=message):
        erp.connect("main", ERP | over)


def test_a_password_in_the_address_is_not_repeated_in_the_message():
    with pytest.raises(ConfigError) as caught:
        erp.connect("main", ERP | {"url": "http://kim:pw-9911@erp.test"})
    assert "pw-9911" not in str(caught.value)


def test_the_address_may_have_a_path_and_a_slash_at_its_end(erp_wire, erp_rows):
    erp_wire.plays("getCustomer", erp_rows.customer())
    port = erp.connect("main", ERP | {"url": "http://erp.test/"}, transport=erp_wire)
    port.customer("C-10001")
    assert str(erp_wire.asked[0][1].url) == "http://erp.test/customers/C-10001"

"""For each setting that the schema calls a secret: its value is shown nowhere.

The schema is walked, so that a secret that is added later is held to it as well.
"""

from __future__ import annotations

import json
import logging
import traceback
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.errors import ConfigError, CrossdockError
from crossdock.host import diagnosis
from crossdock.host.settings.config import HostConfig
from crossdock.host.settings.settings_schema import ANY_NAME, is_secret, settings, settings_schema
from crossdock.host.store import Store
from crossdock.host.systems import connect

ROOT = settings_schema()
SECRETS = [path for path, schema in settings(ROOT, ROOT) if is_secret(schema)]
VALUE = "t0p-s3cret-value-0123456789"  # long enough for any rule of length
# Tables that every configuration has, and what else a table with a secret in it needs.
ALWAYS: dict[tuple[str, ...], dict[str, Any]] = {
    ("crm",): {
        "system": "crm",
        "url": "http://127.0.0.1:1",
        "client_id": "c",
        "client_secret": "x",
    },
    ("erp", "name"): {"system": "erp", "url": "http://127.0.0.1:1", "api_key": "x"},
}
BESIDE: dict[tuple[str, ...], dict[str, Any]] = {
    ("embed",): {"origins": ["https://crm.example.test"]},
    ("server", "keys", "name"): {"scopes": ["tabs:read"]},
    ("server", "senders", "name"): {"secret": "whsec_" + "QUJD" * 11},
}


def value_of(path: tuple[str, ...]) -> str:
    """A database's address is a secret for the password in it."""
    if path == ("store", "url"):
        return f"postgresql://crossdock:{VALUE}@127.0.0.1:1/crossdock"
    return VALUE


def document_with(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    document: dict[str, Any] = {}
    named = tuple("name" if name == ANY_NAME else name for name in path)
    beside = {at: keys for at, keys in BESIDE.items() if named[: len(at)] == at}
    for at, keys in (ALWAYS | beside).items():
        table = document
        for name in at:
            table = table.setdefault(name, {})
        table.update(keys)
    table = document
    for name in named[:-1]:
        table = table.setdefault(name, {})
    table[named[-1]] = value
    return document


def toml_of(document: dict[str, Any]) -> str:
    def inline(value: Any) -> str:
        if isinstance(value, dict):
            return (
                "{ " + ", ".join(f"{json.dumps(k)} = {inline(v)}" for k, v in value.items()) + " }"
            )
        return json.dumps(value)

    return "\n".join(f"{name} = {inline(value)}" for name, value in document.items()) + "\n"


@pytest.fixture(params=SECRETS, ids=".".join)
def path(request: pytest.FixtureRequest) -> tuple[str, ...]:
    given: tuple[str, ...] = request.param
    return given


@pytest.fixture
def written(tmp_path: Path, path: tuple[str, ...]) -> Path:
    file = tmp_path / "crossdock.toml"
    file.write_text(toml_of(document_with(path, value_of(path))))
    return file


def test_there_are_secrets_to_look_for():
    assert ("crm", "client_secret") in SECRETS
    assert ("store", "url") in SECRETS
    assert len(SECRETS) >= 7


def test_it_is_read_as_a_secret_that_is_listed(written, path):
    named = ".".join("name" if name == ANY_NAME else name for name in path)
    found = {secret.setting: secret for secret in HostConfig.read(written).secrets()}
    assert found[named].reveal() == value_of(path)


def test_a_configuration_does_not_show_it(written):
    config = HostConfig.read(written)
    shown = [repr(config), str(config), f"{config}", str(attrs.asdict(config))]
    assert not any(VALUE in each for each in shown)


@pytest.mark.parametrize("spoilt", [5, "", [VALUE], {VALUE: VALUE}, {"env": VALUE + "-"}])
def test_an_error_about_it_does_not_show_it(tmp_path, path, spoilt):
    file = tmp_path / "crossdock.toml"
    value = f"{VALUE}" if spoilt == "" else spoilt
    document = document_with(path, value)
    if spoilt == "":
        document["nonsense"] = 1  # something else is wrong with the file
    file.write_text(toml_of(document))
    with pytest.raises(ConfigError) as refused:
        HostConfig.read(file)
    told = str(refused.value) + "".join(traceback.format_exception(refused.value))
    # The name of a key that does not exist is shown, and whoever wrote a secret there hears it.
    if not isinstance(spoilt, dict):
        assert VALUE not in told


def test_nothing_that_is_logged_or_raised_while_it_is_used_shows_it(written, path, caplog):
    """Down to DEBUG, of every library: the logs of an embedding program are not ours to filter."""
    caplog.set_level(logging.DEBUG)
    config = HostConfig.read(written)
    logging.getLogger("x").warning("%s %r", config, list(config.secrets()))
    raised: list[BaseException] = []
    try:
        Store.open(config.store_url).close()
    except CrossdockError as error:
        raised.append(error)
    for system in (config.crm, *config.erps):
        try:
            with closing(connect(system, pytest.fail)) as port:
                port.changes(None)
        except CrossdockError as error:
            raised.append(error)
    assert raised
    told = "".join("".join(traceback.format_exception(error)) for error in raised)
    assert VALUE not in told
    assert VALUE not in caplog.text
    assert not any(VALUE in repr(record.__dict__) for record in caplog.records)


def test_the_doctor_does_not_show_it(written, monkeypatch):
    monkeypatch.setattr(diagnosis, "examine_plugins", lambda config, seconds: iter(()))
    monkeypatch.setattr(diagnosis, "examine_protections", lambda config: iter(()))
    for form in ([], ["--json"]):
        ran = CliRunner().invoke(main, ["doctor", "--config", str(written), *form])
        assert ran.exit_code == 1, ran.output  # the systems are away
        assert VALUE not in ran.output


def test_what_a_remote_system_says_of_it_is_masked():
    """A system that puts the key that it refuses into its answer, as some do."""
    from crossdock.connectors import erp

    def says(request: httpx.Request) -> httpx.Response:
        key = request.headers["x-api-key"]
        return httpx.Response(403, json={"title": f"no {key}", "detail": f"{key} is not known"})

    port = erp.connect(
        "main",
        {"url": "http://erp.test", "api_key": VALUE},
        transport=httpx.MockTransport(says),
    )
    with pytest.raises(CrossdockError) as refused:
        port.changes(None)
    port.close()
    assert VALUE not in "".join(traceback.format_exception(refused.value))

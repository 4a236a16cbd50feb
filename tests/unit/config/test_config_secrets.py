"""Secrets come from the file, a variable or a file of their own, and show themselves to nobody."""

from __future__ import annotations

import copy
import json
import os
import pickle

import attrs
import orjson
import pytest

from crossdock.errors import ConfigError
from crossdock.host.systems import connect
from crossdock.secret import Secret

LITERAL = 'api_key = "erp-s3cret"'


def test_a_secret_shows_itself_only_when_it_is_asked_to():
    secret = Secret("s3cret", setting="erp.main.api_key")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>10}", f"{secret!r}"]
    assert not any("s3cret" in each for each in shown)
    assert secret.reveal() == "s3cret"
    assert secret == Secret("s3cret")
    assert secret != Secret("other")
    assert copy.deepcopy(secret) is secret


def test_a_secret_cannot_be_written_down_by_accident():
    secret = Secret("s3cret")
    for write in (pickle.dumps, json.dumps, orjson.dumps, hash, vars):
        with pytest.raises(TypeError):
            write(secret)
    assert not any("s3cret" in repr(getattr(secret, name)) for name in dir(secret))


def test_a_secret_of_a_variable_is_looked_up_when_it_is_used(read):
    config = read((LITERAL, 'api_key = { env = "ERP_KEY" }'), ERP_KEY="from-variable")
    assert config.erps[0].settings["api_key"].reveal() == "from-variable"
    assert "ERP_KEY" in config.erps[0].settings["api_key"].source


def test_a_variable_that_is_not_there_is_named_with_its_setting(read):
    config = read((LITERAL, 'api_key = { env = "ERP_KEY" }'))
    with pytest.raises(ConfigError) as refused:
        connect(config.erps[0], pytest.fail)
    assert "erp.main.api_key" in str(refused.value)
    assert "ERP_KEY, which is not set" in str(refused.value)


def test_an_empty_variable_is_told(read):
    config = read((LITERAL, 'api_key = { env = "ERP_KEY" }'), ERP_KEY="")
    with pytest.raises(ConfigError, match="ERP_KEY, which is empty"):
        config.erps[0].settings["api_key"].reveal()


@pytest.mark.parametrize(
    ("content", "text"), [("k3y", "k3y"), ("k3y\n", "k3y"), ("k\r\n", "k"), ("k \n\n", "k \n")]
)
def test_a_secret_of_a_file_loses_one_newline_at_its_end(read, tmp_path, content, text):
    (tmp_path / "key").write_bytes(content.encode())
    (tmp_path / "key").chmod(0o600)
    config = read((LITERAL, 'api_key = { file = "key" }'))
    assert config.erps[0].settings["api_key"].reveal() == text


def _missing(file):
    pass


def _empty(file):
    file.write_text("\n")


def _binary(file):
    file.write_bytes(b"\xff\xfe\x00")


def _huge(file):
    file.write_bytes(b"x" * 70_000)


def _folder(file):
    file.mkdir()


def _pipe(file):
    os.mkfifo(file)


def _everybodys(file):
    file.write_text("s3cret")
    file.chmod(0o666)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_missing, "does not exist"),
        (_empty, "is empty"),
        (_binary, "is not text in UTF-8"),
        (_huge, "more than 64 KB"),
        (_folder, "is not a plain file"),
        (_pipe, "is not a plain file"),
        (_everybodys, "everybody may write"),
    ],
)
def test_a_file_that_cannot_hold_a_secret_is_told_with_the_setting(read, tmp_path, make, says):
    make(tmp_path / "key")
    config = read((LITERAL, 'api_key = { file = "key" }'))
    with pytest.raises(ConfigError) as refused:
        config.erps[0].settings["api_key"].reveal()
    assert str(refused.value).startswith("erp.main.api_key comes from the file")
    assert says in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_variable_can_say_which_file_a_secret_is_in(read, tmp_path):
    (tmp_path / "key").write_text("from-file\n")
    (tmp_path / "key").chmod(0o600)
    config = read(CROSSDOCK_ERP__MAIN__API_KEY__FILE=str(tmp_path / "key"))
    assert config.erps[0].settings["api_key"].reveal() == "from-file"


def test_the_address_of_the_store_may_be_a_secret(read):
    config = read(
        more='\n[store]\nurl = { env = "DATABASE_URL" }\n',
        DATABASE_URL="postgresql://crossdock:pg-s3cret@db/crossdock",
    )
    assert config.store_url == "postgresql://crossdock:pg-s3cret@db/crossdock"
    assert "pg-s3cret" not in repr(config)


def test_a_setting_that_a_foreign_connector_calls_otherwise_may_come_from_a_variable(read):
    config = read((LITERAL, 'cookie_jar = { env = "JAR" }\nprivate_key = "p3m"'), JAR="crumbs")
    settings = config.erps[0].settings
    assert settings["cookie_jar"].reveal() == "crumbs"
    assert isinstance(settings["private_key"], Secret)


@pytest.mark.parametrize(
    "written",
    [
        'api_key = ""',
        "api_key = 5",
        'api_key = { env = "a-b" }',
        'api_key = { enw = "A" }',
        'api_key = { env = "A", file = "b" }',
        'api_key = ["hidden"]',
    ],
)
def test_a_secret_of_the_wrong_form_is_told_how_to_write_it_and_not_shown(read, written):
    with pytest.raises(ConfigError) as refused:
        read((LITERAL, written))
    assert 'erp.main.api_key: write a text in quotes, { env = "NAME" } or { file = "path" }' in str(
        refused.value
    )
    assert "hidden" not in str(refused.value)


def test_what_is_no_secret_does_not_come_from_a_variable_by_a_table(read):
    with pytest.raises(ConfigError, match="only a secret can come from a variable"):
        read(('url = "http://127.0.0.1:8602"', 'url = { env = "URL" }'))


def test_a_configuration_can_be_changed_and_compared_with_its_secrets_in_it(read):
    config = read()
    assert attrs.evolve(config, clock_offset=1.0).store_url == config.store_url
    assert attrs.evolve(config) == config

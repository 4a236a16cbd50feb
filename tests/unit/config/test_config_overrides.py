"""The environment stands over the file, by a rule of names and of values."""

from __future__ import annotations

import pytest

from crossdock.connectors.erp import connect
from crossdock.errors import ConfigError
from crossdock.host.settings.overrides import variable_of
from crossdock.host.settings.settings_schema import ANY_NAME, settings, settings_schema


def test_a_setting_of_the_environment_stands_over_the_file(read):
    config = read(CROSSDOCK_ERP__MAIN__URL="http://erp.example.test")
    assert config.erps[0].settings["url"] == "http://erp.example.test"
    assert config.erps[1].settings["url"] == "http://127.0.0.1:8603"


def test_a_name_of_the_file_is_meant_whatever_stands_between_its_words(read):
    config = read(CROSSDOCK_ERP__NORTH_WEST__TIMEOUT="2.5")
    assert config.erps[1].name == "north-west"
    assert config.erps[1].settings["timeout"] == 2.5


def test_a_new_name_is_taken_as_it_stands_and_a_new_plugin_in_kebab_case(read):
    config = read(
        CROSSDOCK_ERP__SOUTH__SYSTEM="erp",
        CROSSDOCK_ERP__SOUTH__URL="http://south.example.test",
        CROSSDOCK_PLUGINS__CONFIG__STRAIGHT_THROUGH__LIMIT="5",
    )
    assert config.erps[2].name == "south"
    assert config.plugin_config["straight-through"] == {"limit": 5}


@pytest.mark.parametrize(
    ("variable", "text", "place", "value"),
    [
        ("PLUGINS__ENABLED", '["a", "b"]', ("enabled",), ("a", "b")),
        ("WORKER__CONCURRENCY", "4", ("worker", "concurrency"), 4),
        ("WORKER__POLL_SECONDS", "0.5", ("worker", "poll_seconds"), 0.5),
        ("DESK__PLAY_BACK_OFFICE", "True", ("desk", "play_back_office"), True),
        ("DESK__PLAY_BACK_OFFICE", "0", ("desk", "play_back_office"), False),
        ("POLICY__BEFORE_QUOTE_SAVE", "open", ("policy", "before_quote_save"), "open"),
        ("LOG__FORMAT", "json", ("log", "format"), "json"),
        ("PLUGINS__CONFIG__ERP_TABS", '{"top": 9}', ("plugin_config", "erp-tabs"), {"top": 9}),
        ("PLUGINS__CONFIG__ERP_TABS__TITLE", "5 x", ("plugin_config", "erp-tabs", "title"), "5 x"),
        ("PLUGINS__CONFIG__ERP_TABS__TOP", "5", ("plugin_config", "erp-tabs", "top"), 5),
        ("PLUGINS__CONFIG__ERP_TABS__TITLE", '"5"', ("plugin_config", "erp-tabs", "title"), "5"),
    ],
)  # fmt: skip
def test_a_value_is_read_as_the_type_that_the_schema_says(read, variable, text, place, value):
    found = read(**{f"CROSSDOCK_{variable}": text})
    for step in place:
        found = found[step] if isinstance(found, dict) else getattr(found, step)
    assert found == value
    assert type(found) is type(value)


def test_a_key_of_digits_only_stays_the_text_that_it_is(read):
    config = read(CROSSDOCK_ERP__MAIN__API_KEY="12345")
    assert config.erps[0].settings["api_key"].reveal() == "12345"


@pytest.mark.parametrize(
    ("variable", "text", "says"),
    [
        ("CROSSDOCK_ERP__MAIN__TIMEOUT", "soon", "write a number"),
        ("CROSSDOCK_PLUGINS__ENABLED", "erp-tabs", "a list in JSON"),
        ("CROSSDOCK_DESK__PLAY_BACK_OFFICE", "maybe", "write true or false"),
        ("CROSSDOCK_WORKER__CONCURENCY", "4", "did you mean CROSSDOCK_WORKER__CONCURRENCY?"),
        ("CROSSDOCK_STORE__URI", "x", "did you mean CROSSDOCK_STORE__URL?"),
        ("CROSSDOCK_EPR__MAIN__URL", "x", "did you mean CROSSDOCK_ERP__MAIN__URL?"),
        ("CROSSDOCK_STORE_URL", "x", "write CROSSDOCK_STORE__URL"),
        ("CROSSDOCK_ERP__MAIN____", "x", "there is no such setting"),
    ],
)
def test_a_variable_that_means_nothing_is_told_with_the_nearest_setting(read, variable, text, says):
    with pytest.raises(ConfigError) as refused:
        read(**{variable: text})
    assert variable in str(refused.value)
    assert says in str(refused.value)


def test_all_wrong_variables_are_told_at_once_and_no_value_of_any(read):
    with pytest.raises(ConfigError) as refused:
        read(CROSSDOCK_NO__SUCH="t0p-secret", CROSSDOCK_WORKER__CONCURRENCY="t0p-secret")
    assert "CROSSDOCK_NO__SUCH" in str(refused.value)
    assert "CROSSDOCK_WORKER__CONCURRENCY" in str(refused.value)
    assert "t0p-secret" not in str(refused.value)


def test_what_does_not_fit_the_schema_says_that_it_comes_from_the_environment(read):
    with pytest.raises(
        ConfigError, match="comes from the environment variable CROSSDOCK_LOG__LEVEL"
    ):
        read(CROSSDOCK_LOG__LEVEL="loud")


def test_a_connector_says_that_a_wrong_setting_comes_from_the_environment(read):
    config = read(CROSSDOCK_ERP__MAIN__URL="nowhere")
    with pytest.raises(ConfigError, match="environment variable CROSSDOCK_ERP__MAIN__URL"):
        connect("main", config.erps[0].settings)


def test_where_each_setting_comes_from_is_known(read, config_file):
    config = read(CROSSDOCK_ERP__MAIN__URL="http://erp.example.test")
    assert (
        config.origin("erp", "main", "url") == "the environment variable CROSSDOCK_ERP__MAIN__URL"
    )
    assert config.origin("crm", "url") == str(config_file)


def test_variables_that_only_begin_like_ours_are_not_read_and_known(read):
    config = read(CROSSDOCK_REAL_DATA="/data", PATH="/bin")
    assert config.unread_variables == ("CROSSDOCK_REAL_DATA",)


def test_a_variable_of_one_key_stands_over_one_of_its_whole_table(read):
    config = read(
        CROSSDOCK_WORKER='{"concurrency": 2}',
        CROSSDOCK_WORKER__CONCURRENCY="3",
        CROSSDOCK_DESK__LOCALE="de_DE",
    )
    assert config.worker == {"concurrency": 3}


def test_every_setting_of_the_schema_can_be_named_by_a_variable(read):
    """Whatever the schema has, a variable leads to it: none is spelt ambiguously."""
    root = settings_schema()
    names = {variable_of(path) for path, _ in settings(root, root)}
    assert len(names) == len(list(settings(root, root)))
    assert "CROSSDOCK_ERP__<name>__URL" in names
    assert ANY_NAME in "".join(names)

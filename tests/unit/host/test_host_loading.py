"""Loading: manifests are judged before code runs; what cannot load is set aside with its reason."""

import os

import pytest

from crossdock.errors import ConfigError
from crossdock.host import HostConfig, SystemConfig
from crossdock.host.loading.roster import load_plugins
from crossdock.secret import Secret

X = 'id = "x"\nname = "X"\nsdk = "{sdk}"\npoints = ["{point}"]\n'
GOOD = "from crossdock import hookimpl\n@hookimpl\ndef before_quote_save():\n    pass\n"
SAVED = GOOD.replace("before_quote_save", "quote_saved")


def test_a_broken_plugin_is_quarantined_and_the_others_load(write_plugin, open_host):
    write_plugin("good", GOOD)
    write_plugin("raising", "raise RuntimeError('no licence')\n")

    host = open_host("good", "raising")

    assert [plugin.id for plugin in host.plugins] == ["good"]
    (aside,) = host.quarantined
    assert aside.id == "raising"
    assert "RuntimeError" in aside.reason
    assert "no licence" in aside.reason


@pytest.mark.parametrize(
    ("code", "points", "complaint"),
    [
        ("import sys\nsys.exit(3)\n", ["before_quote_save"], "SystemExit"),
        (
            GOOD.replace("before_quote_save", "before_qoute_save"),
            ["before_quote_save"],
            "before_qoute_save",
        ),
        (GOOD.replace("()", "(price)"), ["before_quote_save"], "price"),
        (GOOD, ["before_quote_save", "quote_saved"], "no such @hookimpl"),
        (
            GOOD + GOOD.replace("before_quote_save", "quote_saved"),
            ["before_quote_save"],
            "does not name",
        ),
        ("def broken(:\n", ["before_quote_save"], "SyntaxError"),
        ("import no_such_package_xyz\n", ["before_quote_save"], "no_such_package_xyz"),
    ],
)
def test_wrong_code_is_told_what_is_wrong(write_plugin, open_host, code, points, complaint):
    write_plugin("wrong", code, points=points)

    (aside,) = open_host("wrong").quarantined

    assert complaint in aside.reason


@pytest.mark.parametrize(
    ("manifest", "complaint"),
    [
        ("id = ", "not valid TOML"),
        ('name = "x"\n', "id: it is missing"),
        (
            'id = "x"\nname = "X"\nsdk = ">=99"\npoints = ["quote_saved"]\n',
            "asks for crossdock >=99",
        ),
        (X.format(sdk="banana", point="quote_saved"), "not a version range"),
        (X.format(sdk=">=0.1", point="quote_eaten"), "quote_eaten"),
        (
            'id = "x"\nname = "X"\nsdk = ">=0.1"\npoints = ["quote_saved"]\nscopes = ["all"]\n',
            "scopes.0",
        ),
    ],
)
def test_a_wrong_manifest_is_told_before_any_code_runs(tmp_path, open_host, manifest, complaint):
    folder = tmp_path / "plugins" / "x"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(manifest, encoding="utf-8")
    (folder / "plugin.py").write_text("raise SystemExit('code was run')\n", encoding="utf-8")

    (aside,) = open_host("x").quarantined

    assert complaint in aside.reason
    assert "code was run" not in aside.reason


def test_a_plugin_that_is_enabled_but_absent_is_named(open_host):
    asides = {aside.id: aside.reason for aside in open_host("ghost").quarantined}

    assert "not installed" in asides["ghost"]


def test_a_plugin_that_asks_for_isolation_gets_it_even_where_it_is_trusted(
    write_plugin, open_host, quote
):
    code = """
        import os
        from crossdock import Warn, hookimpl

        @hookimpl
        def before_quote_save(ctx, quote):
            return Warn(str(os.getpid()))
        """
    write_plugin("careful", code, manifest="requires_process = true\n")

    host = open_host("careful")

    (plugin,) = host.plugins
    assert plugin.isolation == "process"
    (warning,) = host.before_quote_save(quote, user="kim").warnings
    assert int(warning.message) != os.getpid()


def test_settings_are_checked_and_defaults_filled_in(write_plugin, tmp_path):
    folder = write_plugin(
        "set",
        GOOD,
        manifest="[config.properties.limit]\ntype = 'integer'\ndefault = 5\n",
    )

    def load(settings):
        return load_plugins(
            HostConfig(
                crm=SystemConfig(name="crm", connector="c"),
                erps=(),
                enabled=("set",),
                inline="*",
                plugin_paths=(folder,),
                plugin_config={"set": settings},
            )
        )

    (plugin,), _ = load({})
    _, (aside,) = load({"limit": "many"})
    assert plugin.config == {"limit": 5}
    assert "plugins.config.set.limit" in aside.reason


def test_a_secret_setting_reaches_its_plugin_and_no_message(write_plugin):
    folder = write_plugin(
        "set", GOOD, manifest="[config.properties.key]\ntype = 'string'\nmaxLength = 8\n"
    )

    def unset() -> str:
        raise ConfigError("it comes from the variable SET_KEY, which is not set")

    def load(secret):
        return load_plugins(
            HostConfig(
                crm=SystemConfig(name="crm", connector="c"),
                erps=(),
                enabled=("set",),
                plugin_paths=(folder,),
                plugin_config={"set": {"key": Secret(secret)}},
                inline="*",
            )
        )

    _, (missing,) = load(unset)
    (plugin,), _ = load("hunter22")
    _, (long,) = load("hunter2-hunter2")
    assert plugin.config == {"key": "hunter22"}
    assert "hunter22" not in repr(plugin)
    assert "SET_KEY" in missing.reason
    assert "plugins.config.set.key: the secret does not fit" in long.reason
    assert "hunter2" not in long.reason


def test_plugins_whose_orders_contradict_each_other_are_set_aside_and_the_others_stay(
    write_plugin, open_host
):
    write_plugin("a", GOOD, manifest='[order]\nafter = ["b"]\n')
    write_plugin("b", GOOD, manifest='[order]\nafter = ["c"]\n')
    write_plugin("c", GOOD, manifest='[order]\nafter = ["a"]\n')
    write_plugin("d", GOOD, manifest='[order]\nafter = ["a"]\n')

    host = open_host("a", "b", "c", "d")

    assert [plugin.id for plugin in host.plugins] == ["d"]
    reasons = {aside.id: aside.reason for aside in host.quarantined}
    assert set(reasons) == {"a", "b", "c"}
    assert "before_quote_save: a after b after c after a" in reasons["a"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "there is no configuration"),
        ("[crm", "not valid TOML"),
        ("[crm]\nsystem = 'crm'\n", "erp: it is missing"),
        ("[crm]\n[erp.main]\nsystem = 'erp'\n", "crm.system: it is missing"),
        ("[crm]\nsystem='crm'\n[erp.main]\nsystem='erp'\n[color]\n", "'color'"),
    ],
)
def test_a_wrong_configuration_names_the_place(tmp_path, text, complaint):
    file = tmp_path / "crossdock.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=complaint.replace("'", ".")) as told:
        HostConfig.read(file)

    assert str(file) in str(told.value)


def test_the_store_stands_beside_the_configuration(tmp_path):
    file = tmp_path / "crossdock.toml"
    file.write_text(
        "[crm]\nsystem='crm'\n[erp.main]\nsystem='erp'\n[store]\nurl='sqlite:///here.db'\n",
        encoding="utf-8",
    )

    assert HostConfig.read(file).store_url == f"sqlite:///{tmp_path}/here.db"

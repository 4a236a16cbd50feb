"""The first recipe, as it is written down: it runs, it warns, and the README shows the same."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from crossdock.host import Host

_ROOT = Path(__file__).parents[2]
_PLUGIN = _ROOT / "cookbook" / "first-guard" / "late-payers"


@pytest.mark.kill
def test_the_recipe_s_command_works_from_its_folder(crossdock):
    done = crossdock(
        "demo", "--once", "--port", "0", "--scale", "0.1", "--plugin", "late-payers",
        cwd=_PLUGIN.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "One order, placed once" in done.stdout


def test_a_mistyped_hook_is_set_aside_with_its_reason_as_the_recipe_says(
    stage_with, refused, tmp_path
):
    broken = tmp_path / "late-payers"
    shutil.copytree(_PLUGIN, broken, ignore=shutil.ignore_patterns("__pycache__"))
    code = broken / "plugin.py"
    text = code.read_text(encoding="utf-8")
    code.write_text(text.replace("before_quote_save", "before_qoute_save"), encoding="utf-8")

    stage = stage_with(broken)
    loaded = {plugin.id for plugin in stage.host.plugins}
    assert {"erp-tabs", "straight-through"} <= loaded
    assert "late-payers" not in loaded
    refused(
        "plugins", "list", "--config", stage.config,
        says=["late-payers  not loaded", "before_qoute_save", "erp-tabs"],
    )  # fmt: skip
    refused(
        "demo", "--once", "--port", "0", "--scale", "0.1", "--plugin", broken,
        says=["late-payers", "before_qoute_save"],
    )  # fmt: skip


def test_the_readme_shows_the_recipe_s_files_and_they_have_fifteen_lines():
    readme = (_ROOT / "README.md").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"`late-payers/(plugin\.\w+)`\n\n```\w+\n(.*?)```", readme, re.DOTALL))
    files = {name: (_PLUGIN / name).read_text(encoding="utf-8") for name in blocks}

    assert set(blocks) == {"plugin.toml", "plugin.py"}
    assert blocks == files
    lines = [line for text in files.values() for line in text.splitlines() if line.strip()]
    assert len(lines) == 15


def test_the_recipe_loads_without_anything_else(tmp_path):
    """Its manifest and its hooks fit this version, before any system is reached."""
    config = tmp_path / "crossdock.toml"
    config.write_text(
        f"""
        [crm]
        system = "crm"
        url = "http://127.0.0.1:9"
        client_id = "nobody"
        client_secret = "nothing"
        [erp.main]
        system = "erp"
        url = "http://127.0.0.1:9"
        api_key = "nothing"
        [plugins]
        enabled = ["late-payers"]
        paths = ["{_PLUGIN.parent}"]
        """,
        encoding="utf-8",
    )
    with Host.open(config) as host:
        assert [plugin.id for plugin in host.plugins] == ["late-payers"]
        assert host.quarantined == ()

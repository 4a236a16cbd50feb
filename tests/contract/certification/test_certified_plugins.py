"""The reference plugins, and the cookbook's, have the level that the documentation shows."""

import tomllib
from pathlib import Path

import pytest

from crossdock.testing import Shelf, certify
from crossdock.testing.checks.checking import rules
from crossdock.testing.checks.source import read_source
from crossdock.testing.rule import LEVELS, try_rule

_ROOT = Path(__file__).parents[3]
_TABLES = tomllib.loads((_ROOT / "docs" / "certified.toml").read_text(encoding="utf-8"))
CERTIFIED = {
    **_TABLES["plugins"],
    **{_ROOT / "cookbook" / place: level for place, level in _TABLES["cookbook"].items()},
}
_IN_A_PROCESS = {"loads", "nothing-is-deprecated"}


@pytest.fixture(scope="module")
def shelf():
    shelf = Shelf()
    yield shelf
    shelf.close()


def test_every_reference_plugin_has_a_level_and_every_one_of_the_cookbook_s():
    installed = {read_source(each.parent).id for each in _ROOT.glob("plugins/*/*/plugin.toml")}
    assert set(_TABLES["plugins"]) == installed
    recipes = {
        str(each.parent.relative_to(_ROOT / "cookbook"))
        for each in _ROOT.glob("cookbook/**/plugin.toml")
    }
    assert set(_TABLES["cookbook"]) == recipes
    assert set(CERTIFIED.values()) <= set(LEVELS)


@pytest.mark.parametrize("plugin", CERTIFIED, ids=lambda each: getattr(each, "name", str(each)))
def test_reading_finds_nothing_that_its_level_forbids(plugin):
    own = _ROOT / "plugins" / "crossdock_plugins"
    source = read_source(own / plugin.replace("-", "_") if isinstance(plugin, str) else plugin)
    wanted = LEVELS[: LEVELS.index(CERTIFIED[plugin]) + 1]
    for rule in rules():
        if rule.level in wanted and rule.name not in _IN_A_PROCESS:
            assert try_rule(rule, source).findings == (), rule.name


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("plugin", CERTIFIED, ids=lambda each: getattr(each, "name", str(each)))
def test_it_reaches_its_level_and_no_higher_one(plugin, shelf):
    assert certify(plugin, level=CERTIFIED[plugin], shelf=shelf).level == CERTIFIED[plugin]

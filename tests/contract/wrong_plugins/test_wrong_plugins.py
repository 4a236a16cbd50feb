"""Plugins with one mistake each, and what their author is told: what is wrong, and the way out.

The messages stand side by side in `messages.txt`, where people read them. After a change that is
meant: `pytest tests/contract/wrong_plugins --update-views`.
"""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.errors import PluginNotLoaded
from crossdock.host.isolation import remote
from crossdock.host.isolation.remote import start_in_process
from crossdock.host.isolation.settings import IsolationSettings
from crossdock.host.loading.code import import_code
from crossdock.host.loading.hooks import hooks_of
from crossdock.host.loading.plugin import Started
from crossdock.testing.checks import checking

_HERE = Path(__file__).parent
_PLUGINS = sorted((_HERE / "plugins").glob("*.py"))
_MESSAGES = _HERE / "messages.txt"


def _start_here(plugin_id, code, points, *_):
    """Start code in this process: the messages are the same, and it takes no half second each."""
    if plugin_id == "import-that-raises":
        return start_in_process(plugin_id, code, points, {}, IsolationSettings())
    imported = import_code(code, plugin_id)
    try:
        hooks, notes = hooks_of(imported.module, points)
    except PluginNotLoaded:
        imported.forget()
        raise
    return Started(hooks=hooks, close=imported.forget, notes=tuple(notes))


@pytest.fixture(scope="module")
def told():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remote, "start_in_process", _start_here)
        yield _told()


def _told():
    done = CliRunner(env={"COLUMNS": "100"}).invoke(main, ["check", *map(str, _PLUGINS)])
    assert done.exit_code == 1
    told = done.output.replace(f"{_HERE / 'plugins'}/", "")
    return re.sub(r"^  \d+ rules passed.*\n", "", told, flags=re.MULTILINE)


def test_the_messages_are_those_that_were_reviewed(told, request):
    if request.config.getoption("--update-views"):
        _MESSAGES.write_text(told, encoding="utf-8")
    assert told == _MESSAGES.read_text(encoding="utf-8"), "read them, then run with --update-views"


def test_there_are_twenty_and_each_is_found_by_its_own_mistake_alone(told):
    assert len(_PLUGINS) >= 20
    found = dict(re.findall(r"^(\S+)[^\n]*\n(.*?\n)\n", told, re.MULTILINE | re.DOTALL))
    assert sorted(found) == sorted(each.stem.replace("_", "-") for each in _PLUGINS)
    for name, text in found.items():
        rules = re.findall(r"^  (\S+)  (?:bronze|silver|gold), (\S+)$", text, re.MULTILINE)
        assert 1 <= len(rules) <= 2, name
        assert all(page.endswith(f"#{rule}") for rule, page in rules), name
        assert "-> " in text, f"{name} is told no way out"
        file = f"{name.replace('-', '_')}.py"
        assert re.match(rf"  \S.*\n    {re.escape(file)}:\d+: ", text), f"{name} is told no line"


def test_each_rule_that_is_judged_by_reading_has_such_a_plugin(told):
    found = set(re.findall(r"^  (\S+)  (?:bronze|silver|gold), ", told, re.MULTILINE))
    # Nothing of what there is today is deprecated.
    assert found == {each.name for each in checking.rules()} - {"nothing-is-deprecated"}

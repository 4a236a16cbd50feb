import re
import shutil
from pathlib import Path

import pytest

from crossdock.testing import a_quote, check_plugin, of

HERE = Path(__file__).parent
ROUND_LOTS = HERE / "round-lots"


@pytest.mark.dock(ROUND_LOTS, config={"lot": 4})
def test_an_open_box_is_warned_of_beside_its_line(dock):
    quote = a_quote("A-1001", of(8, "BRG-1001"), of(6, "HYD-1003"))
    (warning,) = dock.judge(quote).warnings
    assert (warning.field, warning.code) == ("lines.1.quantity", "lots.open")
    assert warning.message == "HYD-1003 is packed by 4; 6 leaves an open box."


def test_reading_finds_nothing_at_any_level():
    assert check_plugin(ROUND_LOTS).good


def test_the_first_try_is_told_what_the_recipe_shows(tmp_path):
    first = tmp_path / "round-lots"
    shutil.copytree(ROUND_LOTS, first, ignore=shutil.ignore_patterns("__pycache__", "README.md"))
    shutil.copy(HERE / "first-try.py", first / "plugin.py")
    found = {
        outcome.rule.name: [f"{each.place}: {each.what}" for each in outcome.findings]
        for outcome in check_plugin(first).outcomes
        if outcome.findings
    }
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^    (plugin\.py:.+)$", readme, re.MULTILINE)
    assert len(shown) == 4
    assert set(shown) <= {each for findings in found.values() for each in findings}
    assert set(re.findall(r"^  ([a-z-]+)  \w+, docs/", readme, re.MULTILINE)) <= set(found)

"""The same stories on every system: what differs has a reason, and the page says what is so."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from tests.parity.houses import TITLES
from tests.parity.page import differences, page, played
from tests.parity.reasons import REASONS

_ROOT = Path(__file__).parents[3]
_PAGE = _ROOT / "docs" / "parity.md"
_CITED = re.compile(r"(?:tests|modules|docs)/[\w/]+\.\w+")


@pytest.fixture(scope="module")
def figures(dataset, walked):
    _house, live, _proxy = walked
    found = played(dataset, tuple(name for name in TITLES if name != "tryton"), None)
    for story, rows in live.items():
        for figure, told in rows.items():
            found[story].setdefault(figure, {}).update(told)
    return found


def test_every_difference_has_its_reason_and_few_are_for_want_of_us(figures):
    found = differences(figures)
    unexplained = [each for each in found if each.reason is None]
    assert unexplained == []
    kinds = Counter(each.reason.kind for each in found)
    assert kinds["ours"] == 0
    assert kinds["not supported"] * 10 <= len(found)
    assert all(reason.text and reason.source for reason in REASONS)
    used = [reason for reason in REASONS if any(each.reason is reason for each in found)]
    assert list(REASONS) == used, "a reason is given for what does not differ"


def test_what_a_reason_cites_of_tests_and_of_tryton_is_there(tryton_database):
    environment, _ = tryton_database
    (packages,) = environment.folder.glob("lib/python3.*/site-packages/trytond")
    cited = [path for each in REASONS for path in _CITED.findall(each.source)]
    assert cited
    for path in cited:
        root = packages if path.startswith("modules/") else _ROOT
        assert (root / path).is_file(), path


def test_the_page_says_what_was_found(figures):
    assert _PAGE.read_text(encoding="utf-8") == page(figures), "run python -m tests.parity"

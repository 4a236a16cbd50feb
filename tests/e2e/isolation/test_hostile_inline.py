"""What a host survives of a plugin in its own process; docs/isolation.md has the whole table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]
SURVIVED = {
    "raises": r"ValueError: on purpose",
    "recurses": r"RecursionError",
    "answers-something-cyclic": r"TypeError: before_quote_save answered",
    "answers-something-deep": r"TypeError: before_quote_save answered",
    "answers-a-function": r"TypeError: before_quote_save answered",
    "answers-a-text": r"TypeError: before_quote_save answered 'fine'",
    "answers-another-record": r"answered Amend with a Account",
    "asks-for-more": r"AccessDenied: .*crm\.quotes:write",
}


@pytest.mark.parametrize("deed", SURVIVED)
def test_it_is_told_and_the_others_are_asked(deed, open_host, called, kim, bystanders):
    host = open_host(inline="*")

    with bystanders(host) as others:
        verdict = host.before_quote_save(called(deed), user=kim)

    (fault,) = verdict.faults
    assert re.search(SURVIVED[deed], fault.message)
    assert [each.message for each in verdict.warnings] == [f"{deed} in EUR, I-1"]
    assert not others.wrong


def test_ports_that_were_kept_answer_nobody_inline_either(open_host, called, kim, wait_for):
    host = open_host(inline="*")
    assert not host.before_quote_save(called("asks-later"), user=kim).faults

    def told():
        warnings = host.before_quote_save(called("asked-later"), user=kim).warnings
        return [each.message for each in warnings if each.plugin_id == "hostile"]

    said = wait_for(told)[0]
    assert said.count("this call is over") == 2


def test_the_documentation_has_a_row_for_each_deed():
    code = (Path(__file__).parent / "hostile" / "plugin.py").read_text(encoding="utf-8")
    deeds = {name.replace("_", "-") for name in re.findall(r"^def _(\w+)\(ctx", code, re.MULTILINE)}
    page = (_ROOT / "docs" / "isolation.md").read_text(encoding="utf-8")
    rows = {
        word.strip()
        for row in re.findall(r"^\| ([a-z, -]+) \|", page, re.MULTILINE)
        for word in row.split(",")
    }

    assert not deeds - rows

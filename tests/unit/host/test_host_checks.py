"""What guards said is kept with a quote, as far as there is room for it."""

from __future__ import annotations

from crossdock.host.asking.verdict import Fault, Finding, Verdict
from crossdock.host.saving.promotion import MOST_CHECKS, checks_of


def notes(code, count):
    return tuple(
        Finding(plugin_id="p", message=f"{code} {n}", code=code, field=f"lines.{n}")
        for n in range(count)
    )


def test_notes_are_kept_as_information_behind_what_warns():
    warning = Finding(plugin_id="p", message="Short.", code="stock.short", field="lines.0")
    fault = Fault(plugin_id="p", message="main is away", closes=False, remote=True)

    kept = checks_of(
        Verdict(record=None, warnings=(warning,), faults=(fault,), notes=notes("price.steps", 1))
    )

    assert [(each.level, each.code) for each in kept] == [
        ("warning", "stock.short"), ("warning", "unchecked"), ("info", "price.steps"),
    ]  # fmt: skip


def test_what_is_over_is_left_out_of_what_there_is_most_and_that_is_said():
    told = (*notes("price.steps", 400), *notes("stock.told", 60), *notes("credit.told", 1))

    kept = checks_of(Verdict(record=None, notes=told))

    codes = [each.code for each in kept]
    assert len(kept) == MOST_CHECKS
    assert (codes.count("credit.told"), codes.count("stock.told")) == (1, 60)
    assert kept[0].message == "price.steps 0"
    left_out = len(told) - (MOST_CHECKS - 1)
    assert kept[-1].message.startswith(f"{left_out} further notes are not kept")

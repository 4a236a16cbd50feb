"""A hook that does not fit its extension point is an error of mypy, and so in an editor."""

import textwrap

import pytest
from mypy import api

_HEAD = """
from collections.abc import Sequence
from crossdock import Context, EventContext, Veto, Warn, hookimpl
from crossdock.records import Account, Document, Order, Quote
"""
_WRONG = {
    """
    @hookimpl
    def before_quote_save(ctx: Context, quote: Order) -> Veto | None: ...
    """: "before_quote_save gives quote as Quote, and the code takes Order",
    """
    @hookimpl(tryfirst=True)
    def quote_saved(ctx: Context, qoute: Quote) -> None: ...
    """: "quote_saved takes qoute, and this point gives ctx, quote, before; did you mean quote?",
    """
    @hookimpl
    def before_contact_save() -> bool: ...
    """: "before_contact_save is to answer a decision, a list of them, or None, and the code "
    "answers bool",
    """
    @hookimpl
    def before_account_save(before: Account) -> None: ...
    """: "before_account_save gives before as Account | None, and the code takes Account",
    """
    @hookimpl
    def before_qoute_save(ctx: Context) -> None: ...
    """: "There is no extension point before_qoute_save; did you mean before_quote_save?",
    """
    @hookimpl(specname="before_order_save", trylast=True)
    def my_guard(ctx: EventContext, order: Order) -> list[Warn | Veto]: ...
    """: "before_order_save gives ctx as Context, and the code takes EventContext",
    """
    @hookimpl
    def order_promoted(*, order: Order) -> None: ...
    """: "order_promoted takes order by keyword only, and the host passes by position",
    """
    @hookimpl
    async def record_changed() -> None: ...
    """: "record_changed is async; write it as a plain def, the host calls it so",
}
_RIGHT = """
@hookimpl
def document_changed(document: Document | None, ctx: Context) -> None: ...

@hookimpl(trylast=True)
def before_opportunity_save(ctx, opportunity):  # type: ignore[no-untyped-def]
    return Veto("No.")

@hookimpl(specname="before_order_promote")
def my_other_guard(quote: object, ctx: Context, own: int = 3) -> Sequence[Warn] | None: ...
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    folder = tmp_path_factory.mktemp("typed")
    code = [_HEAD, *map(textwrap.dedent, _WRONG), _RIGHT]
    (folder / "plugin.py").write_text("\n".join(code).replace(": ...", ":\n    raise SystemExit"))
    (folder / "mypy.ini").write_text(
        "[mypy]\nstrict = true\nplugins = crossdock.testing.mypy_plugin\n"
    )
    told, failed, _ = api.run(
        ["--config-file", str(folder / "mypy.ini"), "--cache-dir", str(folder / "cache"),
         "--hide-error-context", str(folder / "plugin.py")]
    )  # fmt: skip
    assert not failed, failed
    return [line for line in told.splitlines() if "error: " in line]


@pytest.mark.parametrize("message", _WRONG.values())
def test_a_hook_that_does_not_fit_is_told_in_place(said, message):
    assert [line for line in said if f"error: {message}  [hookimpl]" in line], said


def test_hooks_that_fit_are_told_nothing(said):
    assert len(said) == len(_WRONG), said

"""Tabs of all plugins, gathered and rendered; one that fails leaves the others untouched."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from attrs import field, frozen

from crossdock.errors import ConfigError
from crossdock.host.asking.context import CallContext, seen, shown
from crossdock.host.asking.offers import MakeContext, Offer, offers, sentence, tell
from crossdock.host.loading.plan import Plan
from crossdock.records import User
from crossdock.views import Notice, Param, Tab, Table, View
from crossdock.views.arranging import arranged, speaks_of_a_table, whole


@frozen(kw_only=True)
class TabHandle:
    """A tab that a user may open.

    Attributes:
        fault: why the plugin could not name its tabs; then `tab` shows the error.
    """

    plugin_id: str
    plugin_name: str
    tab: Tab
    fault: str | None = None

    @property
    def address(self) -> str:
        """What opens it: `erp-tabs/aging`."""
        return f"{self.plugin_id}/{self.tab.id}"


@frozen(kw_only=True)
class RenderedTab:
    """A tab that was opened.

    Attributes:
        params: the tab's parameters as they were understood.
        view: as it is shown, its tables sorted, searched and page by page as it was asked for.
        fault: what went wrong, for a person; then `view` says so too.
        seconds: how long it took.
        unpaged: the view before that.
        asked: the parameters as they came, those of tables among them.
    """

    tab: Tab
    view: View
    params: Mapping[str, Any]
    seconds: float
    fault: str | None = None
    unpaged: View = field(factory=lambda: View(()))
    asked: Mapping[str, str] = field(factory=dict)

    def table(self, table_id: str = "") -> Table | None:
        """Give a table with the rows of all pages, sorted and searched as it was asked for.

        Args:
            table_id: which one; the first that has an id where none is named.
        """
        return whole(self.unpaged, self.asked, table_id)


def list_tabs(
    plan: Plan, point: str, subject: str, record: Any, user: User, context: MakeContext
) -> tuple[TabHandle, ...]:
    """Ask every plugin for its tabs and keep those that the user's roles may see (F4)."""
    handles: list[TabHandle] = []
    for offer in offers(plan, point, Tab, {subject: record}, context):
        if offer.fault is not None:
            handles.append(_broken(offer, offer.fault))
        handles.extend(
            TabHandle(plugin_id=offer.plugin.id, plugin_name=offer.plugin.manifest.name, tab=tab)
            for tab in offer.items
            if not tab.roles or set(tab.roles) & set(user.roles)
        )
    return tuple(sorted(handles, key=lambda handle: handle.tab.order))


def render(
    handle: TabHandle, record: Any, ctx: CallContext, params: Mapping[str, Any]
) -> RenderedTab:
    """Render a tab; what its plugin raises becomes an error card and a logged traceback.

    Its tables are arranged after what the user may not see is out of them, so that no order tells
    what is hidden.

    Raises:
        ConfigError: a parameter is unknown or cannot be read.
    """
    parsed = parse_params(handle.tab, params)
    asked = {name: written(value) for name, value in params.items()}
    started = time.perf_counter()
    fault = handle.fault
    try:
        view = handle.tab.render(ctx, seen(ctx, record), parsed)
        if not isinstance(view, View):
            raise TypeError(f"render must answer a View, not {type(view).__name__}")
        view = shown(ctx, view)
    except Exception as raised:  # noqa: BLE001 - the boundary to foreign code
        fault = sentence(handle.plugin_id, raised)
        tell(handle.plugin_id, f"tab {handle.address}", raised, fault)
        view = View((Notice(text=fault, tone="bad", title="This tab could not be shown"),))
    finally:
        ctx.close()
    try:
        shown_now = arranged(view, asked, target=f"tab/{handle.address}")
    except ValueError as unreadable:
        raise ConfigError(str(unreadable)) from None
    return RenderedTab(
        tab=handle.tab,
        view=shown_now,
        params=parsed,
        seconds=time.perf_counter() - started,
        fault=fault,
        unpaged=view,
        asked=asked,
    )


def understands(tab: Tab, name: str) -> bool:
    """Whether a tab takes a parameter: one that it declares, or one that arranges a table."""
    return speaks_of_a_table(name) or any(param.name == name for param in tab.params)


def written(value: Any) -> str:
    """Write a parameter as an address carries it."""
    return "" if value is None else str(value)


def parse_params(tab: Tab, given: Mapping[str, Any]) -> dict[str, Any]:
    """Read a tab's parameters as their declared kinds; one left out takes its default.

    Those that arrange a table are the host's own, and not among them.

    Raises:
        ConfigError: a parameter is unknown, or its value cannot be read.
    """
    declared = {param.name: param for param in tab.params}
    if unknown := sorted(name for name in given if not understands(tab, name)):
        known = ", ".join(declared) or "none"
        raise ConfigError(f"the tab {tab.id} has no parameter {unknown[0]!r}; it has: {known}")
    return {name: _parsed(param, given.get(name)) for name, param in declared.items()}


def _parsed(param: Param, value: Any) -> Any:
    if value is None or value == "":
        value = param.default
    if value is None:
        return None
    try:
        match param.kind:
            case "date":
                return value if isinstance(value, date) else date.fromisoformat(value)
            case "number":
                return Decimal(value)
            case "choice" if param.choices and value not in param.choices:
                raise ValueError(f"one of {', '.join(param.choices)}")
            case _:
                return str(value)
    except (ValueError, TypeError, InvalidOperation):
        wanted = {
            "date": "a day such as 2026-11-21",
            "number": "a number",
            "choice": f"one of {', '.join(param.choices)}",
        }[param.kind]
        raise ConfigError(f"{param.name}: {value!r} is not {wanted}") from None


def _broken(offer: Offer[Tab], fault: str) -> TabHandle:
    plugin = offer.plugin
    card = View((Notice(text=fault, tone="bad", title="This plugin's tabs could not be listed"),))
    tab = Tab(id="error", title=plugin.manifest.name, render=lambda *_: card, order=1000)
    return TabHandle(plugin_id=plugin.id, plugin_name=plugin.manifest.name, tab=tab, fault=fault)

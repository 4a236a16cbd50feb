"""Cards of all plugins for the dashboard, gathered and rendered; one that fails shows an error."""

from __future__ import annotations

import time

from attrs import frozen

from crossdock.host.asking.context import CallContext, shown
from crossdock.host.asking.offers import MakeContext, Offer, offers, sentence, tell
from crossdock.host.loading.plan import Plan
from crossdock.records import User
from crossdock.views import Card, Notice, View


@frozen(kw_only=True)
class CardHandle:
    """A card that a user may see.

    Attributes:
        fault: why the plugin could not name its cards; then `card` shows the error.
    """

    plugin_id: str
    plugin_name: str
    card: Card
    fault: str | None = None

    @property
    def address(self) -> str:
        """What opens it: `watch-list/receivables`."""
        return f"{self.plugin_id}/{self.card.id}"


@frozen(kw_only=True)
class RenderedCard:
    """A card that was opened.

    Attributes:
        fault: what went wrong, for a person; then `view` says so too.
        seconds: how long it took.
    """

    card: Card
    view: View
    seconds: float
    fault: str | None = None


def list_cards(plan: Plan, user: User, context: MakeContext) -> tuple[CardHandle, ...]:
    """Ask every plugin for its cards and keep those that the user's roles may see (F4)."""
    handles: list[CardHandle] = []
    for offer in offers(plan, "dashboard_cards", Card, {}, context):
        if offer.fault is not None:
            handles.append(_broken(offer, offer.fault))
        handles.extend(
            CardHandle(plugin_id=offer.plugin.id, plugin_name=offer.plugin.manifest.name, card=card)
            for card in offer.items
            if not card.roles or set(card.roles) & set(user.roles)
        )
    return tuple(sorted(handles, key=lambda handle: handle.card.order))


def render_card(handle: CardHandle, ctx: CallContext) -> RenderedCard:
    """Render a card; what its plugin raises becomes an error card and a logged traceback."""
    started = time.perf_counter()
    fault = handle.fault
    try:
        view = handle.card.render(ctx)
        if not isinstance(view, View):
            raise TypeError(f"render must answer a View, not {type(view).__name__}")
        view = shown(ctx, view)
    except Exception as raised:  # noqa: BLE001 - the boundary to foreign code
        fault = sentence(handle.plugin_id, raised)
        tell(handle.plugin_id, f"card {handle.address}", raised, fault)
        view = _error(fault, "This card could not be shown")
    finally:
        ctx.close()
    seconds = time.perf_counter() - started
    return RenderedCard(card=handle.card, view=view, seconds=seconds, fault=fault)


def _broken(offer: Offer[Card], fault: str) -> CardHandle:
    plugin = offer.plugin
    error = _error(fault, "This plugin's cards could not be listed")
    card = Card(id="error", title=plugin.manifest.name, render=lambda _: error, order=1000)
    return CardHandle(plugin_id=plugin.id, plugin_name=plugin.manifest.name, card=card, fault=fault)


def _error(fault: str, title: str) -> View:
    return View((Notice(text=fault, tone="bad", title=title),))

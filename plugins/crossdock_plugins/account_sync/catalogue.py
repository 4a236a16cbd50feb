"""Items and price lists: what a change of one means, and all of them from time to time.

Not every system tells that an item or a price changed, and what a price list says may begin or end
with a day, so all are compared by a job as well; that brings them over the first time, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from crossdock import EventContext
from crossdock.errors import NotSupported
from crossdock.records import Change
from crossdock.synchronising import Items, PriceLists, there
from crossdock_plugins.account_sync.policies import policy_of
from crossdock_plugins.account_sync.telling import tell


def follow_item(ctx: EventContext, change: Change) -> None:
    """Bring an item in line that was changed in the CRM or in an ERP."""
    in_crm = change.system == ctx.crm.system
    items = _items(ctx, _home_of(ctx, change.id) if in_crm else change.system)
    if items is not None:
        tell(ctx, change.id, items.settle(change.id))


def follow_price_list(ctx: EventContext, change: Change) -> None:
    """Bring a price list in line that was changed, or of which a price was."""
    for lists in _price_lists(ctx):
        if change.system in (ctx.crm.system, lists.system) and lists.possible:
            list_id = change.id
            if change.entity == "price":
                list_id = lists.list_of(change.system, change.id)
            for settled in lists.settle(change.system, list_id):
                tell(ctx, change.id, settled)


def bring_in_line(ctx: EventContext) -> None:
    """Bring all items and price lists of all ERPs in line, and say what came of it."""
    for system in ctx.erp.systems:
        counts: Counter[str] = Counter()
        items = _items(ctx, system)
        try:
            for settled in items.all() if items is not None else ():
                counts[settled.outcome] += 1
                tell(ctx, settled.plan.entity, settled)
        except NotSupported as lacking:
            ctx.log.info("%s: no items: %s", system, lacking)
        for lists in _price_lists(ctx):
            for priced in lists.all() if lists.system == system else ():
                counts[priced.outcome] += 1
                tell(ctx, priced.plan.entity, priced)
        if counts:
            told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
            ctx.log.info("%s: items and price lists: %s", system, told)
        elif items is not None:
            # Nothing to read is not the same as nothing to do.
            ctx.log.warning("%s: not one item or price could be read; nothing was done", system)


def _home_of(ctx: EventContext, item_id: str) -> str:
    """Name the ERP whose item one of the CRM is, or that it is made in."""
    for pair in ctx.sync.pairs("item", ctx.crm.system, item_id):
        return pair.erp_system
    for system in ctx.erp.systems:
        if there(ctx.erp.using(system).item, item_id) is not None:
            return system
    return str(ctx.config["new_items_in"] or ctx.erp.systems[0])


def _items(ctx: EventContext, system: str) -> Items | None:
    policy = policy_of(ctx).of("item")
    return None if policy is None else Items(policy, ctx.crm, ctx.erp, ctx.sync, system=system)


def _price_lists(ctx: EventContext) -> Iterator[PriceLists]:
    policies = policy_of(ctx)
    lists = policies.of("price_list")
    if lists is None:
        return
    for system in ctx.erp.systems:
        yield PriceLists(
            lists,
            policies.of("price"),
            ctx.crm,
            ctx.erp,
            ctx.sync,
            system=system,
            today=ctx.now.date(),
            items=_items(ctx, system),
        )

"""What becomes of a change on either side: both are read, merged and written.

A change only says where to look. What is done depends on what both systems have then, so a change
that is told twice, late, or after a newer one does no harm, and neither does one that this plugin
made itself: it finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crossdock import EventContext
from crossdock.records import Account, Change, SyncPair
from crossdock.synchronising import Accounts, Contacts, Settled, there
from crossdock_plugins.account_sync import catalogue
from crossdock_plugins.account_sync.policies import policy_of
from crossdock_plugins.account_sync.telling import tell

_AT_ONCE = 50


def follow(ctx: EventContext, change: Change) -> None:
    """Bring what changed in line with the other system."""
    in_crm = change.system == ctx.crm.system
    match change.entity:
        case "account" if in_crm:
            _account(ctx, change)
        case "trading_account" if not in_crm:
            _customer(ctx, change)
        case "contact":
            _contact(ctx, change, in_crm)
        case "item":
            if not _known_already(ctx, "item", change):
                catalogue.follow_item(ctx, change)
        case "price_list" | "price":
            catalogue.follow_price_list(ctx, change)


def bring_linked_in_line(ctx: EventContext) -> None:
    """Bring accounts in line that somebody linked, and that nothing has happened to since."""
    accounts = _accounts(ctx)
    if accounts is None:
        return
    for pair in ctx.sync.unmet(limit=_AT_ONCE):
        tell(ctx, pair.crm_id, accounts.settle(None, None, pair))
        _contacts_of(ctx, pair)


def _account(ctx: EventContext, change: Change) -> None:
    accounts = _accounts(ctx)
    if accounts is None or _known_already(ctx, "account", change):
        return
    account = _read_account(ctx, change.id)
    if account is not None:
        ctx.links(account)  # takes up what the account names itself
    pair = _default(ctx.sync.pairs("account", change.system, change.id))
    if pair is not None:
        tell(ctx, change.id, accounts.settle(account, None, pair))
        if pair.agreed_at is None:
            _contacts_of(ctx, pair)
    elif account is not None:
        settled = accounts.settle(account, None)
        tell(ctx, change.id, settled)
        _contacts_of_new(ctx, settled)


def _customer(ctx: EventContext, change: Change) -> None:
    accounts = _accounts(ctx)
    if accounts is None or _known_already(ctx, "account", change):
        return
    found = ctx.sync.pairs("account", change.system, change.id)
    if found:
        pair = _default(found)
        if pair is not None:  # a further customer of an account keeps what is its own
            tell(ctx, change.id, accounts.settle(None, None, pair))
            if pair.agreed_at is None:
                _contacts_of(ctx, pair)
        return
    customer = there(ctx.erp.using(change.system).customer, change.id)
    if customer is None:
        return  # it was never linked, so nothing is left of it
    settled = accounts.settle(None, customer)
    tell(ctx, change.id, settled)
    _contacts_of_new(ctx, settled)


def _contact(ctx: EventContext, change: Change, in_crm: bool) -> None:
    contacts = _contacts(ctx)
    if contacts is None or _known_already(ctx, "contact", change):
        return
    read = ctx.crm.contact if in_crm else ctx.erp.using(change.system).contact
    contact = there(read, change.id)
    if contact is None and change.successor and contacts.policy.merged == "follow":
        for pair in ctx.sync.pairs("contact", change.system, change.id):
            side = "crm_id" if in_crm else "erp_id"
            if ctx.sync.move(pair, **{side: change.successor}) is None:
                tell(ctx, change.id, contacts.gone(pair))
        contact = there(read, change.successor)
    if contact is not None:
        settled = contacts.in_crm(contact) if in_crm else contacts.in_erp(contact)
        tell(ctx, change.id, settled)
        return
    for pair in ctx.sync.pairs("contact", change.system, change.id):
        tell(ctx, change.id, contacts.gone(pair))


def _known_already(ctx: EventContext, entity: str, change: Change) -> bool:
    """Whether a change is one that was read, or written, the last time that both agreed.

    This only spares the calls: without it what both have would show that there is nothing to do.
    """
    if change.action == "deleted" or not change.version:
        return False
    for pair in ctx.sync.pairs(entity, change.system, change.id):
        mine = pair.crm_version if change.system == pair.crm_system else pair.erp_version
        if mine == change.version and not pair.words:
            return True
    return False


def _read_account(ctx: EventContext, account_id: str) -> Account | None:
    account = there(ctx.crm.account, account_id)
    return account if account is not None and account.id == account_id else None


def _default(pairs: Sequence[SyncPair]) -> SyncPair | None:
    return next((each for each in pairs if each.default), None)


def _contacts_of_new(ctx: EventContext, settled: Settled[Any, Any]) -> None:
    if settled.crm is None or settled.erp is None:
        return
    pair = _default(ctx.sync.pairs("account", ctx.crm.system, settled.crm.id))
    if pair is not None:
        _contacts_of(ctx, pair)


def _contacts_of(ctx: EventContext, pair: SyncPair) -> None:
    contacts = _contacts(ctx)
    if contacts is not None and not pair.lost:
        for settled in contacts.of_account(pair):
            tell(ctx, pair.crm_id, settled)


def _accounts(ctx: EventContext) -> Accounts | None:
    policy = policy_of(ctx).of("account")
    if policy is None:
        return None
    return Accounts(policy, ctx.crm, ctx.erp, ctx.sync, into=ctx.config["new_customers_in"])


def _contacts(ctx: EventContext) -> Contacts | None:
    policy = policy_of(ctx).of("contact")
    return None if policy is None else Contacts(policy, ctx.crm, ctx.erp, ctx.sync)

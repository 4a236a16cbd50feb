"""Who may change what in the CRM: a field that the ERP owns is changed there (E2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crossdock import Context, Decision, Veto, Warn
from crossdock.errors import AccessDenied
from crossdock.records import Account, Contact
from crossdock.rules.ownership import (
    EntityPolicy,
    FieldPolicy,
    Side,
    account_side,
    contact_side,
    normal,
)
from crossdock_plugins.account_sync.policies import policy_of

_WORDS = {
    "account": "the account", "contact": "the contact", "tax_number": "tax number",
    "job_title": "job title", "legal_name": "legal name", "first_name": "first name",
    "last_name": "last name", "address": "address", "shipping_address": "delivery address",
}  # fmt: skip


def judge_account(ctx: Context, account: Account, before: Account | None) -> Sequence[Decision]:
    """Judge what a user changed of an account."""
    policy = policy_of(ctx).of("account")
    if policy is None or before is None:
        return ()
    system = ctx.crm.system
    changed = list(_changed(policy, account_side(before, system), account_side(account, system)))
    if not changed:
        return ()
    return list(_judge(ctx, changed, _home_of_account(ctx, before)))


def judge_contact(ctx: Context, contact: Contact, before: Contact | None) -> Sequence[Decision]:
    """Judge what a user changed of a contact."""
    policy = policy_of(ctx).of("contact")
    if policy is None or before is None:
        return ()
    system = ctx.crm.system
    changed = list(_changed(policy, contact_side(before, system), contact_side(contact, system)))
    if not changed:
        return ()
    return list(_judge(ctx, changed, _home_of_contact(ctx, before)))


def _changed(policy: EntityPolicy, before: Side, after: Side) -> Iterator[tuple[FieldPolicy, str]]:
    for field in policy.fields.values():
        was, value = before.values.get(field.name), after.values.get(field.name)
        if was is None or value is None:
            continue
        country = after.values.get("address.country", "")
        if normal(field.form, was, country) != normal(field.form, value, country):
            yield field, value


def _judge(
    ctx: Context, changed: Sequence[tuple[FieldPolicy, str]], home: str
) -> Iterator[Decision]:
    for field, _value in changed:
        owned = field.owner == "erp" and bool(home)
        why = f"{_named(field.name)} is kept in the ERP {home}"
        if owned and field.in_crm == "refuse":
            text = f"{why}: change it there, and it comes here by itself."
            yield Veto(text, code="sync.owned_by_erp", field=field.name)
        elif field.may_change and not _has_role(ctx, field.may_change):
            roles = " or ".join(field.may_change)
            text = f"{_named(field.name)} may be changed by the role {roles}: ask one of them."
            yield Veto(text, code="sync.role", field=field.name)
        elif owned:
            who = f"the role {' or '.join(field.decides)}" if field.decides else "a person"
            text = f"{why}: the change is put to {who}, and the ERP keeps its own till then."
            yield Warn(text, code="sync.routed", field=field.name)


def _home_of_account(ctx: Context, account: Account) -> str:
    """Name the ERP and the customer that an account is; empty where it is none."""
    for system in ctx.erp.systems:
        if number := account.external_ids.get(system):
            return f"{system}, customer {number}"
    try:
        links = ctx.links(account)
    except AccessDenied:
        return ""
    return next((f"{each.system}, customer {each.customer_id}" for each in links), "")


def _home_of_contact(ctx: Context, contact: Contact) -> str:
    for system in ctx.erp.systems:
        if number := contact.external_ids.get(system):
            return f"{system}, contact {number}"
    try:
        pairs = ctx.sync.pairs("contact", ctx.crm.system, contact.id)
    except AccessDenied:
        return ""
    return next((f"{each.erp_system}, contact {each.erp_id}" for each in pairs), "")


def _has_role(ctx: Context, roles: Sequence[str]) -> bool:
    return ctx.user is None or bool(set(roles) & set(ctx.user.roles))


def _named(name: str) -> str:
    part, _, inner = name.partition(".")
    words = _WORDS.get(part, part.replace("_", " "))
    text = f"{inner} of the {words}" if inner else words
    return text[:1].upper() + text[1:]

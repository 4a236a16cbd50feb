"""The hooks: accounts and contacts are judged before they are saved; nothing is read for it."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock import Context, Decision, Veto, hookimpl
from crossdock.records import Account, Contact
from crossdock_plugins.data_quality.checks import judge


@hookimpl
def before_account_save(
    ctx: Context, account: Account, before: Account | None
) -> Sequence[Decision]:
    """Ask for what an account of its kind needs, and check the form of the rest."""
    return judge(
        account,
        before,
        required=["name", *ctx.config["required"].get(account.kind, ())],
        hidden=ctx.hidden,
        reason=f"and a {account.kind} needs one",
        tidy=ctx.config["tidy"],
    )


@hookimpl
def before_contact_save(
    ctx: Context, contact: Contact, before: Contact | None
) -> Sequence[Decision]:
    """Ask for a way to reach the contact, and check the form of the rest."""
    decisions = judge(
        contact,
        before,
        required=["last_name", *ctx.config["required_of_contacts"]],
        hidden=ctx.hidden,
        reason="and a contact needs one",
        tidy=ctx.config["tidy"],
    )
    reachable = contact.email or contact.phone
    lost = before is None or before.email or before.phone
    if not reachable and lost and "personal" not in ctx.hidden:
        decisions.append(
            Veto(
                f"{contact.name} cannot be reached: enter an e-mail address or a telephone number.",
                code="data.unreachable",
                field="email",
            )
        )
    return decisions

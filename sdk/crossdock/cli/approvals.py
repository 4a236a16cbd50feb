"""`crossdock approvals`: what waits for somebody's agreement, and the answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossdock.cli import Commands
from crossdock.cli.options import host_config, json_answer

if TYPE_CHECKING:
    from crossdock.host.approvals.approval import Approval

_user = click.option("--user", required=True, help="Who answers: id or login name in the CRM.")
_approval = click.argument("approval_id", metavar="APPROVAL")
_STATES = ("pending", "approved", "declined", "expired", "superseded")


@click.group("approvals", cls=Commands)
def command() -> None:
    """See which quotes wait for somebody's agreement; approve or decline."""


@command.command("list")
@host_config
@click.option(
    "--state", "states", type=click.Choice(_STATES), multiple=True,
    help="Only those; may be given again.",
)  # fmt: skip
@click.option("--user", help="Only those that this user of the CRM may answer.")
@click.option("--quote", help="Only of this quote, such as Q-1001.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_answer
def list_(
    config: Path,
    states: tuple[Any, ...],
    user: str | None,
    quote: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List approvals, newest first.

    \b
    Examples:
      crossdock approvals list
      crossdock approvals list --user max --json
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock approvals") as host:
        roles = host.user(user).roles if user else ()
        found = (
            host.approvals.list(states=states, roles=roles, quote_id=quote, limit=limit)
            if roles or not user
            else ()
        )
    if as_json:
        click.echo(json.dumps([_plain(each) for each in found], indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("There are no such approvals.")
    for each in found:
        until = f", until {each.expires_at:%Y-%m-%d %H:%M} UTC" if each.expires_at else ""
        due = until if each.state == "pending" else ""
        click.echo(
            f"{each.id}  {each.state}  {each.quote_id}  for {_roles(each)}{due}: {each.reason}"
        )


@command.command()
@_approval
@host_config
@json_answer
def show(approval_id: str, config: Path, as_json: bool) -> None:
    """Show one approval, such as AP-7: why, who asked, who answered, what came of it.

    \b
    Examples:
      crossdock approvals show AP-1
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock approvals") as host:
        _tell(host.approvals.get(approval_id), as_json)


@command.command()
@_approval
@_user
@click.option("--comment", default="", help="Why.")
@host_config
@json_answer
def approve(approval_id: str, user: str, comment: str, config: Path, as_json: bool) -> None:
    """Agree; once all agreed, a worker makes the order.

    \b
    Examples:
      crossdock approvals approve AP-1 --user max --comment "they always pay"
    """
    _decide(config, approval_id, user, comment, as_json, approve=True)


@command.command()
@_approval
@_user
@click.option("--comment", required=True, help="Why, so that the salesperson knows.")
@host_config
@json_answer
def decline(approval_id: str, user: str, comment: str, config: Path, as_json: bool) -> None:
    """Say no, and why.

    \b
    Examples:
      crossdock approvals decline AP-1 --user max --comment "they owe us already"
    """
    _decide(config, approval_id, user, comment, as_json, approve=False)


def _decide(
    config: Path, approval_id: str, user: str, comment: str, as_json: bool, *, approve: bool
) -> None:
    from crossdock.host import Host

    with Host.open(config, role="crossdock approvals") as host:
        decided = host.approvals.decide(
            approval_id, approve=approve, user=host.user(user), comment=comment
        )
    _tell(decided, as_json)


def _tell(approval: Approval, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_plain(approval), indent=2, ensure_ascii=False))
        return
    click.echo(f"{click.style(approval.id, bold=True)}  {approval.state}")
    rows = {
        "quote": f"{approval.quote_id} of {approval.account_id}",
        "why": approval.reason,
        "for": _roles(approval),
        "asked by": f"{approval.requested_by}, {approval.requested_at:%Y-%m-%d %H:%M} UTC",
        "lapses": f"{approval.expires_at:%Y-%m-%d %H:%M} UTC" if approval.expires_at else "never",
        "answered by": approval.decided_by,
        "comment": approval.comment,
        "outcome": approval.outcome,
    }
    for name, text in rows.items():
        if text:
            click.echo(f"  {name:<12} {text}")


def _roles(approval: Approval) -> str:
    return " or ".join(filter(None, (approval.role, approval.escalated_to)))


def _plain(approval: Approval) -> dict[str, Any]:
    import attrs

    plain: dict[str, Any] = {"id": approval.id}
    for field in attrs.fields(type(approval)):
        if field.name not in ("number", "fingerprint"):
            value = getattr(approval, field.name)
            plain[field.name] = value.isoformat() if hasattr(value, "isoformat") else value
    return plain

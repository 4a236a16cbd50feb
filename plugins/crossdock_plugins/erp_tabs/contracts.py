"""Service contracts: where they stand, and whether they are delivered at a profit (A9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from crossdock import (
    Badge,
    Column,
    Component,
    Context,
    Metric,
    Metrics,
    Notice,
    Percent,
    Table,
    Unknown,
    Value,
    View,
)
from crossdock.records import Account, Contract, TradingAccount
from crossdock.rules import (
    ContractState,
    Profit,
    contract_profit,
    contract_state,
    total_contract_profit,
)

from .sources import NOT_VISIBLE, Reader

_STATES: Final[Mapping[ContractState, Badge]] = {
    "future": Badge("not begun", "info"),
    "current": Badge("current", "good"),
    "expiring": Badge("expiring", "warning"),
    "lapsed": Badge("lapsed", "bad"),
}
_KINDS: Final = {"maintenance": "Maintenance", "sla": "SLA", "support": "Support"}
_IN_FORCE: Final = ("current", "expiring")
_COLUMNS: Final = (
    Column(key="contract", label="Contract"),
    Column(key="name", label="Name"),
    Column(key="kind", label="Kind"),
    Column(key="status", label="Status"),
    Column(key="starts", label="From"),
    Column(key="ends", label="Until"),
    Column(key="value", label="Value a year", align="end"),
    Column(key="cost", label="Cost a year", align="end", sensitive="cost"),
    Column(key="profit", label="Profit a year", align="end", sensitive="margin"),
    Column(key="margin", label="Margin", align="end", sensitive="margin"),
)
_NOT_KEPT: Final = Unknown("the ERP does not tell")
_NO_FIGURE: Final = Unknown("nothing is charged for it")


def contracts_view(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    """Show service contracts as of a day; those that need attention first."""
    reader = Reader(ctx, account, params)
    as_of: date = params.get("as_of") or reader.today
    reader.ahead(*reader.of_each("contracts", ctx.erp.contracts))
    sections: list[Component] = []
    for trading_account in reader.trading_accounts:
        contracts = contracts_of(reader, trading_account)
        if not isinstance(contracts, Unknown):
            sections += _section(reader, trading_account, contracts, as_of)
    return View([*reader.notices, *sections])


def contracts_of(reader: Reader, trading_account: TradingAccount) -> Sequence[Contract] | Unknown:
    """Read one trading account's contracts."""
    erp = reader.ctx.erp
    return reader.read("contracts", trading_account, lambda: erp.contracts(trading_account))


def _section(
    reader: Reader, trading_account: TradingAccount, contracts: Sequence[Contract], as_of: date
) -> list[Component]:
    whose = reader.whose(trading_account)
    provenance = reader.provenance([trading_account], as_of=as_of)
    states = {each.id: contract_state(each, as_of=as_of) for each in contracts}
    in_force = [each for each in contracts if states[each.id] in _IN_FORCE]
    ending = [each for each in in_force if states[each.id] == "expiring"]
    components: list[Component] = []
    if ending:
        components.append(_ending(ending))
    if contracts:
        components.append(
            Metrics(
                title=f"Contracts in force{whose}",
                metrics=[
                    Metric(label="In force", value=len(in_force)),
                    Metric(
                        label="Expiring",
                        value=len(ending),
                        tone="warning" if ending else "neutral",
                        help="within 30 days",
                    ),
                    *_money(reader, in_force),
                ],
                provenance=provenance,
            )
        )
    order = ("expiring", "lapsed", "current", "future")
    components.append(
        Table(
            title=f"Service contracts{whose}",
            columns=_COLUMNS,
            rows=[
                _row(reader, each, states[each.id])
                for each in sorted(
                    contracts,
                    key=lambda each: (order.index(states[each.id]), each.ends_on or date.max),
                )
            ],
            empty="There is no service contract.",
            id=reader.table_id("contracts", trading_account),
            provenance=provenance,
        )
    )
    return components


def _money(reader: Reader, in_force: Sequence[Contract]) -> list[Metric]:
    metrics: list[Metric] = []
    for total in total_contract_profit(in_force):
        loss = total.at_a_profit is False
        metrics += [
            Metric(label="Value a year", value=total.revenue),
            Metric(
                label="Profit a year",
                value=_known(reader, total, total.profit),
                tone="bad" if loss else "neutral",
                help="delivered at a loss" if loss else "",
                sensitive="margin",
            ),
        ]
    return metrics


def _ending(ending: Sequence[Contract]) -> Notice:
    first = min(ending, key=lambda each: each.ends_on or date.max)
    many = f" and {len(ending) - 1} more" if len(ending) > 1 else ""
    return Notice(
        title="A contract is about to lapse",
        text=f"{first.name} ({first.id}){many}: renew it before its last day.",
        tone="warning",
    )


def _row(reader: Reader, contract: Contract, state: ContractState) -> dict[str, Value]:
    made = contract_profit(contract)
    margin: Value = None
    if made.profit is None:
        margin = _known(reader, made, None)
    elif made.margin is None:
        margin = _NO_FIGURE
    else:
        margin = Percent(made.margin)
    return {
        "contract": contract.id,
        "name": contract.name,
        "kind": _KINDS.get(contract.kind, contract.kind),
        "status": _STATES[state],
        "starts": contract.starts_on,
        "ends": contract.ends_on or "runs on",
        "value": contract.annual_value,
        "cost": _known(reader, made, made.cost),
        "profit": _known(reader, made, made.profit),
        "margin": margin,
    }


def _known(reader: Reader, made: Profit, value: Value) -> Value:
    """Give a figure that a cost is in, or say why there is none."""
    if made.cost is not None:
        return value
    return NOT_VISIBLE if {"cost", "margin"} & reader.ctx.hidden else _NOT_KEPT

"""The mock: how Ledgerbox says what the back office knows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from crossdock_mocks import backoffice
from crossdock_mocks.backoffice.kinds import CUSTOMER, INVOICE
from crossdock_mocks.engine import Call, Dialect, Problem, Reply, contains, ge

TOKENS = {"ledgerbox-demo-token": "integration"}


def dialect() -> Dialect:
    """Give the mock: its document, and what stands behind each operation."""
    return Dialect(
        name="ledgerbox",
        document=Path(__file__).with_name("ledgerbox.openapi.yaml"),
        behaviours={"listClients": _clients, "getClient": _client, "listBills": _bills},
        tables=backoffice.TABLES,
        seed=backoffice.seed,
        authenticate=lambda call: TOKENS.get(call.credentials["token"]),
        problem_reply=_refusal,
    )


def _refusal(problem: Problem) -> Reply:
    wrong = [f"{each.pointer} {each.message}" for each in problem.errors]
    say = "; ".join(wrong) or problem.detail or problem.title
    return Reply(problem.status, {"reason": problem.code, "say": say}, problem.headers)


def _clients(call: Call) -> Reply:
    where = {"name": contains(call.query["word"])} if "word" in call.query else {}
    return _page(call, "clients", CUSTOMER.table, where, ("id",), _shown_client)


def _client(call: Call) -> Reply:
    return Reply(200, _shown_client(_known(call)))


def _bills(call: Call) -> Reply:
    where: dict[str, Any] = {"customerId": _known(call)["id"]}
    if "since" in call.query:
        where["issuedOn"] = ge(call.query["since"])
    return _page(call, "bills", INVOICE.table, where, ("-issuedOn",), _shown_bill)


def _known(call: Call) -> dict[str, Any]:
    client = call.world.table(CUSTOMER.table).get(call.path["no"])
    if client is None:
        raise Problem(404, "no_such_client", detail=f"There is no client {call.path['no']}.")
    return client


def _page(
    call: Call, name: str, table: str, where: Any, order: tuple[str, ...], show: Any
) -> Reply:
    found = call.world.table(table).page(
        where, order, limit=call.query["size"], after=call.query.get("from")
    )
    return Reply(200, {name: [show(row) for row in found.rows], "more": found.next})


def _shown_client(row: dict[str, Any]) -> dict[str, Any]:
    return {"no": row["id"], "title": row["name"], "currency": row["currency"]}


def _shown_bill(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "no": row["id"],
        "client": row["customerId"],
        "dated": row["issuedOn"],
        "due": row["dueOn"],
        "currency": row["currency"],
        "net_cents": _cents(row["net"]),
        "tax_cents": _cents(row["tax"]),
        "open_cents": _cents(row["openAmount"]),
    }


def _cents(amount: str) -> int:
    return int(Decimal(amount) * 100)

"""What the reference systems answer, and what is sent to them."""

import json
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from crossdock.records import Money, PriceRequest, PriceRequestLine, Quote, QuoteLine


class Rows:
    """Rows as a system's document describes them; a test names what matters to it.

    `rows/<system>.json` has one of each kind, and `rows.order(status="lost")` gives it, changed.
    """

    def __init__(self, system: str) -> None:
        file = Path(__file__).parent / "rows" / f"{system}.json"
        self._rows = json.loads(file.read_text(encoding="utf-8"))

    def __getattr__(self, kind: str) -> Callable[..., dict[str, Any]]:
        row = self._rows[kind]
        return lambda **over: {**deepcopy(row), **over}


class CrmRows(Rows):
    """What the reference CRM answers."""

    def __init__(self) -> None:
        super().__init__("crm")

    def page(self, *rows, page=1, total=None, page_size=200):
        return {
            "data": list(rows),
            "page": page,
            "page_size": page_size,
            "total": len(rows) if total is None else total,
        }

    def error(self, status, code, message="No.", fields=()):
        body = {"error": {"code": code, "message": message, "fields": list(fields)}}
        return httpx.Response(status, json=body)


class ErpRows(Rows):
    """What the reference ERP answers."""

    def __init__(self) -> None:
        super().__init__("erp")

    def page(self, *rows, after=None):
        return {"items": list(rows), "next": after}

    def problem(self, status, code, detail="No.", errors=()):
        body = {
            "type": "about:blank",
            "title": "Refused",
            "status": status,
            "detail": detail,
            "code": code,
            "errors": list(errors),
        }
        headers = {"content-type": "application/problem+json"}
        return httpx.Response(status, content=json.dumps(body), headers=headers)


@pytest.fixture(scope="session")
def crm_rows():
    return CrmRows()


@pytest.fixture(scope="session")
def erp_rows():
    return ErpRows()


@pytest.fixture
def draft():
    line = PriceRequestLine(number=1, item_id="BRG-1001", quantity=Decimal(3))
    return PriceRequest(lines=(line,))


@pytest.fixture
def quote():
    """A quote as it was read from the CRM."""
    return Quote(
        id="Q-1",
        account_id="A-1001",
        currency="EUR",
        owner_id="U-kim",
        lines=(
            QuoteLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(3),
                unit="pcs",
                unit_price=Money("11.0000", "EUR"),
                discount_percent=Decimal(5),
                net=Money("31.35", "EUR"),
                tax_rate=Decimal("0.20"),
                tax=Money("6.27", "EUR"),
                unit_cost=Money("7.25", "EUR"),
            ),
        ),
        net=Money("31.35", "EUR"),
        tax=Money("6.27", "EUR"),
        gross=Money("37.62", "EUR"),
        pricing_status="priced",
        version="3",
    )

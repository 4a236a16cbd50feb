"""A small valid data set folder, which tests break in one place each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crossdock_mocks.datasets import DataSet, generate

HEADER = """\
name = "Tiny"
company = "Tiny Trade Ltd"
currency = "GBP"
as_of = 2026-01-31

[[rules]]
id = "terms"
applies_to = "customers.terms_days"
text = "All customers have 30 days."

[files]
"customers.csv" = 2
"order_lines.csv" = 2
"""

FILES = {
    "dataset.toml": HEADER,
    "tax_codes.csv": "id,name,rate\nSTD,Standard,0.20\n",
    "items.csv": 'id,name,list_price,tax_code\nB-1,"Bolt, long",1.50,STD\nN-1,Nut,0.20,STD\n',
    "customers.csv": "id,name,currency,credit_limit\nC-1,Ärger & Söhne,GBP,1000\nC-2,Low,GBP,\n",
    "orders.csv": "id,customer_id,ordered_on,status,currency\nSO-1,C-1,2026-01-05,open,GBP\n",
    "order_lines.csv": (
        "order_id,line,item_id,quantity,unit_price,tax_code\n"
        "SO-1,1,B-1,10,1.50,STD\n"
        "SO-1,2,N-1,100,0.20,STD\n"
    ),
    "shipments.csv": "id,order_id,customer_id,shipped_on\nSH-1,SO-1,C-1,2026-01-08\n",
    "shipment_lines.csv": "shipment_id,line,order_line,item_id,quantity\nSH-1,1,1,B-1,4\n",
}


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def change(tiny: Path) -> Callable[[str, str, str], None]:
    """Replaces a text that must be there, once."""

    def apply(file: str, old: str, new: str) -> None:
        before = (tiny / file).read_text(encoding="utf-8")
        assert before.count(old) >= 1
        (tiny / file).write_text(before.replace(old, new, 1), encoding="utf-8")

    return apply


@pytest.fixture(scope="session")
def company() -> DataSet:
    return generate(seed=7)

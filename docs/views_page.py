"""The pages on views: each component with what it is made of and a rendered example.

`generate.py` runs this file; the examples are run for the pages, so they are as true as the rest.
"""

from __future__ import annotations

import inspect
from datetime import UTC, date, datetime
from decimal import Decimal
from html import escape
from pathlib import Path
from textwrap import dedent
from typing import Any, Final

import attrs

import crossdock
from crossdock import records, views
from crossdock.render import STYLESHEET
from crossdock.render.html import render_html
from crossdock.render.text import render_text
from crossdock.views.arranging import arranged

NOTE: Final = "<!-- Written by `make docs`; change the code or its docstring instead. -->\n"
_WIDTH: Final = 96
_ROOT: Final = Path(__file__).resolve().parent.parent

# What an example can use: the public face, and what figures are made of.
_NAMES: Final[dict[str, Any]] = {
    **{name: getattr(crossdock, name) for name in crossdock.__all__},
    "Money": records.Money,
    "Decimal": Decimal,
    "UTC": UTC,
    "date": date,
    "datetime": datetime,
}
_WHERE: Final = """
    where = Provenance(
        source="main", trading_account="C-10001", as_of=datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
    )
"""
EXAMPLES: Final[dict[str, str]] = {
    "Metrics": """
        Metrics(
            title="Receivables",
            metrics=[
                Metric(label="Balance", value=Money("13413.44", "EUR")),
                Metric(label="Past due", value=Money("910", "EUR"), tone="bad", help="2 of them"),
                Metric(label="Late lines", value=Unknown("the ERP records no shipments")),
            ],
            provenance=where,
        )
    """,
    "Table": """
        Table(
            id="lines",
            title="Open order lines",
            columns=[
                Column(key="order", label="Order"),
                Column(key="status", label="Status"),
                Column(key="promised", label="Promised"),
                Column(key="open", label="Open", align="end"),
                Column(key="net", label="Net", align="end"),
            ],
            rows=[
                {
                    "order": Link("SO-1 / 1", "order/SO-1", {"system": "main"}),
                    "status": Badge("late", "bad"),
                    "promised": date(2026, 11, 2),
                    "open": Decimal(4),
                    "net": Money("80", "EUR"),
                },
                {
                    "order": Link("SO-2 / 1", "order/SO-2", {"system": "main"}),
                    "status": Badge("reserved", "info"),
                    "promised": Unknown("not promised"),
                    "open": Decimal("2.5"),
                    "net": Money("41.25", "EUR"),
                },
            ],
            total={"order": "Total", "net": Money("121.25", "EUR")},
            provenance=where,
        )
    """,
    "Chart": """
        Chart(
            kind="bar",
            title="Net sales by quarter",
            categories=["Q1", "Q2", "Q3", "Q4"],
            series=[
                Series(label="2025", values=[Decimal(n) for n in (1200, 900, 700, 1100)]),
                Series(label="2026", values=[Decimal(1300), Decimal(950), Decimal(-120), None]),
            ],
            currency="EUR",
            summary="2026 began above 2025 and fell below zero in the third quarter.",
            provenance=where,
        )
    """,
    "Timeline": """
        Timeline(
            title="Order SO-1",
            entries=[
                TimelineEntry(at=date(2026, 11, 2), title="Acknowledged", actor="erp"),
                TimelineEntry(
                    at=date(2026, 11, 9),
                    title="Shipped in part",
                    text="4 of 10",
                    tone="info",
                ),
            ],
            provenance=where,
        )
    """,
    "Fields": """
        Fields(
            title="Terms",
            items=[
                ("Payment terms", "30 days net"),
                ("Discount", Percent(Decimal("0.025"))),
                ("Hold", Badge("none", "good")),
            ],
            provenance=where,
        )
    """,
    "Notice": """
        Notice(
            title="Sales are declining",
            text="Each month brought 120.00 EUR less than the one before (p = 0.012).",
            tone="warning",
        )
    """,
    "Action": """
        Action(label="Aging", target="tab/erp-tabs/aging", params={"basis": "posted"}, tone="info")
    """,
}
_VALUES: Final[dict[str, str]] = {
    "a text": '"30 days net"',
    "a number": 'Decimal("1234.5")',
    "an amount": 'Money("1234.5", "GBP")',
    "a day": "date(2026, 11, 21)",
    "an instant": "datetime(2026, 11, 21, 14, 5, tzinfo=UTC)",
    "a truth value": "True",
    "a fraction": 'Percent(Decimal("0.125"))',
    "a word with a tone": 'Badge("late", "bad")',
    "a document": 'Link("IN-1001", "invoice/IN-1001", {"system": "uk"})',
    "a figure that leads to what it is made of": (
        'Drill(Money("99.5", "EUR"), "tab/erp-tabs/invoices", {"since": "2026-03-01"})'
    ),
    "what can be done with a row": (
        'Action(label="Download", target="invoice_copy/IN-1001", params={"system": "uk"})'
    ),
    "what nobody knows": 'Unknown("the ERP records no shipments")',
}
_PARTS: Final[dict[str, tuple[type, ...]]] = {
    "Metrics": (views.Metric,),
    "Table": (views.Column, views.Arrangement),
    "Chart": (views.Series,),
    "Timeline": (views.TimelineEntry,),
}


def views_page() -> str:
    """Every component and value with its attributes, an example and how a terminal shows it."""
    parts = [
        "# Views\n",
        NOTE,
        (views.__doc__ or "").partition("\n\n")[2].strip() + "\n",
        "The same examples [as a browser shows them](views.html); as data they are what "
        "`view.schema.json` describes.\n",
        "## Values\n",
        "| value | written | shown |",
        "|---|---|---|",
        *(f"| {name} | `{source}` | {_shown(source)} |" for name, source in _VALUES.items()),
        "",
        "## Tables that readers arrange\n",
        "A plugin hands in all rows. A table with an id can be sorted, searched, paged and "
        "downloaded as CSV; the host does that, after it has taken out what the reader may not "
        "see. Parameters of the tab carry it, so a link keeps it:\n",
        "| parameter | means |",
        "|---|---|",
        "| `lines.sort=-promised` | the table `lines` by its column `promised`, the largest "
        "first; what nobody knows comes last either way |",
        "| `lines.find=bearing 2026` | rows in which each of these words stands |",
        "| `lines.page=2` | the second page; `all` for everything |",
        "",
        "The desk has heads that sort, a search and a download for it without scripts. The "
        "side-car takes `params[lines.sort]` and gives a whole table for `as=csv&table=lines` or "
        "`Accept: text/csv`.\n",
    ]
    for name, source in EXAMPLES.items():
        component = getattr(views, name)
        parts += [f"## {name}\n", inspect.cleandoc(component.__doc__ or "").split("\n\n")[0] + "\n"]
        parts += _attributes(component)
        for part in _PARTS.get(name, ()):
            parts += [f"### {part.__name__}\n"]
            parts += [inspect.cleandoc(part.__doc__ or "").split("\n\n")[0] + "\n"]
            parts += _attributes(part)
        written = render_text(_example(source), width=_WIDTH)
        parts += [f"```python\n{dedent(source).strip()}\n```\n", f"```text\n{written}\n```\n"]
    return "\n".join(parts)


def views_in_a_browser() -> str:
    """The examples as HTML with the stylesheet that hosts include."""
    style = f"../{STYLESHEET.relative_to(_ROOT).as_posix()}"
    shown = "\n".join(
        f"<section>\n<h2>{escape(name)}</h2>\n"
        f"{render_html(_example(source), href=lambda target, _: f'#{target}', prefix=name.lower())}"
        "\n</section>"
        for name, source in EXAMPLES.items()
    )
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>Views</title>\n"
        f'<link rel="stylesheet" href="{style}">\n<style>\n'
        "body { max-width: 64rem; margin: 2rem auto; padding: 0 1rem; color: var(--cd-text); "
        "background: var(--cd-ground); font-family: var(--cd-font); }\n"
        "section { margin-block: 2.5rem; }\n</style>\n</head>\n<body>\n<main>\n<h1>Views</h1>\n"
        f"{shown}\n</main>\n</body>\n</html>\n"
    )


def _example(source: str) -> views.View:
    names = dict(_NAMES)
    exec(dedent(_WHERE), names)  # noqa: S102 - our own text above
    component = eval(dedent(source).strip(), names)  # noqa: S307 - our own text above
    return arranged(views.View((component,)), {}, target="tab/examples/views")


def _shown(source: str) -> str:
    value = eval(source, dict(_NAMES))  # noqa: S307 - our own text above
    text = render_text(views.View((views.Fields(items=[("", value)]),)))
    return text.strip()


def _attributes(kind: type) -> list[str]:
    told = _documented(kind)
    rows = ["| attribute | kind | |", "|---|---|---|"]
    for field in attrs.fields(kind):
        hint = str(field.type).replace("|", "\\|")
        needed = " (needed)" if field.default is attrs.NOTHING else ""
        rows.append(f"| `{field.name}`{needed} | `{hint}` | {told.get(field.name, '')} |")
    return [*rows, ""]


def _documented(kind: type) -> dict[str, str]:
    """Read what a docstring says of each attribute."""
    text = inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")[2]
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        head, colon, rest = line.strip().partition(":")
        if line.startswith("    ") and not line.startswith("     ") and colon and " " not in head:
            name = head
            found[name] = rest.strip()
        elif name and line.strip():
            found[name] += f" {line.strip()}"
    return found

"""Adaptive Cards: what the published schema allows, what a reader sees, what fits into a chat."""

import copy
import functools
import json
import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft6Validator
from markdown_it import MarkdownIt

from crossdock import (
    Action,
    Badge,
    Chart,
    Column,
    Fields,
    Link,
    Metric,
    Metrics,
    Money,
    Notice,
    Provenance,
    Series,
    Table,
    Timeline,
    TimelineEntry,
    Unknown,
    View,
)
from crossdock.render.adaptive_card import TEAMS_LIMIT, render_adaptive_card
from crossdock.render.adaptive_card.text import escaped, words
from crossdock.render.characters import one_line
from crossdock.render.formats import Formats

VERSIONS = ("1.3", "1.4", "1.5")
_MARKDOWN = MarkdownIt("gfm-like", {"linkify": False, "html": True})


def link(target, params):
    return None if target.startswith("nothing/") else f"https://crm.example/{target}"


def newer(annotation, version):
    return tuple(map(int, annotation.split("."))) > tuple(map(int, version.split(".")))


def as_of(schema, version):
    """Give the schema without what it marks itself as newer than a version."""
    old = copy.deepcopy(schema)
    gone = {
        name
        for name, definition in old["definitions"].items()
        if newer(definition.get("version", "1.0"), version)
    }
    for name in gone:
        old["definitions"][name] = False
    pending = [old]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        if not isinstance(node, dict):
            continue
        for name, known in list(node.get("properties", {}).items()):
            if isinstance(known, dict) and newer(known.get("version", "1.0"), version):
                node["properties"][name] = False
        pending += node.values()
    return old


@pytest.fixture(scope="session")
def complaints(published_schema):
    """Judge a card by the published schema of the version that the card names."""
    judges = {
        version: Draft6Validator(as_of(published_schema, version), validate_formats=True)
        for version in VERSIONS
    }

    def judge(card):
        assert card["$schema"].endswith(f"/schemas/{card['version']}.0/adaptive-card.json")
        return [each.message[:300] for each in judges[card["version"]].iter_errors(card)]

    return judge


def elements(node):
    if isinstance(node, dict):
        if "type" in node:
            yield node
        for each in node.values():
            yield from elements(each)
    elif isinstance(node, list):
        for each in node:
            yield from elements(each)


def runs(card):
    return [each for each in elements(card) if each["type"] == "TextRun"]


def told(card):
    return " ".join(run["text"] for run in runs(card))


def run_of(card, text):
    (found,) = [each for each in runs(card) if each["text"] == text]
    return found


def size(card):
    return len(json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode())


@pytest.fixture(scope="module", params=VERSIONS)
def card(request, everything):
    return render_adaptive_card(
        everything,
        title="Everything",
        subtitle="Miller & Sons · A-1001",
        href=link,
        more="https://crm.example/all",
        version=request.param,
    )


def test_every_component_is_what_the_schema_of_its_version_allows(card, complaints):
    assert complaints(card) == []


def test_the_judge_knows_what_is_newer_than_a_version(complaints, everything):
    card = render_adaptive_card(everything, version="1.5")

    assert complaints(card) == []
    assert complaints(card | {"version": "1.4", "$schema": "/schemas/1.4.0/adaptive-card.json"})
    assert complaints(card | {"body": [{"type": "Chart.Pie"}]})


def test_only_a_host_that_knows_tables_is_given_one(everything):
    kinds = {
        version: {
            each["type"] for each in elements(render_adaptive_card(everything, version=version))
        }
        for version in VERSIONS
    }

    assert "Table" in kinds["1.5"]
    assert "Table" not in kinds["1.3"] | kinds["1.4"]


def test_every_value_is_written_as_a_reader_expects(card, every_value):
    texts = [run["text"] for run in runs(card)]

    assert all(text in texts for _, text in every_value if text)


def test_an_unknown_figure_is_its_reason_and_looks_like_no_figure(card):
    assert run_of(card, "could not be read")["italic"] is True


def test_figures_say_where_they_came_from_and_stale_ones_are_marked(card):
    assert "main · C-1 · read 21 Nov 2026, 14:05 UTC" in told(card)
    stale = run_of(card, "main · as of 31 Jan 2026 · out of date · ERP away")
    assert stale["color"] == "warning"


def test_links_and_actions_lead_where_the_host_says_or_nowhere(card, everything):
    addresses = {each["url"] for each in elements(card) if each["type"] == "Action.OpenUrl"}

    assert addresses == {
        "https://crm.example/invoice/IN-1",
        "https://crm.example/invoice_copy/IN-1",
        "https://crm.example/tab/erp-tabs/aging",
        "https://crm.example/tab/erp-tabs/invoices",
        "https://crm.example/all",
    }
    assert "Nowhere" not in json.dumps(card)
    without = render_adaptive_card(everything)
    assert "Action.OpenUrl" not in json.dumps(without)
    assert "IN-1" in told(without)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "http://crm.example/x", "//crm.example/x", "data:text/html,x"],
)
def test_an_address_that_is_not_secure_is_no_link(address):
    view = View(
        [Action(label="go", target="x/1"), Fields(items=[("Invoice", Link("IN-1", "x/1"))])]
    )

    card = render_adaptive_card(view, href=lambda *_: address, more=address)

    assert not [each for each in elements(card) if each["type"] == "Action.OpenUrl"]


def test_a_badge_and_a_tone_have_their_colour(everything):
    card = render_adaptive_card(everything)

    assert run_of(card, "overdue")["color"] == "attention"
    notice = next(each for each in elements(card) if each.get("style") == "warning")
    assert notice["type"] == "Container"


def test_a_chart_is_its_summary_its_figures_and_a_bar_for_each(everything):
    card = render_adaptive_card(everything)

    assert "2026 began below 2025." in told(card)
    assert "£1,500.50" in told(card)
    bars = [run for run in runs(card) if set(run["text"]) <= set("▏▎▍▌▋▊▉█")]
    assert max(len(run["text"]) for run in bars) == 10


def test_a_negative_bar_is_red_and_a_gap_has_none():
    chart = Chart(
        kind="bar",
        categories=("a", "b", "c"),
        series=[Series(label="n", values=[Decimal(-4), None, Decimal(0)])],
        summary="so",
    )

    card = render_adaptive_card(View([chart]))

    assert [run.get("color") for run in runs(card) if run["text"][0] in "█▏"] == [
        "attention",
        "accent",
    ]
    assert run_of(card, "-")["italic"] is True


def test_a_long_table_says_how_many_more_there_are_and_where():
    rows = [{"id": f"SO-{n}", "net": Money(n, "EUR")} for n in range(1234)]
    columns = [Column(key="id", label="Order"), Column(key="net", label="Net", align="end")]
    table = Table(columns=columns, rows=rows, total={"net": Money(99, "EUR")})

    card = render_adaptive_card(View([table]), more="https://crm.example/all")

    rest = run_of(card, "and 1,222 more")
    assert rest["selectAction"]["url"] == "https://crm.example/all"
    assert "SO-11" in told(card)
    assert "SO-12" not in told(card)
    assert "€99.00" in told(card)  # the total is of all rows


def test_a_wide_table_is_a_paragraph_for_each_row():
    columns = [Column(key=str(n), label=f"Column {n}") for n in range(9)]
    row = {str(n): f"value {n}" for n in range(9) if n != 4}

    card = render_adaptive_card(View([Table(columns=columns, rows=[row])]))

    assert "Table" not in {each["type"] for each in elements(card)}
    assert run_of(card, "value 0")["weight"] == "bolder"
    assert "value 8" in told(card)
    assert "Column 4" not in told(card)


def test_a_long_timeline_keeps_the_newest():
    entries = [TimelineEntry(at=date(2026, 1, 1 + n), title=f"step {n}") for n in range(30)]

    card = render_adaptive_card(View([Timeline(entries=entries)]))

    assert "and 18 more" in told(card)
    assert "step 29" in told(card)
    assert "step 17" not in told(card).split()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_card_fits_into_a_chat_whatever_is_in_it(version, complaints):
    rows = [{"a": "long words " * 100, "b": Money(n, "EUR")} for n in range(50)]
    columns = [Column(key="a", label="A" * 500), Column(key="b", label="B", align="end")]
    many = [Table(title=f"Table {n}", columns=columns, rows=rows, total=rows[0]) for n in range(40)]

    card = render_adaptive_card(
        View([Metrics(metrics=[Metric(label="First", value=1)]), *many]),
        title="Large",
        more="https://crm.example/all",
        version=version,
    )

    assert TEAMS_LIMIT // 2 < size(card) <= TEAMS_LIMIT
    assert "First" in told(card)
    assert re.search(r"and \d+ more$", runs(card)[-1]["text"])
    assert complaints(card) == []


def test_a_card_that_cannot_fit_even_empty_is_said_so():
    with pytest.raises(ValueError, match="does not fit into 100 bytes"):
        render_adaptive_card(View([Notice(text="x")]), limit=100)


def test_a_host_that_cannot_show_cards_is_told_the_first_figures(everything):
    card = render_adaptive_card(everything, title="Balance *now*", formats=Formats("de_DE"))

    assert card["fallbackText"].startswith("Balance \\*now\\*; Value 0: plain; Value 1: 12.345;")
    assert card["lang"] == "de"


def test_a_heading_is_one_for_a_screen_reader_too(everything):
    card = render_adaptive_card(everything, title="Everything")

    assert {each["style"] for each in elements(card) if each["type"] == "TextBlock"} == {"heading"}


# What a text may not do.


def markdown_of(text):
    """Read a text as the largest dialect that hosts use, and give the words that are shown."""
    tokens = _MARKDOWN.parse(text)
    assert [token.type for token in tokens] in (
        [],
        ["paragraph_open", "inline", "paragraph_close"],
    ), tokens
    if not tokens:
        return ""
    kinds = {child.type for child in tokens[1].children}
    assert kinds <= {"text", "text_special"}, kinds
    return "".join(child.content for child in tokens[1].children)


def test_no_text_is_markdown(hostile_texts):
    for name, text in hostile_texts.items():
        line = words(text, 1000)
        assert markdown_of(escaped(line)) == line.strip(), name


@given(text=st.text(st.characters(exclude_categories=())))
@settings(deadline=None)
def test_no_text_at_all_is_markdown(text):
    line = words(text, 1000)

    assert markdown_of(escaped(line)) == line.strip()


@given(text=st.text("[]()*_`#>-+=|~!<&;1.) \\ax", max_size=24))
@settings(deadline=None, max_examples=400)
def test_no_mixture_of_marks_is_markdown(text):
    line = words(text, 1000)

    assert markdown_of(escaped(line)) == line.strip()


def shape(node):
    """Give a card with every text left out: its elements, its properties and its addresses."""
    if isinstance(node, dict):
        return {
            name: "text" if name in ("text", "title", "fallbackText") else shape(each)
            for name, each in node.items()
        }
    return [shape(each) for each in node] if isinstance(node, list) else node


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(each, marks=() if each == VERSIONS[-1] else pytest.mark.full)
        for each in VERSIONS
    ],
)
def test_a_text_changes_nothing_but_the_text_of_a_card(version, hostile_texts, view_of, complaints):
    def made(text):
        return render_adaptive_card(
            view_of(text), href=lambda *_: "https://crm.example/x", version=version, limit=10**7
        )

    @functools.cache
    def of_width(length):  # widths of columns follow the length of texts
        return shape(made("x" * length))

    for name, text in hostile_texts.items():
        if not text.strip():
            continue
        card = made(text)
        assert shape(card) == of_width(len(one_line(text).strip())), name
        assert not complaints(card), name
        json.dumps(card, ensure_ascii=False).encode()
        for each in elements(card):
            if each["type"] == "TextBlock":
                assert markdown_of(each["text"]) == words(text, 1000).strip(), name


@given(text=st.text(st.characters(exclude_categories=()), min_size=1))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_text_at_all_makes_a_card_that_the_schema_refuses(text, view_of, complaints):
    card = render_adaptive_card(view_of(text), href=lambda *_: "https://crm.example/x")

    assert complaints(card) == []
    assert size(card) <= TEAMS_LIMIT


def test_a_text_is_not_computed_by_the_renderer():
    shown = words("{{DATE(2026-11-21T00:00:00Z)}} {{time(x)}} ${secret} {{7*7}}", 1000)

    assert "{{DATE(" not in shown
    assert "{{time(" not in shown
    assert "${" not in shown
    assert shown.replace("\u2060", "") == (
        "{{DATE(2026-11-21T00:00:00Z)}} {{time(x)}} ${secret} {{7*7}}"
    )


def test_badges_and_notices_of_every_tone_are_allowed(complaints):
    tones = ("neutral", "info", "good", "warning", "bad")
    view = View(
        [
            *(Notice(text="x", tone=tone) for tone in tones),
            *(Action(label="x", target="x/1", tone=tone) for tone in tones),
            Fields(
                items=[(tone, Badge("x", tone)) for tone in tones],
                provenance=Provenance(source="main", as_of=date(2026, 1, 1)),
            ),
            Metrics(metrics=[Metric(label="x", value=Unknown("away"), tone=t) for t in tones]),
        ]
    )

    assert complaints(render_adaptive_card(view, href=link, version="1.3")) == []

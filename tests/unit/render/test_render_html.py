import re
from datetime import date
from html.parser import HTMLParser

import pytest

from crossdock import Badge, Column, Link, Metric, Metrics, Table, Unknown, View
from crossdock.render import STYLESHEET
from crossdock.render.formats import Formats
from crossdock.render.html import HtmlRenderer, render_html

VOID = {"line", "rect", "circle", "path", "br"}


class Outline(HTMLParser):
    """Checks that every element is closed in its turn, and gathers what tests ask about."""

    def __init__(self, markup):
        super().__init__()
        self.open = []
        self.ids = []
        self.elements = []
        self.feed(str(markup))
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if "id" in dict(attrs):
            self.ids.append(dict(attrs)["id"])
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert tag == self.open.pop()

    def of(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def link(target, params):
    return None if target.startswith("nothing/") else f"/go/{target}?{'&'.join(params)}"


@pytest.fixture(scope="module")
def html(everything):
    return render_html(everything, href=link)


def test_the_markup_is_well_formed_and_its_ids_are_unique(html):
    outline = Outline(html)

    assert len(outline.ids) == len(set(outline.ids))
    described = " ".join(svg["aria-labelledby"] for svg in outline.of("svg")).split()
    assert set(described) <= set(outline.ids)


def test_everything_that_comes_from_a_plugin_is_escaped(html):
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "Sales are &lt;down&gt;" in html
    assert "Careful &amp; clear" in html


def test_markup_in_any_place_of_a_view_is_escaped():
    bad = '"><script>x</script>'
    view = View(
        [
            Metrics(title=bad, metrics=[Metric(label=bad, value=bad, help=bad)]),
            Table(
                title=bad,
                columns=[Column(key=bad, label=bad, help=bad)],
                rows=[{bad: Badge(bad)}, {bad: Link(bad, f"invoice/{bad}")}],
            ),
        ]
    )

    assert "<script>" not in render_html(view, href=lambda target, params: target)


def test_a_table_has_a_caption_and_its_headers_have_a_scope(html):
    outline = Outline(html)

    assert len(outline.of("table")) == len(outline.of("caption"))
    assert all(th["scope"] in ("col", "row") for th in outline.of("th"))
    for region in (d for d in outline.of("div") if d.get("role") == "region"):
        assert region["aria-labelledby"] in outline.ids
        assert region["tabindex"] == "0"


def test_a_chart_has_a_text_alternative_and_its_figures_as_a_table(html):
    outline = Outline(html)

    for svg in outline.of("svg"):
        assert svg["role"] == "img"
    assert "2026 began below 2025." in html
    assert len(outline.of("figure")) == len(outline.of("details"))
    assert "£1,500.50" in html


def test_a_chart_is_drawn_for_wide_and_for_narrow_places(html):
    classes = [svg["class"] for svg in Outline(html).of("svg")]

    assert classes == ["cd-svg cd-svg--wide", "cd-svg cd-svg--narrow"] * 2


def test_there_are_no_scripts_and_no_styles_of_its_own(html):
    outline = Outline(html)

    assert [] == outline.of("script") == outline.of("style")
    assert not any("style" in attrs or "onclick" in attrs for _, attrs in outline.elements)
    names = {name for _, attrs in outline.elements for name in attrs.get("class", "").split()}
    assert all(name.startswith("cd-") for name in names)


def test_links_and_actions_lead_where_the_host_says_or_nowhere(html, everything):
    assert 'href="/go/invoice/IN-1?"' in html
    assert 'href="/go/tab/erp-tabs/aging?as_of"' in html
    assert "Nowhere" not in html
    without = render_html(everything)
    assert Outline(without).of("a") == []
    assert "IN-1" in without


def test_provenance_stands_in_small_print_and_stale_figures_are_marked(html):
    assert '<p class="cd-provenance">main · C-1 · read 21 Nov 2026, 14:05 UTC</p>' in html
    assert "cd-provenance--stale" in html
    assert "out of date" in html


def test_an_empty_table_and_an_empty_timeline_say_so(html):
    assert '<p class="cd-empty">Nothing is open.</p>' in html
    assert '<p class="cd-empty">Nothing has happened yet.</p>' in html


def test_an_unknown_figure_is_its_reason_and_no_number():
    assert '<span class="cd-unknown">could not be read</span>' in render_html(
        View([Metrics(metrics=[Metric(label="Balance", value=Unknown("could not be read"))])])
    )


def test_numbers_are_marked_for_tabular_figures(html):
    cells = [td.get("class", "") for td in Outline(html).of("td")]

    assert "cd-end cd-figure" in cells


def test_two_views_on_a_page_share_no_id(everything):
    one, other = render_html(everything, prefix="one"), render_html(everything, prefix="two")

    assert not set(Outline(one).ids) & set(Outline(other).ids)


def test_headings_stand_below_the_hosts_own(everything):
    html = str(render_html(everything, heading=4))

    assert {"h4"} == set(re.findall(r"<(h[1-6])", html))


def test_the_readers_locale_is_used_and_named(everything):
    html = render_html(everything, formats=Formats("de_DE"))

    assert 'lang="de-DE"' in html
    assert "10,00\N{NO-BREAK SPACE}£" in html


def test_one_value_and_one_component_can_be_rendered_alone(everything):
    renderer = HtmlRenderer(href=link)

    assert (
        renderer.value(Badge("late", "bad")) == '<span class="cd-badge cd-badge--bad">late</span>'
    )
    assert "cd-notice--warning" in renderer.component(everything.components[0])
    assert renderer.value(date(2026, 1, 31)) == '<time datetime="2026-01-31">31 Jan 2026</time>'


def test_the_stylesheet_styles_every_class_that_is_used(html):
    css = STYLESHEET.read_text(encoding="utf-8")
    used = {name for _, attrs in Outline(html).elements for name in attrs.get("class", "").split()}
    # The word is enough: these look as their element does without them.
    plain = {"cd-start", "cd-badge--neutral", "cd-action--neutral", "cd-metric--neutral"}

    assert set() == {name for name in used - plain if f".{name}" not in css}
    assert "prefers-color-scheme: dark" in css
    assert "@media print" in css


def _luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_have_the_contrast_that_wcag_aa_asks_for(scheme):
    css = STYLESHEET.read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", css, flags=re.DOTALL)[:2]
    colours = dict(re.findall(r"--cd-([\w-]+): (#[0-9a-f]{6})", light))
    if scheme == "dark":
        colours |= dict(re.findall(r"--cd-([\w-]+): (#[0-9a-f]{6})", dark))

    for text in ("text", "muted", "accent", "good", "warning", "bad"):
        for ground in ("ground", "raised"):
            assert _contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for tone in ("good", "warning", "bad", "accent"):
        assert _contrast(colours[tone], colours[f"{tone}-ground"]) >= 4.5, tone
    assert _contrast(colours["text"], colours["neutral-ground"]) >= 4.5
    for number in range(1, 7):
        assert _contrast(colours[f"tone-{number}"], colours["ground"]) >= 3, number

"""A view as accessible HTML: fragments that a host puts into its own page.

Everything that comes from a plugin is escaped, and cleaned of what may stand in no HTML. Classes
begin with `cd-`; the stylesheet that is made for them is `crossdock.render.STYLESHEET`. No scripts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from crossdock.records import Money
from crossdock.render.addresses import Href, no_links, safe_address
from crossdock.render.cells import is_figure, is_longer_text, kind_of
from crossdock.render.characters import cleaned, legible
from crossdock.render.drawing import draw, tone_of
from crossdock.render.formats import Formats, default_formats
from crossdock.render.tables import Head, Tools, heads, told, tools
from crossdock.views import (
    Action,
    Badge,
    Chart,
    Column,
    Component,
    Drill,
    Fields,
    Link,
    Metrics,
    Notice,
    Provenance,
    Series,
    Table,
    Timeline,
    Unknown,
    Value,
    View,
)

_TEMPLATES: Final = {
    Metrics: "metrics",
    Table: "table",
    Chart: "chart",
    Timeline: "timeline",
    Fields: "fields",
    Notice: "notice",
}


class HtmlRenderer:
    """Renders views for one page.

    Args:
        href: where links and actions lead.
        formats: how values are written.
        heading: the level of the headings in the view, below the page's own.
        prefix: begins every id, so that several views can stand on one page.
        forms: whether the page may have forms: tables are searched by one that leads to the page
            itself.
    """

    def __init__(
        self,
        *,
        href: Href = no_links,
        formats: Formats | None = None,
        heading: int = 3,
        prefix: str = "cd",
        forms: bool = False,
    ) -> None:
        self.formats = formats if formats is not None else default_formats()
        self.href = href
        self.heading = heading
        self.forms = forms
        self._ids = (f"{prefix}-{number}" for number in count(1))

    def view(self, view: View) -> Markup:
        """Render a view from top to bottom."""
        parts = Markup("\n").join(self._parts(cleaned(view).components))
        return Markup('<div class="cd-view" lang="{}">\n{}\n</div>').format(
            self.formats.language, parts
        )

    def component(self, component: Component) -> Markup:
        """Render one component."""
        return self._component(cleaned(View((component,))).components[0])

    def _component(self, component: Component) -> Markup:
        if isinstance(component, Action):
            return self._actions([component])
        if isinstance(component, Table):
            component = told(component, self._address)
        name = _TEMPLATES[type(component)]
        template = _environment().get_template(f"{name}.html")
        more = self._chart(component) if isinstance(component, Chart) else {}
        return Markup(template.render({"r": self, "c": component, **more}))  # noqa: S704 - escaped

    def value(self, value: Value) -> Markup:
        """Render one value."""
        text = legible(self.formats.text(value))
        match value:
            case Badge():
                return Markup('<span class="cd-badge cd-badge--{}">{}</span>').format(
                    value.tone, text
                )
            case Link() | Drill():
                address = self._address(value.target, value.params)
                if address is None:
                    return escape(text)
                return Markup('<a class="cd-link" href="{}">{}</a>').format(address, text)
            case Action():
                return self._button(value) or Markup("")
            case Unknown():
                return Markup('<span class="cd-unknown">{}</span>').format(text)
            case datetime() | date():
                return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), text)
        return escape(text)

    def cells(
        self, columns: Sequence[Column], row: Mapping[str, Value], *, empty_head: str = ""
    ) -> Markup:
        """Render a row's cells; the first is its header.

        Long tables are made of these, so they are put together here and not in a template.
        """
        parts: list[str] = []
        for column in columns:
            value = row.get(column.key)
            side = "cd-end" if column.align == "end" else "cd-start"
            if not parts:
                head = escape(empty_head) if value is None else self.value(value)
                parts.append(f'<th scope="row" class="{side}">{head}</th>')
                continue
            more = kind_of(value)
            parts.append(f'<td class="{side}{more}">{self.value(value)}</td>')
        return Markup("".join(parts))  # noqa: S704 - each value is escaped, the rest is ours

    def heads(self, table: Table) -> tuple[Head, ...]:
        """Give the heads of a table's columns, with where they lead."""
        return heads(table, self._address)

    def tools(self, table: Table) -> Tools | None:
        """Give what stands beside a table, where a host arranged it."""
        return tools(table, self._address)

    def provenance(self, provenance: Provenance | None) -> Markup:
        """Render where figures came from, in small print."""
        if provenance is None:
            return Markup("")
        stale = " cd-provenance--stale" if provenance.stale else ""
        return Markup('<p class="cd-provenance{}">{}</p>').format(
            stale, self.formats.provenance(provenance)
        )

    def title(self, text: str, *, id: str = "") -> Markup:  # noqa: A002 - HTML's own word
        """Render a heading at the right level; nothing for an empty one."""
        if not text.strip():
            return Markup("")
        named = Markup(' id="{}"').format(id) if id else ""
        return Markup('<h{0} class="cd-title"{1}>{2}</h{0}>').format(self.heading, named, text)

    def new_id(self) -> str:
        """Give an id that no other element of this renderer has."""
        return next(self._ids)

    def _address(self, target: str, params: Mapping[str, str]) -> str | None:
        return safe_address(self.href(legible(target), params), plain_http=True)

    def _parts(self, components: Sequence[Component]) -> Iterator[Markup]:
        waiting: list[Action] = []
        for component in components:
            if isinstance(component, Action):
                waiting.append(component)
                continue
            if waiting:
                yield self._actions(waiting)
                waiting = []
            yield self._component(component)
        if waiting:
            yield self._actions(waiting)

    def _actions(self, actions: Sequence[Action]) -> Markup:
        links = [button for action in actions if (button := self._button(action)) is not None]
        return (
            Markup('<p class="cd-actions">{}</p>').format(Markup("\n").join(links))
            if links
            else Markup("")
        )

    def _button(self, action: Action) -> Markup | None:
        address = self._address(action.target, action.params)
        if address is None:  # nothing that could be pressed in vain
            return None
        return Markup('<a class="cd-action cd-action--{}" href="{}">{}</a>').format(
            action.tone, address, legible(action.label)
        )

    def _chart(self, chart: Chart) -> dict[str, Any]:
        return {
            "drawings": [
                ("wide", self.new_id(), draw(chart, self.formats, narrow=False)),
                ("narrow", self.new_id(), draw(chart, self.formats, narrow=True)),
            ],
            "tones": [tone_of(chart, index) for index in range(len(chart.series))],
            "table": chart_table(chart),
        }


def render_html(
    view: View,
    *,
    href: Href = no_links,
    formats: Formats | None = None,
    heading: int = 3,
    prefix: str = "cd",
    forms: bool = False,
) -> Markup:
    """Render a view as an HTML fragment.

    Args:
        view: what to render.
        href: turns `kind/id` and an action's parameters into an address, `None` for none.
        formats: how values are written; British English and UTC where not given.
        heading: the level of the headings in the view.
        prefix: begins every id; another one for each view on a page.
        forms: whether tables may be searched by a form, which leads to the page itself.
    """
    renderer = HtmlRenderer(href=href, formats=formats, heading=heading, prefix=prefix, forms=forms)
    return renderer.view(view)


def chart_table(chart: Chart) -> Table:
    """Give the table behind a chart: a row for each category, a column for each series."""

    def cell(series: Series, index: int) -> Value:
        value = series.values[index] if index < len(series.values) else None
        if value is None or chart.currency is None:
            return value
        return Money(value, chart.currency)

    return Table(
        title=chart.title,
        columns=[
            Column(key="category", label=""),
            *(
                Column(key=str(index), label=series.label, align="end")
                for index, series in enumerate(chart.series)
            ),
        ],
        rows=[
            {"category": category}
            | {str(at): cell(series, index) for at, series in enumerate(chart.series)}
            for index, category in enumerate(chart.categories)
        ],
    )


def is_day_or_nothing(value: object) -> bool:
    """Whether a date field may hold a value: one that is no day is shown in a text field instead.

    A browser shows nothing of what stands in a date field and is no day, so that a reader would not
    see what was typed.
    """
    try:
        return not value or date.fromisoformat(str(value)).isoformat() == str(value)
    except ValueError:
        return False


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["figure"] = is_figure
    environment.tests["longer_text"] = is_longer_text
    return environment

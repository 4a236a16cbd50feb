"""What plugins show on a record: listed, and opened as HTML, JSON, an Adaptive or a short card."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

from markupsafe import Markup

from crossdock.errors import ConfigError
from crossdock.host.screens.tabs import RenderedTab, TabHandle, understands
from crossdock.render import STYLESHEET
from crossdock.render.csv import file_name, table_csv
from crossdock.render.formats import Formats, default_formats
from crossdock.render.languages import speaking
from crossdock.render.tables import CSV
from crossdock.server.api.call import Answer, Call, Handler
from crossdock.server.api.negotiation import best_of
from crossdock.server.api.problems import Problem, Wrong, not_found
from crossdock.server.api.wire import document_of
from crossdock.views import Table

_HTML: Final = "text/html"
_JSON: Final = "application/json"
_CSV: Final = "text/csv"
_CARD: Final = "application/vnd.microsoft.card.adaptive"
SHORT_CARD: Final = "application/vnd.crossdock.card+json"
_FORMS: Final = {
    "html": _HTML,
    "fragment": _HTML,
    "json": _JSON,
    "card": _CARD,
    "short": SHORT_CARD,
    "csv": _CSV,
}
_PAGE: Final = Markup(
    '<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    "<title>{title}</title>\n<style>{style}</style>\n</head>\n"
    "<body>\n<main>\n<h1>{title}</h1>\n{view}\n</main>\n</body>\n</html>\n"
)


Of = Literal["account", "contact"]


def list_tabs_of(kind: Of) -> Handler:
    """Make the operation that names the tabs of a kind of record."""

    def list_tabs(call: Call) -> Answer:
        return Answer(body={"data": [_tab(handle) for handle in _tabs(call, kind)]})

    return list_tabs


def render_tab_of(kind: Of) -> Handler:
    """Make the operation that opens a tab of a kind of record."""
    return lambda call: _render(call, kind)


def _tabs(call: Call, kind: Of) -> tuple[TabHandle, ...]:
    host, record_id = call.api.host, call.path(f"{kind}_id")
    if kind == "contact":
        return host.contact_tabs(record_id, user=call.user)
    return host.account_tabs(record_id, user=call.user)


def _open(call: Call, kind: Of, address: str, params: Mapping[str, Any]) -> RenderedTab:
    host, record_id = call.api.host, call.path(f"{kind}_id")
    if kind == "contact":
        return host.render_contact_tab(address, record_id, user=call.user, params=params)
    return host.render_tab(address, record_id, user=call.user, params=params)


def _render(call: Call, kind: Of) -> Answer:
    form = _form(call)
    address = f"{call.path('plugin_id')}/{call.path('tab_id')}"
    handle = next((each for each in _tabs(call, kind) if each.address == address), None)
    if handle is None:
        raise not_found(f"The user has no tab {address} on this {kind}.")
    params = call.read.query.get("params", {})
    if unknown := [name for name in params if not understands(handle.tab, name)]:
        raise _unreadable_params(
            [Wrong(pointer=f"#/query/params/{name}", message="is no parameter of this tab")
             for name in unknown]
        )  # fmt: skip
    try:
        rendered = _open(call, kind, address, params)
    except ConfigError as unreadable:  # a parameter that somebody typed, not the configuration
        name = str(unreadable).partition(":")[0]
        pointer = f"#/query/params/{name}" if name in params else "#/query/params"
        raise _unreadable_params([Wrong(pointer=pointer, message=str(unreadable))]) from None
    headers = {"vary": "accept, accept-language"}
    if rendered.fault is not None:
        headers["crossdock-fault"] = "1"
    body, media_type = _RENDERERS[form](call, rendered, address)
    if form == "csv":
        name = file_name(handle.tab.title, call.path(f"{kind}_id"))
        headers["content-disposition"] = f'attachment; filename="{name}"'
    if media_type == _HTML:
        headers["content-security-policy"] = _policy(call.api.settings.frame_ancestors)
        if call.api.settings.frame_ancestors:
            headers["x-frame-options"] = ""  # it knows no list; the policy above says it
    return Answer(body=body, media_type=media_type, headers=headers)


def _form(call: Call) -> str:
    asked: str | None = call.read.query.get("as")
    if asked is not None:
        return asked
    best = best_of(call.headers.get("accept", ""), (_JSON, _HTML, _CARD, SHORT_CARD, _CSV))
    if best is None:
        raise Problem(
            406, "not_acceptable", "No such form",
            f"A tab can be had as {_JSON}, {_HTML}, {_CARD}, {SHORT_CARD} or {_CSV}.",
        )  # fmt: skip
    return next(form for form, media in _FORMS.items() if media == best)


def _tab(handle: TabHandle) -> dict[str, Any]:
    return {
        "address": handle.address,
        "plugin_id": handle.plugin_id,
        "plugin_name": handle.plugin_name,
        "tab_id": handle.tab.id,
        "title": handle.tab.title,
        "params": [
            {
                "name": param.name,
                "label": param.label,
                "kind": param.kind,
                "default": param.default,
                "choices": list(param.choices),
                "shown": param.shown,
            }
            for param in handle.tab.params
        ],
        "fault": handle.fault,
    }


def _unreadable_params(wrong: list[Wrong]) -> Problem:
    return Problem(
        422, "parameter", "A parameter of the tab does not fit", wrong[0].message,
        errors=tuple(wrong),
    )  # fmt: skip


def _as_json(_call: Call, rendered: RenderedTab, address: str) -> tuple[Any, str]:
    from crossdock.render.json import view_document

    params = {
        name: value if value is None else str(document_of(value))
        for name, value in rendered.params.items()
    }
    document = {
        "address": address,
        "title": rendered.tab.title,
        "params": params,
        "view": view_document(rendered.view),
        "fault": rendered.fault,
        "seconds": round(rendered.seconds, 6),
    }
    return document, _JSON


def _as_card(call: Call, rendered: RenderedTab, _address: str) -> tuple[Any, str]:
    from crossdock.render.adaptive_card import render_adaptive_card

    card = render_adaptive_card(
        rendered.view, title=rendered.tab.title, href=_href(call), formats=_formats(call)
    )
    return card, _CARD


def _as_csv(call: Call, rendered: RenderedTab, address: str) -> tuple[Any, str]:
    wanted = call.read.query.get("table", "")
    table = rendered.table(wanted)
    if table is None:
        known = [each.id for each in rendered.view.components if isinstance(each, Table)]
        names = ", ".join(filter(None, known)) or "none"
        raise not_found(f"{address} shows no table {wanted!r} now; it shows: {names}.")
    return table_csv(table), _CSV


def _formats(call: Call) -> Formats:
    """Write figures for whoever reads them, as the CRM hands on what the browser asked for."""
    return speaking(call.headers.get("accept-language", ""), default_formats())


def _as_fragment(call: Call, rendered: RenderedTab, _address: str) -> tuple[Any, str]:
    return str(_view(call, rendered)), _HTML


def _as_page(call: Call, rendered: RenderedTab, _address: str) -> tuple[Any, str]:
    page = _PAGE.format(
        language=_formats(call).language,
        title=rendered.tab.title,
        style=Markup(_style()),  # noqa: S704 - our own stylesheet
        view=_view(call, rendered),
    )
    return str(page), _HTML


def _as_short_card(call: Call, rendered: RenderedTab, _address: str) -> tuple[Any, str]:
    from crossdock.render.card import card_document

    base = call.api.settings.link_base
    ((kind, record_id),) = (
        (name.removesuffix("_id"), value)
        for name, value in call.read.path.items()
        if name in ("account_id", "contact_id")
    )
    url = f"{base}{kind}/{quote(record_id)}" if base else None
    document = card_document(
        rendered.view, title=rendered.tab.title, url=url, formats=_formats(call)
    )
    return document, SHORT_CARD


_RENDERERS: Final[Mapping[str, Callable[[Call, RenderedTab, str], tuple[Any, str]]]] = {
    "html": _as_page,
    "fragment": _as_fragment,
    "json": _as_json,
    "card": _as_card,
    "short": _as_short_card,
    "csv": _as_csv,
}


def _view(call: Call, rendered: RenderedTab) -> Markup:
    from crossdock.render.html import render_html

    return render_html(rendered.view, href=_href(call), heading=2, formats=_formats(call))


def _href(call: Call) -> Callable[[str, Mapping[str, str]], str | None]:
    """Give what turns a link's target into the CRM's own address, where one is configured."""
    base = call.api.settings.link_base

    def href(target: str, params: Mapping[str, str]) -> str | None:
        if not base or target.startswith(f"{CSV}/"):  # a file is had from here, not from the CRM
            return None
        return f"{base}{quote(target)}" + (f"?{urlencode(params)}" if params else "")

    return href


@cache
def _style() -> str:
    text = STYLESHEET.read_text(encoding="utf-8")
    if "</" in text:
        raise ValueError("the stylesheet would end its own element")
    return text


@cache
def _policy(frame_ancestors: tuple[str, ...]) -> str:
    """Give the content security policy of our HTML: our own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{digest}'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors " + (" ".join(frame_ancestors) or "'none'"),
        )
    )

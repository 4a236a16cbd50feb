"""The inspector's pages, rendered on the server; they work without scripts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias, get_args
from urllib.parse import unquote_plus, urlencode

import attrs

from crossdock_mocks.engine.admin import INSPECT, PREFIX
from crossdock_mocks.engine.faults import KINDS
from crossdock_mocks.engine.inspector.forms import Wrong, add_fault, remove_faults, set_clock
from crossdock_mocks.engine.inspector.screen import render
from crossdock_mocks.engine.journal import Entry, Verdict
from crossdock_mocks.engine.messages import Request, Response
from crossdock_mocks.engine.parameters import split_query
from crossdock_mocks.engine.paths import Paths
from crossdock_mocks.engine.problem import Problem
from crossdock_mocks.engine.world import World

if TYPE_CHECKING:
    from crossdock_mocks.engine.app import App

_ROWS: Final = 50
_COLUMNS: Final = 6
_LATEST: Final = 8
_ENTRIES: Final = 100
_OFFERED: Final = [each for each in KINDS if not each.startswith(("schema_", "webhook_"))]
"""Kinds that the form has fields for; a plan may hold the others, too."""
_VERDICTS: Final = get_args(Verdict)


@attrs.define
class Visit:
    """One request of somebody who looks.

    Attributes:
        path: Parameters of the path.
        query: First value of each parameter that is not empty.
        form: First value of each field that was sent, trimmed.
    """

    app: App
    world: World
    path: dict[str, str]
    query: dict[str, str]
    form: dict[str, str]

    def link(self, page: str = "", **parameters: str) -> str:
        """The address of a page of the same world."""
        named = {"world": self.query["world"]} if "world" in self.query else {}
        query = urlencode({**named, **{key: value for key, value in parameters.items() if value}})
        return (INSPECT + page if page else PREFIX) + (f"?{query}" if query else "")


_Page: TypeAlias = Callable[[Visit], Response]


def inspect(app: App, world: World, request: Request) -> Response:
    """Answer a request for a page of the inspector.

    A form that another site has sent is refused, as the mock listens on this machine where any
    page in the same browser could reach it.
    """
    found = _PAGES.find(request.path, request.method)
    if isinstance(found, frozenset):
        return _problem(app, world, 405 if found else 404, "There is no such page here.")
    page, path = found
    query = _fields(request.query)
    if "world" in query:
        if query["world"] not in world.worlds.names:
            return _problem(app, world, 404, f"There is no world called {query['world']}.")
        world = world.worlds.get(query["world"])
    form: dict[str, str] = {}
    if request.method == "POST":
        origin = request.headers.get("origin", "null").partition("://")[2]
        site = request.headers.get("sec-fetch-site", "same-origin")
        if origin != request.headers.get("host") or site not in ("same-origin", "none"):
            return _problem(app, world, 403, "This form was sent by another site.")
        form = _fields(request.body.decode("utf-8", "replace"))
    with world.lock:
        return page(Visit(app, world, path, query, form))


def _fields(text: str) -> dict[str, str]:
    found = {name: unquote_plus(values[0]).strip() for name, values in split_query(text).items()}
    return {name: value for name, value in found.items() if value}


def _show(visit: Visit, template: str, status: int = 200, **values: Any) -> Response:
    return render(
        template,
        status,
        app=visit.app,
        world=visit.world,
        link=visit.link,
        here=template.removesuffix(".html"),
        **values,
    )


def _problem(app: App, world: World, status: int, text: str) -> Response:
    return _show(Visit(app, world, {}, {}, {}), "problem.html", status, text=text)


def _go(address: str) -> Response:
    return Response(303, {"location": address})


def _tables(world: World) -> list[tuple[str, int]]:
    return [(name, len(world.table(name))) for name in world.tables]


def _overview(visit: Visit) -> Response:
    latest = list(visit.world.journal)[-_LATEST:][::-1]
    tables = _tables(visit.world)
    return _show(
        visit,
        "overview.html",
        tables=[each for each in tables if each[1]],
        empty=[name for name, count in tables if not count],
        latest=latest,
        faults=visit.world.faults.tally(),
    )


def _table(visit: Visit) -> Response:
    name = visit.path["table"]
    if name not in visit.world.tables:
        return _problem(visit.app, visit.world, 404, f"There is no table called {name}.")
    table = visit.world.table(name)
    search = visit.query.get("key", "")
    if search:
        row = table.get(search)
        rows, following = ([] if row is None else [row]), None
    else:
        try:
            page = table.page(limit=_ROWS, after=visit.query.get("after"))
        except Problem:
            return _problem(visit.app, visit.world, 404, "There is no such page of rows.")
        rows, following = list(page.rows), page.next
    columns = _columns(rows)
    return _show(
        visit,
        "table.html",
        table=name,
        count=len(table),
        rows=[
            (table.key_of(row), _cells(row, columns, table.key_of(row)), _pretty(row))
            for row in rows
        ],
        following=following,
        search=search,
    )


def _columns(rows: list[dict[str, Any]]) -> list[str]:
    """The first members that hold something plain; a row shows the rest when it is opened."""
    plain = {
        name: None
        for row in rows
        for name, value in row.items()
        if value is not None and not isinstance(value, dict | list)
    }
    return list(plain)[:_COLUMNS]


def _cells(row: Mapping[str, Any], columns: list[str], key: str) -> list[tuple[str, str]]:
    """Names and values of those columns that say something."""
    texts = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name in columns
        if (value := row.get(name)) not in (None, "")
    }
    return [(name, text) for name, text in texts.items() if text != key]


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _journal(visit: Visit) -> Response:
    query = visit.query
    status = query.get("status", "")
    found = visit.world.journal.find(
        operation=query.get("operation"),
        path=query.get("path"),
        status=int(status) if status.isdecimal() else None,
        verdict=query.get("verdict"),
        committed=True if query.get("committed") else None,
    )
    return _show(
        visit,
        "journal.html",
        entries=found[-_ENTRIES:][::-1],
        total=len(found),
        kept=len(visit.world.journal),
        query=query,
        verdicts=_VERDICTS,
        operations=sorted(visit.app.operations),
    )


def _entry(visit: Visit) -> Response:
    number = visit.path["number"]
    entries = {each.number: each for each in visit.world.journal}
    entry = entries.get(int(number)) if number.isdecimal() else None
    if entry is None:
        return _problem(visit.app, visit.world, 404, "The journal has no such exchange (any more).")
    return _show(
        visit,
        "entry.html",
        entry=entry,
        asked=_body(entry.request_body),
        answered=_body(entry.response_body),
        headers=_headers(entry),
        before=_number_of(entries, entry.number - 1),
        after=_number_of(entries, entry.number + 1),
    )


def _number_of(entries: Mapping[int, Entry], number: int) -> int | None:
    return number if number in entries else None


def _body(text: str) -> str:
    try:
        return _pretty(json.loads(text))
    except ValueError:
        return text


def _headers(entry: Entry) -> dict[str, list[tuple[str, str]]]:
    answered = entry.as_dict()["response_headers"]
    return {"asked": sorted(entry.request_headers.items()), "answered": sorted(answered.items())}


def _faults(visit: Visit, wrong: Wrong | None = None) -> Response:
    return _show(
        visit,
        "faults.html",
        422 if wrong else 200,
        faults=visit.world.faults.tally(),
        story=visit.world.faults.story[-20:][::-1],
        kinds=_OFFERED,
        operations=sorted(visit.app.operations),
        form=visit.form,
        wrong=wrong,
    )


def _add_fault(visit: Visit) -> Response:
    try:
        add_fault(visit.app, visit.world, visit.form)
    except Wrong as wrong:
        return _faults(visit, wrong)
    return _go(visit.link("faults"))


def _remove_faults(visit: Visit) -> Response:
    remove_faults(visit.world, visit.form.get("position"))
    return _go(visit.link("faults"))


def _clock(visit: Visit, wrong: Wrong | None = None) -> Response:
    return _show(visit, "clock.html", 422 if wrong else 200, form=visit.form, wrong=wrong)


def _set_clock(visit: Visit) -> Response:
    try:
        set_clock(visit.world.clock, visit.form)
    except Wrong as wrong:
        return _clock(visit, wrong)
    return _go(visit.link("clock"))


def _forget(visit: Visit) -> Response:
    visit.world.journal.clear()
    return _go(visit.link("journal"))


def _reset(visit: Visit) -> Response:
    visit.world.reset()
    return _go(visit.link())


_PAGES: Paths[_Page] = Paths()
for _method, _path, _page in (
    ("GET", PREFIX, _overview),
    ("POST", INSPECT + "reset", _reset),
    ("GET", INSPECT + "state/{table}", _table),
    ("GET", INSPECT + "journal", _journal),
    ("POST", INSPECT + "journal/forget", _forget),
    ("GET", INSPECT + "journal/{number}", _entry),
    ("GET", INSPECT + "faults", _faults),
    ("POST", INSPECT + "faults", _add_fault),
    ("POST", INSPECT + "faults/remove", _remove_faults),
    ("GET", INSPECT + "clock", _clock),
    ("POST", INSPECT + "clock", _set_clock),
):
    _PAGES.add(_path, _method, _page)

"""What may be asked and told about a mock itself, under `/_mock/`.

`specs/mock-admin.openapi.yaml` says it in full; people look at `/_mock/` itself (`inspector`).

GET     openapi.yaml               the document of all this
GET     health                     which mock and world this is
GET     state                      tables with their row counts
GET     state/{table}              rows (`limit`, `after`)
GET     state/{table}/{key}        one row
POST    reset                      back to the sealed state
GET     snapshots                  names
POST    snapshots                  {"name"}: keep the state
POST    snapshots/{name}/restore   go back to it
GET     worlds                     all worlds of this mock; any request chooses one by X-Mock-World
POST    worlds                     {"name", "of", "token", "credential"}: fork one (see `Worlds`)
DELETE  worlds/{name}              let go of a fork
GET     webhooks                   subscriptions, without their secrets
POST    webhooks                   {"url", "events", "secret", "scheme"}: subscribe
DELETE  webhooks/{id}              end a subscription
GET     webhooks/deliveries        messages, and what became of them
POST    webhooks/deliveries/{number}/replay   send it again
GET     faults                     rules, with calls seen and strikes
POST    faults                     a rule, a list of rules, or a plan (`fault-plan.schema.json`)
GET     faults/story               what struck which call: text, or JSON if that is accepted
DELETE  faults                     remove all rules
GET     clock                      {"now", "ticking"}
PUT     clock                      {"now"} and/or {"advance_seconds"} and/or {"ticking"}
GET     journal                    `operation`, `path`, `method`, `status`, `verdict`,
`committed`, `since`, `fault`, `header` (name:value), `pointer` with `value` (of the body), `limit`
GET     journal.har                the journal as HAR 1.2
DELETE  journal                    forget the entries
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote_plus

import attrs
import orjson

from crossdock.specifications import specification
from crossdock_mocks.engine.dialect import problem_details
from crossdock_mocks.engine.faults import FaultPlan, PlanError, tell_story
from crossdock_mocks.engine.messages import RawJson, Reply, Request, Response
from crossdock_mocks.engine.operations import write
from crossdock_mocks.engine.parameters import split_query
from crossdock_mocks.engine.paths import Paths
from crossdock_mocks.engine.problem import Problem, Violation
from crossdock_mocks.engine.tables import Table
from crossdock_mocks.engine.world import World

if TYPE_CHECKING:
    from crossdock_mocks.engine.app import App

PREFIX = "/_mock/"
INSPECT = "/_mock/inspect/"
_JSON = "application/json"
_SHOWN = 100


@attrs.define
class _Ask:
    app: App
    world: World
    path: dict[str, str]
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any


_Handler: TypeAlias = Callable[[_Ask], Reply]


def administer(app: App, world: World, request: Request) -> Response:
    """Answer a request under `/_mock/`. It is not entered in the journal, and no fault strikes."""
    if request.path == PREFIX or request.path.startswith(INSPECT):
        # Templates cost more to import than the rest of the engine, and few runs are looked at.
        from crossdock_mocks.engine.inspector import inspect

        return inspect(app, world, request)
    try:
        found = _PATHS.find(request.path, request.method)
        if isinstance(found, frozenset):
            if not found:
                raise _refuse(404, "unknown_path", f"There is no {request.path}.")
            raise Problem(
                405, "method_not_allowed", detail=f"{request.path} knows {', '.join(found)}.",
                headers={"allow": ", ".join(sorted(found))},
            )  # fmt: skip
        handler, path = found
        query = {name: unquote_plus(texts[0]) for name, texts in split_query(request.query).items()}
        try:
            body = orjson.loads(request.body) if request.body else {}
        except ValueError as error:
            raise _refuse(400, "malformed_json", str(error)) from error
        with world.lock:
            return write(handler(_Ask(app, world, path, query, request.headers, body)), _JSON)
    except Problem as problem:
        return refuse(problem)


def refuse(problem: Problem) -> Response:
    """A refusal in the engine's own words, where no dialect stands behind it."""
    return write(problem_details(problem), _JSON)


def _refuse(status: int, code: str, detail: str, *errors: Violation) -> Problem:
    return Problem(status, code, detail=detail, errors=errors)


def _health(ask: _Ask) -> Reply:
    return Reply(
        body={
            "status": "ok",
            "mock": ask.app.dialect.name,
            "title": ask.app.title,
            "operations": len(ask.app.operations),
            "world": ask.world.name,
            "now": ask.world.now,
            "journal": len(ask.world.journal),
        }
    )


def _document(ask: _Ask) -> Reply:  # noqa: ARG001 - the same for all
    text = specification("mock-admin.openapi.yaml").read_bytes()
    return Reply(200, text, {"content-type": "application/yaml"})


def _state(ask: _Ask) -> Reply:
    return Reply(body={"tables": {name: len(ask.world.table(name)) for name in ask.world.tables}})


def _table(ask: _Ask) -> Table:
    name = ask.path["table"]
    if name not in ask.world.tables:
        raise _refuse(404, "unknown_table", f"There are {', '.join(ask.world.tables)}.")
    return ask.world.table(name)


def _rows(ask: _Ask) -> Reply:
    page = _table(ask).page_raw(limit=_limit(ask), after=ask.query.get("after"))
    return Reply(body=RawJson.object(rows=RawJson.array(page.rows), next=page.next))


def _limit(ask: _Ask) -> int:
    text = ask.query.get("limit", str(_SHOWN))
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise _refuse(400, "invalid_limit", f"limit is a number from 1 to 10000, not {text!r}.")
    return int(text)


def _row(ask: _Ask) -> Reply:
    text = _table(ask).raw(ask.path["key"])
    if text is None:
        raise _refuse(404, "not_found", f"There is no {ask.path['table']} {ask.path['key']}.")
    return Reply(body=RawJson(text))


def _reset(ask: _Ask) -> Reply:
    ask.world.reset()
    return Reply(204)


def _snapshots(ask: _Ask) -> Reply:
    return Reply(body={"snapshots": ask.world.snapshots})


def _snapshot(ask: _Ask) -> Reply:
    name = ask.body.get("name") if isinstance(ask.body, dict) else None
    if not isinstance(name, str) or not name:
        raise _refuse(422, "invalid_body", 'Send {"name": "..."}.')
    ask.world.snapshot(name)
    return Reply(201, {"name": name})


def _restore(ask: _Ask) -> Reply:
    name = ask.path["name"]
    if name not in ask.world.snapshots:
        raise _refuse(404, "unknown_snapshot", f"There are {', '.join(ask.world.snapshots)}.")
    ask.world.restore(name)
    return Reply(204)


def _worlds(ask: _Ask) -> Reply:
    return Reply(
        body={
            "worlds": [
                {"name": each.name, "now": each.now, "journal": len(each.journal)}
                for each in ask.world.worlds
            ]
        }
    )


def _create_world(ask: _Ask) -> Reply:
    given = ask.body
    known = ("name", "of", "token", "credential")
    if (
        not isinstance(given, dict)
        or not given.get("name")
        or set(given) - set(known)
        or not all(isinstance(each, str) for each in given.values())
        or ("credential" in given and "token" not in given)
    ):
        raise _refuse(422, "invalid_body", f"Send an object of texts: {', '.join(known)}.")
    try:
        made = ask.world.worlds.create(**given)
    except KeyError:
        raise _refuse(404, "unknown_world", f"There is no world {given['of']}.") from None
    except ValueError as error:
        raise _refuse(409, "taken", f"{error}.") from error
    return Reply(201, {"name": made.name, "now": made.now})


def _remove_world(ask: _Ask) -> Reply:
    try:
        ask.world.worlds.remove(ask.path["name"])
    except KeyError:
        raise _refuse(404, "unknown_world", f"No fork is called {ask.path['name']}.") from None
    return Reply(204)


def _webhooks(ask: _Ask) -> Reply:
    listed = ask.world.webhooks.subscriptions if ask.world.subscribed else ()
    return Reply(
        body={
            "subscriptions": [
                {"id": each.id, "url": each.url, "events": each.events, "scheme": each.scheme}
                for each in listed
            ]
        }
    )


def _subscribe(ask: _Ask) -> Reply:
    given = dict(ask.body) if isinstance(ask.body, dict) else {}
    events = given.pop("events", ["*"])
    if (
        "url" not in given
        or set(given) - {"url", "secret", "scheme"}
        or not isinstance(events, list)
        or not all(isinstance(each, str) for each in (*given.values(), *events))
    ):
        raise _refuse(422, "invalid_body", 'Send {"url", "events": [...], "secret", "scheme"}.')
    try:
        made = ask.world.webhooks.subscribe(events=events, **given)
    except ValueError as error:
        raise _refuse(422, "invalid_subscription", f"{error}.") from error
    return Reply(201, attrs.asdict(made))


def _unsubscribe(ask: _Ask) -> Reply:
    try:
        ask.world.webhooks.unsubscribe(ask.path["id"])
    except KeyError:
        raise _refuse(404, "not_found", f"There is no webhook {ask.path['id']}.") from None
    return Reply(204)


def _deliveries(ask: _Ask) -> Reply:
    return Reply(body={"deliveries": [each.as_dict() for each in ask.world.webhooks.deliveries]})


def _replay(ask: _Ask) -> Reply:
    number = ask.path["number"]
    try:
        again = ask.world.webhooks.replay(int(number) if number.isdecimal() else 0)
    except KeyError:
        raise _refuse(404, "not_found", f"There is no delivery {number}.") from None
    return Reply(202, again.as_dict())


def _faults(ask: _Ask) -> Reply:
    return Reply(
        body={
            "faults": [
                {**rule.told(), "calls": calls, "strikes": strikes}
                for rule, calls, strikes in ask.world.faults.tally()
            ]
        }
    )


def _add_faults(ask: _Ask) -> Reply:
    given = ask.body
    if isinstance(given, dict) and "faults" not in given:
        given = [given]
    try:
        plan = FaultPlan.of(given)
    except (PlanError, TypeError) as error:
        raise _refuse(422, "invalid_fault", str(error)) from error
    try:
        plan.check(ask.app.operations)
    except PlanError as error:
        raise _refuse(422, "unknown_operation", str(error)) from error
    plan.arm(ask.world)
    return Reply(201, _faults(ask).body)


def _story(ask: _Ask) -> Reply:
    strikes = ask.world.faults.story
    if "json" in ask.headers.get("accept", ""):
        return Reply(body={"strikes": [each.as_dict() for each in strikes]})
    text = f"{tell_story(strikes)}\n".encode()
    return Reply(200, text, {"content-type": "text/plain; charset=utf-8"})


def _clear_faults(ask: _Ask) -> Reply:
    ask.world.faults.clear()
    return Reply(204)


def _clock(ask: _Ask) -> Reply:
    return Reply(body={"now": ask.world.now, "ticking": ask.world.clock.ticking})


def _set_clock(ask: _Ask) -> Reply:
    known = {"now", "advance_seconds", "ticking"}
    if not isinstance(ask.body, dict) or not ask.body or set(ask.body) - known:
        raise _refuse(422, "invalid_body", f"Send an object with {', '.join(sorted(known))}.")
    clock = ask.world.clock
    try:
        at = datetime.fromisoformat(ask.body["now"]) if "now" in ask.body else clock.now
        if at.tzinfo is None:
            raise ValueError(f"{ask.body['now']} has no offset from UTC")
        at += timedelta(seconds=ask.body.get("advance_seconds", 0))
    except (TypeError, ValueError, OverflowError) as error:
        raise _refuse(422, "invalid_instant", str(error)) from error
    ticking = ask.body.get("ticking", clock.ticking)
    if not isinstance(ticking, bool):
        raise _refuse(422, "invalid_body", "ticking is true or false.")
    clock.set(at)
    if ticking != clock.ticking:
        (clock.tick if ticking else clock.freeze)()
    return _clock(ask)


def _journal(ask: _Ask) -> Reply:
    query = dict(ask.query)
    limit = _limit(ask)
    query.pop("limit", None)
    known = {
        "operation", "path", "method", "status", "verdict", "committed", "since", "fault",
        "header", "pointer", "value",
    }  # fmt: skip
    if set(query) - known:
        raise _refuse(400, "unknown_parameter", f"There are {', '.join(sorted(known))}, limit.")
    for name in ("status", "since"):
        if name in query and not query[name].isdecimal():
            raise _refuse(400, "invalid_parameter", f"{name} is a number, not {query[name]!r}.")
    if query.get("committed", "true") not in ("true", "false"):
        raise _refuse(400, "invalid_parameter", "committed is true or false.")
    if ("pointer" in query) != ("value" in query):
        raise _refuse(400, "invalid_parameter", "pointer and value go together.")
    name, _, text = query.get("header", "").partition(":")
    found = ask.world.journal.find(
        operation=query.get("operation"),
        path=query.get("path"),
        method=query.get("method"),
        status=int(query["status"]) if "status" in query else None,
        verdict=query.get("verdict"),
        committed=query["committed"] == "true" if "committed" in query else None,
        since=int(query.get("since", "0")),
        fault=query.get("fault"),
        headers={name.strip(): text.strip()} if name else None,
        body={query["pointer"]: _value(query["value"])} if "pointer" in query else None,
    )
    return Reply(body={"entries": [each.as_dict() for each in found[-limit:]], "total": len(found)})


def _value(text: str) -> Any:
    """A value as JSON, or the text itself."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _har(ask: _Ask) -> Reply:
    from crossdock_mocks.engine.har import archive

    return Reply(body=archive([ask.world]))


def _clear_journal(ask: _Ask) -> Reply:
    ask.world.journal.clear()
    return Reply(204)


_ROUTES: tuple[tuple[str, str, _Handler], ...] = (
    ("GET", "openapi.yaml", _document),
    ("GET", "health", _health),
    ("GET", "state", _state),
    ("GET", "state/{table}", _rows),
    ("GET", "state/{table}/{key}", _row),
    ("POST", "reset", _reset),
    ("GET", "snapshots", _snapshots),
    ("POST", "snapshots", _snapshot),
    ("POST", "snapshots/{name}/restore", _restore),
    ("GET", "worlds", _worlds),
    ("POST", "worlds", _create_world),
    ("DELETE", "worlds/{name}", _remove_world),
    ("GET", "webhooks", _webhooks),
    ("POST", "webhooks", _subscribe),
    ("DELETE", "webhooks/{id}", _unsubscribe),
    ("GET", "webhooks/deliveries", _deliveries),
    ("POST", "webhooks/deliveries/{number}/replay", _replay),
    ("GET", "faults", _faults),
    ("POST", "faults", _add_faults),
    ("DELETE", "faults", _clear_faults),
    ("GET", "faults/story", _story),
    ("GET", "clock", _clock),
    ("PUT", "clock", _set_clock),
    ("GET", "journal", _journal),
    ("GET", "journal.har", _har),
    ("DELETE", "journal", _clear_journal),
)
_PATHS: Paths[_Handler] = Paths()
for _method, _path, _handler in _ROUTES:
    _PATHS.add(PREFIX + _path, _method, _handler)


def routes() -> list[tuple[str, str]]:
    """Method and path below `/_mock/` of everything that may be asked."""
    return [(method, path) for method, path, _ in _ROUTES]

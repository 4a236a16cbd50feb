"""What the inferred operations do to the records of a world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from crossdock_mocks.engine import Call, DuplicateKey, Problem, Reply, Violation, World
from crossdock_mocks.inference import writes
from crossdock_mocks.inference.filters import at, chosen
from crossdock_mocks.inference.forms import list_form, wrapper
from crossdock_mocks.inference.generation import Making, rng
from crossdock_mocks.inference.keys import new_key
from crossdock_mocks.inference.lists import Shown, Use, around, asked, next_address, uses
from crossdock_mocks.inference.model import Model
from crossdock_mocks.inference.naming import plain, stem
from crossdock_mocks.inference.resources import LATEST, Binding, Resource
from crossdock_mocks.inference.schemas import kind
from crossdock_mocks.inference.store import Row, Shelf


@final
class Conduct:
    """The behaviour of one operation.

    Args:
        model: What was inferred of the document.
        binding: What the operation does.
    """

    def __init__(self, model: Model, binding: Binding) -> None:
        self._model = model
        self._schemas = model.schemas
        self._binding = binding
        self._op = binding.op
        self._resource = binding.resource
        self._uses: dict[str, Use] | None = None

    def __call__(self, call: Call) -> Reply:
        """Carry the operation out."""
        scope, key, links = self._place(call)
        self._parents(call)
        shelf = Shelf(call.world, self._resource)
        role = self._binding.role
        if role == "list":
            return self._list(call, shelf, scope, links)
        if role == "create":
            return self._create(call, shelf, scope, links)
        if role == "clear":
            self._clear(call.world, shelf, scope, links)
            return self._listed(call, [])
        if role == "fill":
            self._clear(call.world, shelf, scope, links)
            return self._create(call, shelf, scope, links)
        if role == "count":
            return self._count(call, shelf, scope, links)
        if role == "latest":
            key = self._latest(shelf, scope)
        elif self._binding.property:
            key = self._found(shelf, scope, key)
        elif self._resource.singleton:
            key = "-"
        elif key is None:
            key = at(self._sent(call), self._resource.key)
        row = shelf.get(scope, key)
        if row is None and role == "replace" and self._upserts():
            return self._upsert(call, shelf, scope, key, links)
        if row is None:
            raise self._missing(key)
        self._condition(call, row)
        if role == "read":
            return self._answer(call, row)
        if role == "delete":
            self._remove(call.world, shelf, row)
            return self._answer(call, row, gone=True)
        if role == "action":
            return self._act(call, shelf, row)
        return self._change(call, shelf, row, whole=role == "replace")

    def _clear(
        self, world: World, shelf: Shelf, scope: Mapping[str, Any], links: Mapping[str, Any]
    ) -> None:
        for row in self._linked(shelf, scope, links):
            self._remove(world, shelf, row)

    # Where

    def _latest(self, shelf: Shelf, scope: Mapping[str, Any]) -> Any:
        rows = shelf.under(scope, {})
        if not rows:
            return None
        # Who asks is always the same one; what is the latest changes.
        newest = self._op.place.last.lower() in LATEST
        return rows[-1 if newest else 0]["own"]

    def _found(self, shelf: Shelf, scope: Mapping[str, Any], value: Any) -> Any:
        """The key of the record of which another member has this value."""
        member = self._binding.property
        rows = shelf.under(scope, {})
        return next((r["own"] for r in rows if str(at(r["body"], member)) == str(value)), None)

    def _place(self, call: Call) -> tuple[dict[str, Any], Any, dict[str, Any]]:
        scope: dict[str, Any] = {}
        links: dict[str, Any] = {}
        key = None
        for name, value in call.path.items():
            where, inner = self._binding.params.get(name, ("link", name))
            if where == "key":
                key = value
            elif where == "scope":
                scope[inner] = value
            else:
                links[inner] = value
        return scope, key, links

    def _parents(self, call: Call) -> None:
        """What a path lies under has to be there."""
        for parent, params in self._model.parents(self._op):
            if parent is self._resource or parent.singleton:
                continue
            values = [call.path[name] for name in params if name in call.path]
            if len(values) != len(parent.scope) + 1:
                continue
            scope = dict(zip(parent.scope, values[:-1], strict=True))
            if Shelf(call.world, parent).get(scope, values[-1]) is None:
                raise Problem(
                    404, "not_found", "There is no such record",
                    f"There is no {parent.noun} {values[-1]}.",
                )  # fmt: skip

    def _missing(self, key: Any) -> Problem:
        said = "" if self._resource.singleton else f" {key}"
        return Problem(
            404, "not_found", "There is no such record", f"There is no {self._resource.noun}{said}."
        )

    def _condition(self, call: Call, row: Row) -> None:
        wanted = call.request.headers.get("if-match")
        if wanted not in (None, "*") and _etag(row) not in wanted.replace("W/", "").split(", "):
            raise Problem(
                412, "precondition_failed", "The record was changed meanwhile",
                f"Its ETag is {_etag(row)}; read it again.",
            )  # fmt: skip

    # Reading

    def _list(
        self, call: Call, shelf: Shelf, scope: Mapping[str, Any], links: Mapping[str, Any]
    ) -> Reply:
        if self._uses is None:
            self._uses = uses(self._op, self._schemas, self._resource.schema)
        query = asked(call.query, self._uses, call.request)
        rows = self._linked(shelf, scope, links)
        rows = chosen(rows, query, lambda row: row["body"])
        total = len(rows)
        start = query.offset
        if query.cursor is not None:
            position = next(
                (n for n, row in enumerate(rows) if str(row["own"]) == query.cursor), None
            )
            if position is None:
                raise Problem(
                    400, "invalid_cursor", "The cursor is not valid",
                    f"There is no {self._resource.noun} {query.cursor} in this list.",
                )  # fmt: skip
            start = max(position - query.limit, 0) if query.back else position + 1
            if query.back:
                query.limit = min(query.limit, position)
        page = rows[start : start + query.limit]
        more = start + len(page) < total and bool(page)
        cursor = str(page[-1]["own"]) if more else None
        following = next_address(call.request, self._uses, query, cursor) if cursor else ""
        form = list_form(self._schemas, self._op.answer, self._op.place.words)
        making = self._making(call.world, "list", len(page))
        items = form.items if form is not None else {}
        shown = Shown(
            [self._model.projection.project(r["body"], items, self._resource.noun, making, 1)
             for r in page],
            total, query, cursor, following or None, call.request.path,
        )  # fmt: skip
        headers = {"link": f'<{following}>; rel="next"'} if following else {}
        return self._reply(self._enveloped(shown, form.path if form else (), making), headers)

    def _count(
        self, call: Call, shelf: Shelf, scope: Mapping[str, Any], links: Mapping[str, Any]
    ) -> Reply:
        """How many records there are, of those that the query asks for."""
        if self._uses is None:
            self._uses = uses(self._op, self._schemas, self._resource.schema)
        query = asked(call.query, self._uses, call.request)
        rows = chosen(self._linked(shelf, scope, links), query, lambda row: row["body"])
        shown = Shown([], len(rows), query, None, None, call.request.path)
        return self._reply(around(self._schemas, self._op.answer, shown, ()))

    def _enveloped(self, shown: Shown, path: tuple[str, ...], making: Making) -> Any:
        """The rows in their envelope; what it has to have besides is made."""
        if not path:
            return shown.rows
        body = around(self._schemas, self._op.answer, shown, path)
        flat = self._schemas.flat(self._op.answer)
        for name in flat["properties"]:
            inner = self._schemas.flat(flat["properties"][name])
            if name not in body and (name in flat["required"] or "const" in inner):
                body[name] = self._model.generator.value(flat["properties"][name], name, making, 2)
        return body

    def _linked(
        self, shelf: Shelf, scope: Mapping[str, Any], links: Mapping[str, Any]
    ) -> list[Row]:
        rows = shelf.under(scope, {})
        for name, value in links.items():
            rows = [row for row in rows if self._belongs(row, name, value)]
        return rows

    def _belongs(self, row: Row, name: str, value: Any) -> bool:
        """Whether a record is linked to what a path's parameter names."""
        if name in row["links"]:
            return str(row["links"][name]) == str(value)
        noun = stem(name)[0]
        for member, each in row["body"].items():
            if plain(member) in (plain(name), noun, f"{noun}_id"):
                if isinstance(each, Mapping):
                    return str(value) in [str(e) for e in each.values() if not isinstance(e, dict)]
                return str(each) == str(value)
        return False

    # Writing

    def _sent(self, call: Call) -> Any:
        """The record that was sent, out of its wrapper; for want of a body, of the query."""
        body = call.body
        if body is None and self._op.request is None and call.query:
            return dict(call.query)
        member = self._binding.member
        if member is not None and isinstance(body, Mapping) and member in body:
            body = body[member]
        return {} if body is None else body

    def _create(
        self, call: Call, shelf: Shelf, scope: dict[str, Any], links: Mapping[str, Any]
    ) -> Reply:
        sent = self._sent(call)
        rows = [self._new(call, shelf, scope, links, each) for each in self._several(sent)]
        if len(rows) == 1 and not self._answers_list():
            return self._answer(call, rows[0])
        return self._listed(call, rows)

    def _several(self, sent: Any) -> list[Mapping[str, Any]]:
        """One record, or the list of them that was sent (whole, or by their keys)."""
        if isinstance(sent, Mapping) and self._answers_list():
            arrays = [each for each in sent.values() if isinstance(each, list)]
            sent = arrays[0] if len(sent) == 1 and arrays else sent
        if not isinstance(sent, list):
            return [sent]
        key = self._resource.key or "id"
        return [each if isinstance(each, Mapping) else {key: each} for each in sent]

    def _answers_list(self) -> bool:
        answer = self._op.answer
        if answer is None:
            return False
        return list_form(self._schemas, answer, self._op.place.words) is not None

    def _new(
        self,
        call: Call,
        shelf: Shelf,
        scope: Mapping[str, Any],
        links: Mapping[str, Any],
        sent: Mapping[str, Any],
        key: Any = None,
    ) -> Row:
        resource, schemas = self._resource, self._schemas
        sent = writes.writable(schemas, resource.schema, sent)
        sent = writes.renamed(schemas, resource.schema, sent)
        self._references(call.world, sent)
        whole = self._model.whole_scope(call.world, resource, scope, sent)
        count = int(call.world.sequence(f"{resource.name}#"))
        given = key
        if given is None and resource.key:
            given = sent.get(resource.key)
        key = given if isinstance(given, (str, int)) and given != "" else None
        if key is None:
            key = self._free_key(call.world, shelf, whole)
        body = self._model.new_body(
            resource, sent, key, whole, links, self._making(call.world, key, count)
        )
        try:
            return shelf.add(whole, key, body, links)
        except DuplicateKey:
            status = next((s for s in (409, 422, 400) if str(s) in self._op.errors), 409)
            raise Problem(
                status, "already_exists", "There is such a record already",
                f"There is a {resource.noun} {key} already.",
                [Violation(f"/{resource.key}", "is taken", "another one", key)],
            ) from None  # fmt: skip

    def _free_key(self, world: World, shelf: Shelf, scope: Mapping[str, Any]) -> Any:
        resource = self._resource
        flat = self._model.key_schema(resource)
        place = shelf.parent(scope)
        while True:
            count = int(world.sequence(f"{resource.name}|{place}"))
            key = new_key(flat, count, resource.noun, f"{resource.name}|{place}", at_seeding=False)
            if shelf.get(scope, key) is None:
                return key

    def _references(self, world: World, sent: Mapping[str, Any]) -> None:
        """What a record refers to has to be there."""
        wrong = []
        for member, name in self._resource.relations.items():
            value = sent.get(member)
            target = self._model.resources[name]
            if target.scope or value in ("", None) or not isinstance(value, (str, int)):
                continue
            if Shelf(world, target).get({}, value) is None:
                text = f"There is no {target.noun} {value}."
                wrong.append(Violation(f"/{member}", text, f"a {target.noun}", value))
        if wrong:
            status = next((s for s in (422, 400, 404, 409) if str(s) in self._op.errors), 422)
            raise Problem(
                status, "unknown_reference", "The record refers to what is not there",
                " ".join(each.message for each in wrong), wrong,
            )  # fmt: skip

    def _upserts(self) -> bool:
        return (
            self._resource.singleton
            or 201 in self._op.statuses
            or self._op.request is None
            or not self._model.creates(self._resource)
        )

    def _upsert(
        self, call: Call, shelf: Shelf, scope: dict[str, Any], key: Any, links: Mapping[str, Any]
    ) -> Reply:
        sent = self._sent(call)
        row = self._new(call, shelf, scope, links, sent if isinstance(sent, Mapping) else {}, key)
        return self._answer(call, row, status=201 if 201 in self._op.statuses else None)

    def _change(self, call: Call, shelf: Shelf, row: Row, *, whole: bool) -> Reply:
        resource, schemas = self._resource, self._schemas
        sent = self._sent(call)
        if not isinstance(sent, Mapping):
            raise Problem(
                501, "change_not_understood", "The change was not understood",
                "A record is changed by an object of its members.",
            )  # fmt: skip
        sent = writes.writable(schemas, resource.schema, sent)
        sent = writes.renamed(schemas, resource.schema, sent)
        self._references(call.world, sent)
        before = row["body"]
        body = {**self._kept(before, sent), **sent} if whole else writes.merged(before, sent)
        if resource.key and resource.key in before:
            body[resource.key] = before[resource.key]
        making = self._making(call.world, row["own"], row["version"])
        if resource.schema is not None:
            body = self._model.projection.project(body, resource.schema, resource.noun, making)
            writes.touch(schemas, resource.schema, body, call.now)
        return self._answer(call, shelf.put(row, body))

    def _kept(self, before: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
        """What a replacement leaves as it was: what cannot be sent."""
        writable = self._model.sendable(self._op, self._binding.member)
        return {name: each for name, each in before.items() if name not in writable - set(sent)}

    def _act(self, call: Call, shelf: Shelf, row: Row) -> Reply:
        schemas, resource = self._schemas, self._resource
        properties = schemas.flat(resource.schema)["properties"]
        body = dict(row["body"])
        for name, value in (self._binding.effect or {}).items():
            flat = schemas.flat(properties.get(name, {}))
            body[name] = writes.moment(flat, call.now) if value == "now" else value
            if body[name] is None and "null" not in flat["types"]:
                del body[name]
        sent = self._sent(call)
        if isinstance(sent, Mapping):
            known = {n: e for n, e in sent.items() if n in properties and n != resource.key}
            body = writes.merged(body, known)
        writes.touch(schemas, resource.schema, body, call.now)
        making = self._making(call.world, row["own"], row["version"])
        body = self._model.projection.project(body, resource.schema, resource.noun, making)
        return self._answer(call, shelf.put(row, body))

    def _remove(self, world: World, shelf: Shelf, row: Row) -> None:
        """Take a record away, and what lies under it."""
        shelf.remove(row)
        values = [*row["scope"].values(), row["own"]]
        for below in self._model.below(self._resource):
            lower = Shelf(world, below)
            scope = dict(zip(below.scope, values, strict=False))
            for each in lower.under(scope, {}):
                lower.remove(each)

    # Answering

    def _making(self, world: World, *words: Any) -> Making:
        return self._model.making(world, self._resource, rng(self._op.id, *words))

    def _listed(self, call: Call, rows: list[Row]) -> Reply:
        form = None
        if self._op.answer is not None:
            form = list_form(self._schemas, self._op.answer, self._op.place.words)
        if form is None:
            if rows:
                return self._answer(call, rows[0])
            return Reply(self._op.status)
        making = self._making(call.world, "listed", len(rows))
        bodies = [
            self._model.projection.project(row["body"], form.items, self._resource.noun, making, 1)
            for row in rows
        ]
        query = asked({}, {}, call.request)
        shown = Shown(bodies, len(bodies), query, None, None, call.request.path)
        return self._reply(self._enveloped(shown, form.path, making))

    def _answer(
        self, call: Call, row: Row, *, gone: bool = False, status: int | None = None
    ) -> Reply:
        """A record, in the form that the operation answers with."""
        op, schemas = self._op, self._schemas
        headers = {} if gone else {"etag": _etag(row)}
        if op.method == "HEAD" or op.answer is None:
            return Reply(status or op.status, None, headers)
        if self._answers_list() and op.method != "GET":
            shelf = Shelf(call.world, self._resource)
            return self._listed(call, shelf.under(row["scope"], {}))
        making = self._making(call.world, row["own"], "answer")
        body = dict(row["body"])
        if gone and kind(schemas.flat(op.answer)) == "object":
            for name in ("deleted", "is_deleted", "isDeleted"):
                if name in schemas.flat(op.answer)["properties"]:
                    body[name] = True
        member = wrapper(schemas, op.answer, op.place.words) or (
            wrapper(schemas, op.answer, self._resource.place.words)
        )
        value: Any = body
        if member is not None:
            value = {member: body}
        projected = self._model.projection.project(value, op.answer, self._resource.noun, making)
        return self._reply(projected, headers, status)

    def _reply(
        self, body: Any, headers: Mapping[str, str] | None = None, status: int | None = None
    ) -> Reply:
        said = {**(headers or {})}
        if self._op.media:
            said["content-type"] = self._op.media
        if self._op.answer is None:
            return Reply(status or self._op.status, None, headers or {})
        return Reply(status or self._op.status, body, said)


def _etag(row: Row) -> str:
    return f'"{row["version"]}"'


def not_understood(reason: str) -> Any:
    """A behaviour that says that it is none.

    Args:
        reason: What was not understood.
    """

    def refuse(call: Call) -> Reply:
        raise Problem(
            501, "not_understood", "The mock does not know what this operation does",
            f"{call.operation_id}: {reason}. Say it with x-crossdock in the document.",
        )  # fmt: skip

    return refuse


__all__ = ["Conduct", "Resource", "not_understood"]

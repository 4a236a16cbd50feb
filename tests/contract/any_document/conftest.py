"""Drive an inferred mock as a client would, over every resource that was inferred."""

import json
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from crossdock_mocks.engine import Request
from crossdock_mocks.inference import open_document
from crossdock_mocks.inference.forms import list_form, wrapper
from crossdock_mocks.inference.generation import rng
from crossdock_mocks.inference.lists import uses
from crossdock_mocks.inference.naming import plain
from crossdock_mocks.inference.store import Shelf

DOCUMENTS = Path(__file__).with_name("documents")
CREDENTIALS = {
    "authorization": "Bearer anything",
    "api_key": "anything",
    "x-shop-access-token": "anything",
}


class Refused(Exception):  # noqa: N818 - says what happened
    """A step came out otherwise than it has to."""


def _flattened(value, prefix=""):
    """A body as form fields with brackets."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _flattened(each, f"{prefix}[{name}]" if prefix else name)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            if isinstance(each, (dict, list)):
                yield from _flattened(each, f"{prefix}[{number}]")
            else:
                yield f"{prefix}[]", each
    else:
        text = (
            {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
        )
        yield prefix, text


class Driver:
    """One inferred mock and a world of it."""

    def __init__(self, path):
        mock = open_document(path, unknown="501")
        self.app, self.model = mock.app, mock.model
        self.world = self.app.open_world()
        self.base = self.app_base()

    def app_base(self):
        servers = self.model.document.get("servers", [{"url": "/"}])
        url = servers[0]["url"]
        return ("/" + url.split("/", 3)[3] if url.count("/") > 2 else "") if "//" in url else url

    def send(self, op, values, body=None, query=""):
        path = self.base.rstrip("/") + op.place.path
        for name, value in values.items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        headers = dict(CREDENTIALS)
        if any(s for s in self.app.operations[op.id].security._requirements for s in s
               if s["http"] == "basic" and s["type"] == "http"):  # fmt: skip
            headers["authorization"] = "Basic YTpi"
        if ("header", "If-Match") in op.parameters:
            headers["if-match"] = "*"
        content = b""
        if body is not None:
            headers["content-type"] = op.request_media
            form = "form" in op.request_media
            content = (urlencode(list(_flattened(body))) if form else json.dumps(body)).encode()
        answer = self.app.exchange(self.world, Request(op.method, path, query, headers, content))
        if not 200 <= answer.status < 300 and answer.status != 404:
            raise Refused(f"{op.title} {answer.status} {answer.body[:300]!r} to {content[:300]!r}")
        return answer.status, json.loads(answer.body) if answer.body else None

    # What stands where

    def bindings(self, resource, *roles):
        found = [
            b for b in self.model.inference.bindings.values()
            if b.resource is resource and b.role in roles
        ]  # fmt: skip
        return sorted(found, key=lambda b: b.op.place.form[: len(resource.place.form) - 1]
                      != resource.place.form[: len(b.op.place.form)])  # fmt: skip

    def values(self, binding, row, key=None):
        found = {}
        for name, (where, inner) in binding.params.items():
            if where == "key":
                found[name] = key
            elif where == "scope":
                found[name] = row["scope"][inner]
                for parent, params in self.model.parents(binding.op):
                    if params == (name,) and not Shelf(self.world, parent).get({}, found[name]):
                        found[name] = self.parent_key(binding, name)
            else:
                found[name] = row["links"].get(inner, self.parent_key(binding, name))
        return found

    def parent_key(self, binding, name):
        for parent, params in self.model.parents(binding.op):
            if params[-1] == name:
                return Shelf(self.world, parent).table.first()["own"]
        return "somewhere"

    def record(self, op, body, resource):
        if body is None or op.answer is None:
            return {}
        name = wrapper(self.model.schemas, op.answer, op.place.words) or wrapper(
            self.model.schemas, op.answer, resource.place.words
        )
        return body[name] if name else body

    def body(self, binding, row, number, change=None):
        """A body as the document asks for it."""
        op = binding.op
        if op.request is None:
            return None
        making = self.model.request_making(
            self.world, binding.resource, rng("drive", op.id, number)
        )
        body = self.model.generator.value(op.request, "", making)
        inner = body[binding.member] if binding.member else body
        if isinstance(inner, list):
            inner = inner[0]
        key = binding.resource.key
        if key in inner and not change and isinstance(inner[key], str):
            inner[key] = (inner[key] + "XQ")[-20:] if inner[key].isupper() else f"{inner[key]}-x"
        elif key in inner and isinstance(inner[key], int):
            inner[key] += 70_000
        for name in binding.resource.relations:
            if inner.get(name) is None:
                inner.pop(name, None)
        if change is not None and key in inner:
            inner[key] = change
        places = {plain(each) for each in row["scope"]}
        for name in [each for each in inner if plain(each) in places]:
            del inner[name]  # the path says it
        return body

    # The steps

    def walk(self, resource):
        """Create, read back, list, change, delete; gives the steps that were taken."""
        done = []
        row = Shelf(self.world, resource).table.first()
        if row is None:
            row = {"scope": self.place(resource), "links": {}}
        key, sent = self.create(resource, row, done)
        readers = self.bindings(resource, "read")
        if key is None:
            if resource.singleton:
                return self.walk_singleton(resource, row, done)
            self.read_only(resource, row, done)
            row = Shelf(self.world, resource).table.first()
            if row is None:
                return done
            key, sent = row["own"], {}
        place = dict(row)
        self.read_back(resource, place, key, sent, done)
        self.listed(resource, place, key, done, there=True)
        for binding in self.bindings(resource, "change", "replace")[:2]:
            body = self.body(binding, place, 2, change=key)
            query = ""
            if body is None and binding.op.query():
                query, body = "name=Changed&status=sold", None
            if binding.op.request is None and not query:
                continue
            status, _ = self.send(binding.op, self.values(binding, place, key), body, query)
            self.need(status != 404, f"{binding.op.title}: what was created is not there")
            inner = body[binding.member] if body and binding.member else body
            self.read_back(resource, place, key, inner or {}, done)
            done.append("change")
        for binding in self.bindings(resource, "delete")[:1]:
            status, _ = self.send(binding.op, self.values(binding, place, key))
            self.need(status != 404, f"{binding.op.title}: what was created is not there")
            for reader in readers[:1]:
                status, _ = self.send(reader.op, self.values(reader, place, key))
                self.need(status == 404, f"{reader.op.title} finds what was deleted")
            self.listed(resource, place, key, done, there=False)
            done.append("delete")
        return done

    def place(self, resource):
        from crossdock_mocks.inference.seeding import _places

        return _places(self.model, self.world, resource)[0]

    def create(self, resource, row, done):
        makers = self.bindings(resource, "create") or [
            b for b in self.bindings(resource, "replace") if resource.param
        ]
        for binding in makers:
            body = self.body(binding, row, 1)
            inner = body[binding.member] if body and binding.member else body
            lone = binding.role == "replace"
            fresh = self.fresh_key(resource, row) if lone else None
            if lone and resource.key and inner is not None and resource.key in inner:
                inner[resource.key] = fresh
            values = self.values(binding, row, fresh)
            status, answer = self.send(binding.op, values, body)
            self.need(status != 404, f"{binding.op.title} 404 {answer}")
            record = self.record(binding.op, answer, resource)
            form = binding.op.answer and list_form(
                self.model.schemas, binding.op.answer, binding.op.place.words
            )
            if form:
                for name in form.path:
                    answer = answer[name]
                record = answer[-1]
            key = fresh if lone else record.get(resource.key, None)
            if key is None and isinstance(inner, dict):
                key = inner.get(resource.key)
            if key is None and isinstance(inner, list) and inner:
                key = inner[0].get(resource.key)
            self.need(key is not None, f"{binding.op.title}: no key to be seen")
            done.append("create")
            scope = {
                name: record[name]["login"] if isinstance(record.get(name), dict) else value
                for name, value in row["scope"].items()
            }
            row["scope"] = scope
            return key, {} if form or isinstance(inner, list) else inner or {}
        return None, None

    def fresh_key(self, resource, row):
        flat = self.model.key_schema(resource)
        if "integer" in flat["types"]:
            return 987_654
        if resource.component:
            others = [r for r in self.model.resources.values()
                      if r.component == resource.component and r is not resource]  # fmt: skip
            for other in others:
                for each in Shelf(self.world, other).table.find():
                    if Shelf(self.world, resource).get(row["scope"], each["own"]) is None:
                        return each["own"]
        return "ZYX"

    def need_all(self, resource, done):
        """Each step that the document has for a resource was taken."""
        steps = {"list": "list", "create": "create", "read": "read", "change": "change",
                 "replace": "change", "delete": "delete"}  # fmt: skip
        bindings = [b for b in self.model.inference.bindings.values() if b.resource is resource]
        wanted = {
            steps[b.role] for b in bindings
            if b.role in steps and not (b.role == "replace" and b.op.request is None)
        }  # fmt: skip
        self.need(wanted <= set(done), f"not done: {wanted - set(done)}")

    def need(self, holds, reason):
        if not holds:
            raise Refused(reason)

    def read_back(self, resource, row, key, sent, done):
        for reader in self.bindings(resource, "read")[:1]:
            status, body = self.send(reader.op, self.values(reader, row, key))
            self.need(status != 404, f"{reader.op.title}: {key} is not there")
            if reader.property:
                continue
            record = self.record(reader.op, body, resource)
            row["seen"] = record
            self.same(sent, record, reader.op.title)
            done.append("read")

    def same(self, sent, read, where):
        for name, value in sent.items():
            if not isinstance(read, dict) or name not in read:
                continue
            if isinstance(value, dict):
                self.same(value, read[name], where)
            elif isinstance(value, (str, int, float, bool)):
                got = read[name]
                if isinstance(got, dict):
                    self.need(value in got.values(), f"{where}: {name} {value!r} became {got!r}")
                else:
                    self.need(str(got) == str(value), f"{where}: {name} {value!r} became {got!r}")

    def listed(self, resource, row, key, done, *, there):
        for lister in self.bindings(resource, "list")[:1]:
            keys = [each.get(resource.key) for each in self.everything(lister, row)]
            if resource.key:
                self.need(
                    (key in keys) == there, f"{lister.op.title}: {key} in {keys}: not {there}"
                )
            done.append("list")

    def everything(self, lister, row):
        """Every record of a list, page by page as the list says it."""
        form = list_form(self.model.schemas, lister.op.answer, lister.op.place.words)
        names = {name.lower(): name for name in lister.op.query()}
        query = {}
        for name in ("limit", "per_page", "$top"):
            if name in names:
                query[names[name]] = 50
        if "q" in names:
            query["q"] = "e"
        for name in ("state", "status"):
            schema = lister.op.parameters.get(("query", name), {}).get("schema", {})
            if "all" in schema.get("enum", ()):
                query[name] = "all"
            elif "default" in schema and name in row.get("seen", {}):
                query[name] = row["seen"][name]
        status, body = self.send(lister.op, self.values(lister, row), query=urlencode(query))
        self.need(status != 404, f"{lister.op.title} 404")
        for name in form.path:
            body = body[name]
        return body

    def pages(self, binding, size):
        """The keys of a list, walked in pages of a size as its parameters allow; None if not."""
        known = uses(binding.op, self.model.schemas, binding.resource.schema)
        roles = {use.role: name for name, use in known.items()}
        row = Shelf(self.world, binding.resource).table.first()
        values = self.values(binding, row)
        form = list_form(self.model.schemas, binding.op.answer, binding.op.place.words)
        found, number = [], 0
        while number < 100:
            asked = {"q": "e"} if "search" in roles and roles["search"] == "q" else {}
            if "paging" in roles:
                members = self.model.schemas.flat(binding.op.parameters["query", "page"]["schema"])[
                    "properties"
                ]
                asked["page[size]"] = size
                if "number" in members:
                    asked["page[number]"] = number + 1
                elif found:
                    asked["page[after]"] = found[-1]
            elif "limit" not in roles or not {"page", "offset", "cursor"} & set(roles):
                return None
            else:
                asked[roles["limit"]] = size
                if "page" in roles:
                    asked[roles["page"]] = number + 1
                elif "offset" in roles:
                    asked[roles["offset"]] = number * size
                elif found:
                    asked[roles["cursor"]] = found[-1]
            status, body = self.send(binding.op, values, query=urlencode(asked))
            self.need(status != 404, f"{binding.op.title} 404 {values} {body}")
            for name in form.path:
                body = body[name]
            if not body:
                break
            self.need(len(body) <= size, f"{binding.op.title}: {len(body)} in a page of {size}")
            found += [each.get(binding.resource.key) for each in body]
            number += 1
        return found

    def read_only(self, resource, row, done):
        """What cannot be created is listed, and each of the list is read."""
        for lister in self.bindings(resource, "list")[:1]:
            records = self.everything(lister, row)
            done.append("list")
            for reader in self.bindings(resource, "read")[:1]:
                for each in records:
                    status, _ = self.send(reader.op, self.values(reader, row, each[resource.key]))
                    self.need(
                        status != 404, f"{reader.op.title}: {each[resource.key]} listed, not read"
                    )
                done.append("read")

    def walk_singleton(self, resource, row, done):
        for binding in self.bindings(resource, "replace", "change")[:1]:
            body = self.body(binding, row, 3)
            status, _ = self.send(binding.op, self.values(binding, row), body)
            self.need(status != 404, f"{binding.op.title} 404")
            inner = body[binding.member] if body and binding.member else body
            done.append("change")
            self.read_back(resource, row, "-", inner or {}, done)
        for binding in self.bindings(resource, "read")[:1]:
            status, _ = self.send(binding.op, self.values(binding, row))
            self.need(status != 404, f"{binding.op.title} 404")
            done.append("read")
        for binding in self.bindings(resource, "delete")[:1]:
            status, _ = self.send(binding.op, self.values(binding, row))
            self.need(status != 404, f"{binding.op.title} 404")
            for reader in self.bindings(resource, "read")[:1]:
                status, _ = self.send(reader.op, self.values(reader, row))
                self.need(status == 404, f"{reader.op.title} finds what was deleted")
            done.append("delete")
        return done


@pytest.fixture(autouse=True)
def _without_the_users_cache(own_cache):
    with own_cache():
        yield


@pytest.fixture(scope="session")
def drive():
    """Give the driver of a document; made once for each."""
    made = {}

    def of(name):
        if name not in made:
            made[name] = Driver(DOCUMENTS / name)
        return made[name]

    return of


@pytest.fixture(scope="session")
def refused():
    return Refused

"""Behaviour of each operation of a contract, by operation id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, final

from crossdock_mocks.engine import Behaviour, Call, Reply
from crossdock_mocks.sdata import metadata
from crossdock_mocks.sdata.atom import ENTRY, FEED, entry_document, feed_document
from crossdock_mocks.sdata.batch import run
from crossdock_mocks.sdata.contract import Contract, Service
from crossdock_mocks.sdata.diagnoses import Refused, bad_url, no_kind, refused
from crossdock_mocks.sdata.entries import Entries, root, template
from crossdock_mocks.sdata.feeds import feed
from crossdock_mocks.sdata.formats import wants_json
from crossdock_mocks.sdata.model import KEY, Collection, Resource, Row
from crossdock_mocks.sdata.options import condition, options, shape_of
from crossdock_mocks.sdata.reading import count, find, named
from crossdock_mocks.sdata.records import Records, etag
from crossdock_mocks.sdata.shapes import PLAIN, Shape

Handler: TypeAlias = Callable[[Contract, Resource, Call], Reply]

_JSON: Final = {"content-type": "application/json"}


def behaviours(contract: Contract) -> dict[str, Behaviour]:
    """Operation id to behaviour, for all operations of a contract."""
    made: dict[str, Behaviour] = {}
    for each in contract.resources:
        made[f"list{each.many}"] = _bound(contract, each, _list)
        made[f"read{each.kind}"] = _bound(contract, each, _read)
        if each.create:
            made[f"create{each.kind}"] = _bound(contract, each, _create)
        if each.update:
            made[f"update{each.kind}"] = _bound(contract, each, _update)
        if each.delete:
            made[f"delete{each.kind}"] = _bound(contract, each, _delete)
    for service in contract.services:
        made[service.operation] = _bound(
            contract, contract.resource(service.resource), _Serving(service)
        )
    made["listCollection"] = _of_kind(contract, _related)
    made["readTemplate"] = _of_kind(contract, _template)
    made["count"] = _of_kind(contract, _count)
    if contract.batches:
        made["runBatch"] = _of_kind(contract, _batch)
    if contract.schemas:
        made["readSchema"] = _of_kind(contract, _schema)
        made["readContractSchema"] = lambda _: _xsd(metadata.schema(contract, contract.resources))
    if contract.prototypes:
        made["listPrototypes"] = lambda call: Reply(
            200, metadata.prototypes(contract, root(contract, call.request)), _JSON
        )
        made["readPrototype"] = _of_kind(contract, _prototype)
    return made


def _bound(contract: Contract, resource: Resource, handler: Handler) -> Behaviour:
    return lambda call: handler(contract, resource, call)


def _of_kind(contract: Contract, handler: Handler) -> Behaviour:
    """A behaviour whose resource stands in the path."""

    def carry_out(call: Call) -> Reply:
        name = call.path["resource"]
        resource = contract.find(name)
        if resource is None:
            raise no_kind(name)
        return handler(contract, resource, call)

    return carry_out


def _records(contract: Contract, call: Call) -> Records:
    return Records(call.world, contract, call.principal)


# Answers


def _told(
    contract: Contract, resource: Resource, call: Call, row: Row,
    shape: Shape = PLAIN, status: int = 200,
) -> Reply:  # fmt: skip
    """Answer with one entry."""
    json = wants_json(contract, call.request)
    entries = Entries.of(contract, call, json=json)
    entry = entries.entry(resource, row, shape)
    headers = {"etag": f'"{etag(row)}"'} if contract.etags else {}
    if status == 201:
        headers["location"] = entry["$url"]
    if json:
        return Reply(status, entry, {**headers, **_JSON})
    document = entry_document(contract, resource, entry, entries.root)
    return Reply(status, document, {**headers, "content-type": ENTRY})


def _page(
    contract: Contract, resource: Resource, call: Call, within: tuple[str, Any] | None
) -> Reply:
    """Answer with a page of entries."""
    json = wants_json(contract, call.request)
    entries = Entries.of(contract, call, json=json)
    asked = options(contract, resource, call)
    made = feed(entries, call, resource, asked, find(call.world, resource, asked, within))
    if json:
        return Reply(200, made, _JSON)
    document = feed_document(contract, resource, made, entries.root, entries.records.now)
    return Reply(200, document, {"content-type": FEED})


def _xsd(document: bytes) -> Reply:
    return Reply(200, document, {"content-type": "application/xml"})


# Entries


def _list(contract: Contract, resource: Resource, call: Call) -> Reply:
    return _page(contract, resource, call, None)


def _related(contract: Contract, resource: Resource, call: Call) -> Reply:
    """The entries of a collection of one entry."""
    owner = named(contract, call, resource, call.path["key"])
    name = call.path["collection"]
    member = resource.member(name)
    if not isinstance(member, Collection):
        raise bad_url(f"{resource.kind} has no collection '{name}'.", 404)
    target = contract.resource(member.of)
    return _page(contract, target, call, (contract.backing(member), owner[KEY]))


def _read(contract: Contract, resource: Resource, call: Call) -> Reply:
    row = named(contract, call, resource, call.path["key"])
    known = _tags(call, "if-none-match") if contract.etags else set()
    if known and ("*" in known or etag(row) in known):
        return Reply(304, None, {"etag": f'"{etag(row)}"'})
    return _told(contract, resource, call, row, shape_of(contract, resource, call))


def _create(contract: Contract, resource: Resource, call: Call) -> Reply:
    row = _records(contract, call).create(resource, call.body)
    return _told(contract, resource, call, row, shape_of(contract, resource, call), 201)


def _update(contract: Contract, resource: Resource, call: Call) -> Reply:
    row = named(contract, call, resource, call.path["key"])
    _same_key(resource, row, call.body)
    _unchanged(contract, resource, call, row, call.body.get("$etag"))
    row = _records(contract, call).update(resource, row, call.body)
    return _told(contract, resource, call, row, shape_of(contract, resource, call))


def _delete(contract: Contract, resource: Resource, call: Call) -> Reply:
    row = named(contract, call, resource, call.path["key"])
    _unchanged(contract, resource, call, row, None)
    _records(contract, call).delete(resource, row)
    return Reply(200)


def _same_key(resource: Resource, row: Row, body: Mapping[str, Any]) -> None:
    given = body.get("$key")
    if given not in (None, "") and str(given) != str(row[KEY]):
        raise refused(f"The $key '{given}' is not that of the {resource.kind}.", path="$key")


def _tags(call: Call, header: str) -> set[str]:
    """The entity tags of a header; SData writes them without quotes, HTTP with them."""
    text = call.headers.get(header)
    if text is None:
        return set()
    return {each.strip().removeprefix("W/").strip('"') for each in text.split(",")}


def _unchanged(
    contract: Contract, resource: Resource, call: Call, row: Row, in_payload: object
) -> None:
    """See that an entry is as the caller read it.

    Raises:
        Refused: 412 with the entry as it stands (Sage, SData 2.0, 9.3 Update Concurrency Handling).
    """
    if not contract.etags:
        return
    wanted = _tags(call, "if-match")
    if not wanted and isinstance(in_payload, str) and in_payload:
        wanted = {in_payload.strip('"')}
    if not wanted or "*" in wanted or etag(row) in wanted:
        return
    problem = refused("The entry was changed by somebody else since it was read.", status=412)
    reply = _told(contract, resource, call, row, status=412)
    raise Refused(problem.diagnoses, 412, reply)


# What a resource has beside its entries


def _template(contract: Contract, resource: Resource, call: Call) -> Reply:
    if not resource.create:
        raise refused(f"{resource.name} has no template: it cannot be made.", status=404)
    json = wants_json(contract, call.request)
    entries = Entries.of(contract, call, json=json)
    made = template(entries, resource)
    if json:
        return Reply(200, made, _JSON)
    document = entry_document(contract, resource, made, entries.root)
    return Reply(200, document, {"content-type": ENTRY})


def _count(contract: Contract, resource: Resource, call: Call) -> Reply:
    found = count(call.world, resource, condition(contract, resource, call))
    return Reply(200, {"$totalResults": found}, _JSON)


def _schema(contract: Contract, resource: Resource, _: Call) -> Reply:
    return _xsd(metadata.schema(contract, [resource]))


def _prototype(contract: Contract, resource: Resource, call: Call) -> Reply:
    return Reply(200, metadata.prototype(resource, root(contract, call.request)), _JSON)


def _batch(contract: Contract, resource: Resource, call: Call) -> Reply:
    return Reply(200, run(contract, resource, call), _JSON)


@final
class _Serving:
    """A service operation: `{"$name", "request": {...}}` in, `{"response": {...}}` out."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def __call__(self, contract: Contract, resource: Resource, call: Call) -> Reply:
        del resource
        # The $name is not looked at: Infor's own client calls Complete by ActivityComplete.
        answer = self._service.run(_records(contract, call), call.body["request"])
        return Reply(200, {"$name": self._service.name, "response": dict(answer)}, _JSON)

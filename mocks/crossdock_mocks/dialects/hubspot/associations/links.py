"""Links between two records: each is kept in both directions, with every type that it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crossdock_mocks.dialects.hubspot import events
from crossdock_mocks.dialects.hubspot.associations import types
from crossdock_mocks.dialects.hubspot.errors import Refusal, invalid
from crossdock_mocks.dialects.hubspot.kinds import Kind
from crossdock_mocks.dialects.hubspot.portal import Portal, Row


def linked(portal: Portal, kind: Kind, key: str, to: Kind) -> list[str]:
    """Ids of the records of a kind that a record is linked with, each once, in their order."""
    where = {"from_type": kind.type_id, "from": key, "to_type": to.type_id}
    return list(dict.fromkeys(row["to"] for row in _table(portal).find(where, "number")))


def rows(portal: Portal, kind: Kind, key: str, to: Kind) -> dict[str, list[Row]]:
    """The same with all types of each link, as stored."""
    found: dict[str, list[Row]] = {}
    where = {"from_type": kind.type_id, "from": key, "to_type": to.type_id}
    for row in _table(portal).find(where, "number"):
        found.setdefault(row["to"], []).append(row)
    return found


def of_type(portal: Portal, kind: Kind, key: str, type_id: int) -> list[str]:
    """Ids of the records that a record is linked with by one type."""
    where = {"from_type": kind.type_id, "from": key, "typeId": type_id}
    return [row["to"] for row in _table(portal).find(where, "number")]


def first(portal: Portal, kind: Kind, key: str, type_id: int) -> str | None:
    """Id of the first record that a record is linked with by one type."""
    found = of_type(portal, kind, key, type_id)
    return found[0] if found else None


def count(portal: Portal, kind: Kind, key: str, to_type: str) -> int:
    """How many records of a type a record is linked with."""
    where = {"from_type": kind.type_id, "from": key, "to_type": to_type}
    return len({row["to"] for row in _table(portal).find(where)})


def link_as_asked(portal: Portal, kind: Kind, key: str, asked: Mapping[str, Any]) -> None:
    """Link a record as the `associations` of a new one ask for: `to` and `types`.

    Raises:
        Refusal: 400, the other record or a type does not exist.
    """
    if not asked["types"]:
        raise invalid("An association needs at least one type.", "MISSING_ASSOCIATION_TYPE")
    for each in asked["types"]:
        row = find_type(portal, each)
        if row["from_type"] != kind.type_id:
            raise _unfit(row["id"], kind.name)
        other = portal.kind(row["to_type"])
        link(portal, kind, key, other, str(asked["to"]["id"]), [row])


def find_type(portal: Portal, asked: Mapping[str, Any]) -> Row:
    """The type that `associationCategory` and `associationTypeId` name.

    Raises:
        Refusal: 400, there is none.
    """
    type_id = int(asked["associationTypeId"])
    row = portal.table("association_types").get(type_id)
    if row is None or row["category"] != asked["associationCategory"]:
        raise invalid(
            f"No association type {type_id} of category {asked['associationCategory']} exists.",
            "INVALID_ASSOCIATION_TYPE",
            associationTypeId=str(type_id),
        )
    return row


def chosen(portal: Portal, start: Kind, end: Kind, asked: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The types that a body lists, each of which has to lead from one kind to the other.

    Raises:
        Refusal: 400, one does not exist or leads elsewhere.
    """
    found = [find_type(portal, each) for each in asked]
    for row in found:
        if (row["from_type"], row["to_type"]) != (start.type_id, end.type_id):
            raise _unfit(row["id"], f"{start.name} to {end.name}")
    if not found:
        raise invalid("At least one association type is required.", "MISSING_ASSOCIATION_TYPE")
    return found


def default(portal: Portal, start: Kind, end: Kind) -> Row:
    """The unlabelled type between two kinds.

    Raises:
        Refusal: 400, records of these kinds cannot be linked.
    """
    known = types.between(portal, start, end)
    if not known:
        raise invalid(
            f"No association type between {start.plural} and {end.plural} exists.",
            "INVALID_ASSOCIATION_TYPE",
        )
    return known[0]


def link(
    portal: Portal, kind: Kind, key: str, other: Kind, other_key: str, wanted: Iterable[Row]
) -> None:
    """Link two records. A labelled link is an unlabelled one too; the first company is primary.

    Raises:
        Refusal: 400 or 404, one of them does not exist, or they are the same.
    """
    _must_exist(portal, kind, key)
    _must_exist(portal, other, other_key)
    if (kind.type_id, key) == (other.type_id, other_key):
        raise invalid("A record cannot be associated with itself.", "SELF_ASSOCIATION")
    known = types.between(portal, kind, other)
    plain = [row for row in known if row["label"] is None][:1]
    by_id = {row["id"]: row for row in [*plain, *wanted]}
    for row in known:
        # Primary company: the first one is it, unless another is chosen.
        if row["label"] != "Primary":
            continue
        there, back = row["id"], row["inverse"]
        if (there in types.EXCLUSIVE and first(portal, kind, key, there) is None) or (
            back in types.EXCLUSIVE and first(portal, other, other_key, back) is None
        ):
            by_id.setdefault(row["id"], row)
    for row in by_id.values():
        _make_room(portal, row, kind, key, other, other_key)
        new = _insert(portal, row, key, other_key)
        back = portal.table("association_types").get(row["inverse"])
        if back is not None:
            _insert(portal, back, other_key, key)
        if new:
            events.associated(portal, row, key, other_key, removed=False)
    _touched(portal, kind, key, other, other_key)


def unlink(
    portal: Portal,
    kind: Kind,
    key: str,
    other: Kind,
    other_key: str,
    only: Iterable[Row] | None = None,
) -> None:
    """End a link, or some types of it. What is not there is no error."""
    types_ = portal.table("association_types")
    wanted = None if only is None else {row["id"] for row in only}
    for found in rows(portal, kind, key, other).get(other_key, []):
        if wanted is not None and found["typeId"] not in wanted:
            continue
        row = types_.get(found["typeId"])
        _delete(portal, kind.type_id, key, other.type_id, other_key, found["typeId"])
        if row is not None:
            _delete(portal, other.type_id, other_key, kind.type_id, key, row["inverse"])
            events.associated(portal, row, key, other_key, removed=True)
    _touched(portal, kind, key, other, other_key)


def unlink_all(portal: Portal, kind: Kind, key: str) -> None:
    """End all links of a record."""
    where = {"from_type": kind.type_id, "from": key}
    ends = {(row["to_type"], row["to"]) for row in _table(portal).find(where)}
    for to_type, to in sorted(ends):
        unlink(portal, kind, key, portal.kind(to_type), to)


def move_all(portal: Portal, kind: Kind, key: str, to_key: str) -> None:
    """Let another record of the kind have the links of this one too."""
    where = {"from_type": kind.type_id, "from": key}
    for row in list(_table(portal).find(where)):
        type_ = portal.table("association_types").get(row["typeId"])
        if type_ is None or (row["to_type"], row["to"]) == (kind.type_id, to_key):
            continue
        if type_["id"] in types.EXCLUSIVE and first(portal, kind, to_key, type_["id"]):
            continue
        link(portal, kind, to_key, portal.kind(row["to_type"]), row["to"], [type_])


def seeded(row: Row, key: str, other_key: str) -> Row:
    """A link in one direction, as it is stored."""
    return {
        "from_type": row["from_type"], "from": key, "to_type": row["to_type"], "to": other_key,
        "number": int(other_key), "typeId": row["id"], "category": row["category"],
        "label": row["label"],
    }  # fmt: skip


def _table(portal: Portal) -> Any:
    return portal.table("associations")


def _insert(portal: Portal, row: Row, key: str, other_key: str) -> bool:
    link_row = seeded(row, key, other_key)
    table = _table(portal)
    if table.key_of(link_row) in table:
        return False
    table.insert(link_row)
    return True


def _delete(portal: Portal, from_type: str, key: str, to_type: str, to: str, type_id: int) -> None:
    _table(portal).delete((from_type, key, to_type, to, type_id))


def _make_room(portal: Portal, row: Row, kind: Kind, key: str, other: Kind, other_key: str) -> None:
    """Of some types a record has one at most, so the one before gives way."""
    if row["id"] in types.EXCLUSIVE:
        for before in of_type(portal, kind, key, row["id"]):
            if before != other_key:
                unlink(portal, kind, key, other, before, [row])
    if row["inverse"] in types.EXCLUSIVE:
        back = portal.table("association_types").get(row["inverse"])
        for before in of_type(portal, other, other_key, row["inverse"]):
            if before != key and back is not None:
                unlink(portal, other, other_key, kind, before, [back])


def _must_exist(portal: Portal, kind: Kind, key: str) -> None:
    row = portal.table("records").get((kind.type_id, key))
    if row is None or row["archived"]:
        raise Refusal(
            404,
            f"{kind.name.upper()} with id {key} does not exist, so it cannot be associated.",
            context={"objectId": [key]},
        )


def _touched(portal: Portal, kind: Kind, key: str, other: Kind, other_key: str) -> None:
    portal.dirty[kind.type_id, key] = None
    portal.dirty[other.type_id, other_key] = None


def _unfit(type_id: Any, where: str) -> Refusal:
    return invalid(
        f"Association type {type_id} does not lead from {where}.",
        "INVALID_ASSOCIATION_TYPE",
        associationTypeId=str(type_id),
    )

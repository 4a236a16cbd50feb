"""Types of association: each has a direction, and another type leads back.

The ids are those of the vendor's documentation where it gives them; those between commerce
objects are partly remembered. A client that has to be sure asks for the labels of a pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from crossdock_mocks.dialects.hubspot.kinds import (
    CALL,
    COMPANY,
    CONTACT,
    DEAL,
    EMAIL,
    INVOICE,
    LINE_ITEM,
    MEETING,
    NOTE,
    ORDER,
    PAYMENT,
    QUOTE,
    QUOTE_TEMPLATE,
    TASK,
    TICKET,
    Kind,
)
from crossdock_mocks.dialects.hubspot.portal import Portal, Row

HUBSPOT: Final = "HUBSPOT_DEFINED"
USER: Final = "USER_DEFINED"

# Kinds, id of the way there, id of the way back.
_PLAIN: Final[tuple[tuple[Kind, Kind, int, int], ...]] = (
    (CONTACT, COMPANY, 279, 280),
    (CONTACT, DEAL, 4, 3),
    (DEAL, COMPANY, 341, 342),
    (COMPANY, COMPANY, 450, 450),
    (CONTACT, CONTACT, 449, 449),
    (DEAL, DEAL, 451, 451),
    (DEAL, LINE_ITEM, 19, 20),
    (TICKET, CONTACT, 16, 15),
    (TICKET, COMPANY, 339, 340),
    (TICKET, DEAL, 28, 27),
    (TICKET, TICKET, 452, 452),
    (QUOTE, DEAL, 64, 63),
    (QUOTE, LINE_ITEM, 67, 68),
    (QUOTE, CONTACT, 69, 70),
    (QUOTE, COMPANY, 71, 72),
    (QUOTE, QUOTE_TEMPLATE, 286, 285),
    (ORDER, CONTACT, 507, 508),
    (ORDER, COMPANY, 509, 510),
    (ORDER, DEAL, 512, 511),
    (ORDER, LINE_ITEM, 513, 514),
    (ORDER, QUOTE, 730, 731),
    (INVOICE, DEAL, 175, 176),
    (INVOICE, CONTACT, 177, 178),
    (INVOICE, COMPANY, 179, 180),
    (INVOICE, QUOTE, 407, 408),
    (INVOICE, LINE_ITEM, 409, 410),
    (INVOICE, ORDER, 517, 518),
    (PAYMENT, CONTACT, 387, 388),
    (PAYMENT, COMPANY, 389, 390),
    (PAYMENT, DEAL, 391, 392),
    (PAYMENT, LINE_ITEM, 395, 396),
    (PAYMENT, QUOTE, 397, 398),
    (PAYMENT, INVOICE, 541, 542),
    (PAYMENT, ORDER, 524, 523),
    (TASK, COMPANY, 192, 191),
    (TASK, CONTACT, 204, 203),
    (TASK, DEAL, 216, 215),
    (TASK, TICKET, 230, 229),
    (TASK, ORDER, 726, 725),
    (NOTE, COMPANY, 190, 189),
    (NOTE, CONTACT, 202, 201),
    (NOTE, DEAL, 214, 213),
    (NOTE, TICKET, 228, 227),
    (NOTE, ORDER, 846, 845),
    (MEETING, COMPANY, 188, 187),
    (MEETING, CONTACT, 200, 199),
    (MEETING, DEAL, 212, 211),
    (MEETING, TICKET, 226, 225),
    (CALL, COMPANY, 182, 181),
    (CALL, CONTACT, 194, 193),
    (CALL, DEAL, 206, 205),
    (CALL, TICKET, 220, 219),
    (EMAIL, COMPANY, 186, 185),
    (EMAIL, CONTACT, 198, 197),
    (EMAIL, DEAL, 210, 209),
    (EMAIL, TICKET, 224, 223),
)
# The same with labels: name of the type there and back, label there and back.
_LABELLED: Final[tuple[tuple[Kind, Kind, int, int, str, str, str], ...]] = (
    (CONTACT, COMPANY, 1, 2, "contact_to_company", "Primary", "Primary"),
    (DEAL, COMPANY, 5, 6, "deal_to_company", "Primary", "Primary"),
    (TICKET, COMPANY, 26, 25, "ticket_to_company", "Primary", "Primary"),
    (COMPANY, COMPANY, 13, 14, "parent_to_child_company", "Child Company", "Parent Company"),
    (QUOTE, CONTACT, 702, 703, "quote_to_contact_signer", "Contact Signer", "Contact Signer"),
)
_BACK: Final = {"parent_to_child_company": "child_to_parent_company"}
EXCLUSIVE: Final = frozenset({1, 5, 14, 26})
"""Types of which a record has at most one: its primary company, its parent."""

FIRST_CUSTOM: Final = 10_001
"""Types that the portal defines are numbered from here on."""

MOST_LABELS: Final = 10
"""Labels that a portal may define between two kinds of record."""


def standard() -> Iterator[Row]:
    """The types that HubSpot itself defines."""
    primary = {(each[0].type_id, each[1].type_id) for each in _LABELLED if each[5] == "Primary"}
    for start, end, there, back in _PLAIN:
        mark = "_unlabeled" if (start.type_id, end.type_id) in primary else ""
        yield from _both(start, end, there, back, f"{start.name}_to_{end.name}{mark}", None, None)
    for start, end, there, back, name, label, other in _LABELLED:
        yield from _both(start, end, there, back, name, label, other)


def _both(
    start: Kind, end: Kind, there: int, back: int, name: str, label: str | None, other: str | None
) -> Iterator[Row]:
    yield definition(start, end, there, back, HUBSPOT, name, label)
    if back != there:
        turned = f"{end.name}_to_{start.name}{name.removeprefix(f'{start.name}_to_{end.name}')}"
        yield definition(end, start, back, there, HUBSPOT, _BACK.get(name, turned), other)


def definition(
    start: Kind, end: Kind, type_id: int, inverse: int, category: str, name: str, label: str | None
) -> Row:
    """A type of association as it is stored."""
    return {
        "id": type_id, "inverse": inverse, "from_type": start.type_id, "to_type": end.type_id,
        "category": category, "name": name, "label": label,
    }  # fmt: skip


def between(portal: Portal, start: Kind, end: Kind) -> list[Row]:
    """The types that lead from one kind of record to another, the unlabelled one first."""
    where = {"from_type": start.type_id, "to_type": end.type_id}
    rows = portal.table("association_types").find(where)
    return sorted(rows, key=lambda row: (row["label"] is not None, row["id"]))


def named(rows: Iterable[Row], word: str) -> Row | None:
    """The type that goes by a name or an id, as the older API has it."""
    wanted = word.lower()
    for row in rows:
        if wanted in (row["name"].lower(), str(row["id"])):
            return row
    return None


def spec(row: Row) -> dict[str, Any]:
    """A type as answers name it."""
    return {"category": row["category"], "typeId": row["id"], "label": row["label"]}

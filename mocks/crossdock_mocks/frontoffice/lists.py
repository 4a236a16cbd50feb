"""Lists of records: words looked for, fields sorted by, one page of it as JSON text."""

from __future__ import annotations

from typing import Final

import attrs

from crossdock_mocks.engine import RawJson, Where, contains, either, every
from crossdock_mocks.frontoffice.office import Office
from crossdock_mocks.frontoffice.resources import Resource

_EXTERNAL: Final = "external_ids"


@attrs.frozen
class Slice:
    """A page of a list.

    Attributes:
        rows: The records, as a JSON array.
        total: How many there are on all pages.
    """

    rows: RawJson
    total: int


def words(resource: Resource, text: str) -> Where:
    """The condition that each word of a text occurs in one of the fields that are searched.

    A word with a digit is also looked for in the ids that other systems have for the record.
    """
    parts = []
    for word in text.split():
        fields = resource.search
        if _EXTERNAL in resource.fields and any(letter.isdigit() for letter in word):
            fields = (*fields, _EXTERNAL)
        parts.append(either(*({field: contains(word)} for field in fields)))
    return every(*parts)


def page(
    office: Office, resource: Resource, where: Where | None, sort: str, number: int, size: int
) -> Slice:
    """One page of a list.

    Args:
        office: The CRM.
        resource: Kind of record.
        where: Condition; `None` for all.
        sort: Field, `-field` for descending; the order of creation decides between equals.
        number: Page, from 1.
        size: Records per page.
    """
    table = office.table(resource)
    found = table.find_raw(where, sort, limit=size, offset=(number - 1) * size)
    if len(found) < size and (found or number == 1):
        # The last page says how many there are; a search need not be made a second time.
        return Slice(RawJson.array(found), (number - 1) * size + len(found))
    return Slice(RawJson.array(found), table.count(where))

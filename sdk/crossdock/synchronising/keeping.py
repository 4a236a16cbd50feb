"""What a system has and keeps of a kind of record, and what of a plan can be written there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

from crossdock.errors import NotFound
from crossdock.ports import CrmPort, ErpPort, Page

_Record = TypeVar("_Record")
_RETIRED: Final = 410


def there(read: Callable[[str], _Record], record_id: str) -> _Record | None:
    """Read a record; `None` where its system says that there is none.

    Raises:
        NotFound: the system says 410. A retired version of an API says so of everything, and
            nobody may take that for all records being deleted.
    """
    try:
        return read(record_id)
    except NotFound as gone:
        if gone.status == _RETIRED:
            raise
        return None


def kept_by(port: CrmPort | ErpPort, entity: str) -> Mapping[str, int | None] | None:
    """Give what a system keeps of a kind of record; `None` where its connector does not say."""
    keeps: Mapping[str, Mapping[str, int | None]] | None = getattr(port, "keeps", None)
    return None if keeps is None else keeps.get(entity, {})


def writable(values: Mapping[str, str], kept: Mapping[str, int | None] | None) -> dict[str, str]:
    """Give what of the values of a new record is there at all, and is kept where it goes."""
    return {
        name: value for name, value in values.items() if value and (kept is None or name in kept)
    }


def every(read: Callable[..., Page[_Record]]) -> Iterator[_Record]:
    """Give all of a list that is read page by page."""
    after: str | None = None
    while True:
        page = read(after=after)
        yield from page.items
        after = page.next
        if after is None:
            return

"""The unique keys under which records are created for another system's ids, once for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from crossdock.connectors.vendor_crm.records import new_key


class Identified(Protocol):
    """A record that knows its ids elsewhere."""

    @property
    def external_ids(self) -> Mapping[str, str]: ...  # noqa: D102 - said by its name


_T = TypeVar("_T", bound=Identified)


def key_of(system: str, external_id: str) -> str:
    """Give the key of what another system has under an id."""
    return f"of|{system}|{external_id}"


def created(record: _T, create: Callable[[str], tuple[str, bool]], read: Callable[[str], _T]) -> _T:
    """Create a record once for the id that another system has for it.

    The same again, after a lost answer, gives the one that is there. One that was made so and has
    got other ids since is another record's: the new one gets a key of its own then.

    Args:
        record: what is wanted.
        create: makes a record under a key; gives its id and whether it was made now.
        read: reads one by its id.
    """
    for system, external_id in sorted(record.external_ids.items()):
        record_id, made = create(key_of(system, external_id))
        there = read(record_id)
        if made or there.external_ids.get(system) == external_id:
            return there
        break
    return read(create(new_key())[0])

"""The operations of one kind of records, which a contract has for every kind alike."""

from __future__ import annotations

from typing import Final

from crossdock.connectors.operations import Method, Operation
from crossdock.connectors.sdata.sheets import Uses

READS: Final = ("list",)
"""What is done with records that are only looked up."""
ALL: Final = ("list", "read", "create", "change", "delete")
"""What is done with records that are worked with."""
_METHODS: Final[dict[str, Method]] = {
    "list": "GET", "read": "GET", "create": "POST", "change": "PUT", "delete": "DELETE",
}  # fmt: skip
# A change is one of fields as they should be, so that the same again comes to the same.
_REPEATABLE: Final = frozenset({"list", "read", "delete"})


class Kinds:
    """Names the operations of a contract.

    Args:
        base: the path of the contract.

    Attributes:
        used: the operationIds that the connector uses.
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._used: set[str] = set()

    @property
    def used(self) -> frozenset[str]:
        """Give the operationIds that were named as used."""
        return frozenset(self._used)

    def describes(self, operation_id: str, path: str) -> Operation:
        """Name the operation that tells what a kind, named `resource` in the path, is made of."""
        self._used.add(operation_id)
        return Operation(operation_id, "GET", f"{self._base}{path}", repeatable=True)

    def uses(self, kind: str, one: str, many: str = "", *, does: tuple[str, ...] = ALL) -> Uses:
        """Name the operations of one kind.

        Args:
            kind: as addresses have it.
            one: as operationIds have one of it.
            many: as they have many of it; `one` and an s unless given.
            does: what the connector does with it.
        """
        ids = {
            "list": f"list{many or one + 's'}",
            "read": f"read{one}",
            "create": f"create{one}",
            "change": f"update{one}",
            "delete": f"delete{one}",
        }
        self._used |= {ids[each] for each in does}
        feed = f"{self._base}/{kind}"
        entry = f"{feed}('{{key}}')"

        def operation(what: str) -> Operation:
            path = feed if what in ("list", "create") else entry
            return Operation(ids[what], _METHODS[what], path, repeatable=what in _REPEATABLE)

        return Uses(**{each: operation(each) for each in ALL})

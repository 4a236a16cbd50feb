"""What a CRM that speaks SData must have before it can be worked with: fields of ours.

SData tells what an entity is made of and makes no field: an administrator adds them in the CRM's
own tools. So this names what is missing and makes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from attrs import frozen

from crossdock.connectors.operations import Operation
from crossdock.connectors.provisioning import Lacking
from crossdock.connectors.reading import Row
from crossdock.connectors.sdata.contract import Contract
from crossdock.connectors.sdata.sheets import Form
from crossdock.errors import NotFound

_DAYS: Final = frozenset({"contract_starts_on", "priced_at", "promised_on", "requested_on"})
_LONG: Final = frozenset({"guard_reasons", "hold_reason"})
_NUMBERS: Final = frozenset(
    {
        "back_ordered", "cancelled", "discount", "gross", "invoiced", "list_price", "net",
        "probability_override", "quote_line", "reserved", "returned", "shipped", "tax",
        "tax_rate", "unit_price",
    }
)  # fmt: skip


@frozen(kw_only=True)
class Described:
    """How a CRM tells what an entity is made of.

    Attributes:
        operation: what tells it, of the entity `resource`.
        names: takes the names of fields out of its answer.
        ours: whether a field is one of ours, by its name.
        whose: who adds fields, and where.
    """

    operation: Operation
    names: Callable[[Row], Iterable[str]]
    ours: Callable[[str], bool]
    whose: str


class Provisioning:
    """Finds the fields of ours that a CRM lacks.

    Args:
        contract: of the CRM.
        described: how it tells what there is.
        forms: of everything that it is used for; one may be named more than once.
    """

    def __init__(self, contract: Contract, described: Described, forms: Iterable[Form]) -> None:
        self._contract = contract
        self._described = described
        self._forms = {form.kind: form for form in forms if form.mark or form.data}

    def lacking(self) -> tuple[Lacking, ...]:
        """Name what is missing; nothing is changed. Case does not tell names apart."""
        found: list[Lacking] = []
        for kind, form in self._forms.items():
            there = self._there(kind)
            for name, words in _wanted(form, self._described.ours):
                if name.casefold() not in there:
                    problem = f"has to be added {self._described.whose}: {words}"
                    found.append(Lacking(name=f"{kind}.{name}", problem=problem, makeable=False))
        return tuple(found)

    def provision(self) -> tuple[str, ...]:
        """Make nothing: fields are added by the CRM's administrators."""
        return ()

    def _there(self, kind: str) -> frozenset[str]:
        """Read the names of an entity's fields; one that is not there has none."""
        try:
            told = self._contract.describe(self._described.operation, kind)
        except NotFound:
            return frozenset()
        names = self._contract.remote.understood(
            self._described.operation, lambda: list(self._described.names(told))
        )
        return frozenset(name.casefold() for name in names)


def _wanted(form: Form, ours: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Give the fields of ours of an entity, each with what it has to be."""
    yield form.mark, "text of 255 characters"
    yield form.data, "multiline text"
    for word, name in sorted(form.fields.items(), key=lambda pair: pair[1]):
        if ours(name):
            yield name, _words(word)


def _words(word: str) -> str:
    if word in _DAYS:
        return "date and time"
    if word in _NUMBERS:
        return "number"
    return "multiline text" if word in _LONG else "text"

"""Who owns which field of which record: the written policy of account synchronisation (E2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

from attrs import evolve, field, frozen

Owner: TypeAlias = Literal["crm", "erp", "newest", "ask"]
Form: TypeAlias = Literal[
    "text", "exact", "upper", "lower", "title", "email", "phone", "website", "country", "currency",
    "tax_number", "amount",
]  # fmt: skip
Cut: TypeAlias = Literal["refuse", "truncate"]
Others: TypeAlias = Literal["overwrite", "ask"]
InCrm: TypeAlias = Literal["refuse", "route"]
EnteredIn: TypeAlias = Literal["both", "crm", "erp", "none"]
Deletion: TypeAlias = Literal["keep", "inactivate", "ask"]
Merge: TypeAlias = Literal["follow", "ask"]
Inactivation: TypeAlias = Literal["both", "crm", "erp", "ask", "keep"]

ACTIVE: Final = "active"
"""The field that holds whether a record is in use: `yes` or `no`."""
OWNERS: Final[tuple[Owner, ...]] = get_args(Owner)


@frozen(kw_only=True)
class Limit:
    """What one system takes in a field.

    Attributes:
        longest: characters; `None` for no limit.
        cut: what becomes of a longer value: it is refused, or truncated with a note.
    """

    longest: int | None = None
    cut: Cut = "refuse"

    def within(self, longest: int | None) -> Limit:
        """Give the same within what the system itself takes; `None` where that is not known."""
        if longest is None or (self.longest is not None and self.longest <= longest):
            return self
        return evolve(self, longest=longest)


@frozen(kw_only=True)
class FieldPolicy:
    """What holds for one field.

    Attributes:
        name: of the field; those of an account's address are dotted (`address.city`).
        owner: whose value counts. `newest` takes the later change where both changed, `ask` a
            person; a change on one side alone is carried over in both.
        form: how values are written to the other side and compared (`phone`: E.164).
        others: what becomes of a change made where the field is not owned: the owner's value is
            written over it, or a person is asked.
        in_crm: whether the CRM refuses a change of a field that the ERP owns, or routes it: it is
            saved, and a person decides whether it goes to the ERP or is undone.
        may_change: the roles that may change it in the CRM; empty for every role.
        decides: the roles that decide its conflicts; empty for those with the right `sync:write`.
        crm: what the CRM takes.
        erp: what the ERP takes.
    """

    name: str
    owner: Owner
    form: Form = "text"
    others: Others = "overwrite"
    in_crm: InCrm = "refuse"
    may_change: tuple[str, ...] = ()
    decides: tuple[str, ...] = ()
    crm: Limit = Limit()
    erp: Limit = Limit()


@frozen(kw_only=True)
class EntityPolicy:
    """What holds for one kind of record.

    Attributes:
        entity: account, contact, item, price_list or price.
        fields: by name, in the order of the file; an account's hold its address too.
        entered_in: where a new one may be entered, to be created in the other system.
        kinds: of accounts that are created in the ERP; the others wait until they become one.
        deleted_in_crm: what becomes of the ERP's record when the CRM's is gone.
        deleted_in_erp: what becomes of the CRM's record when the ERP's is gone.
        merged: whether links follow a merge, or a person is asked.
        inactivated: where inactivating one counts for the other side too.
        clock_tolerance_seconds: instants of two systems that are closer say nothing about which
            is newer.
    """

    entity: str
    fields: Mapping[str, FieldPolicy] = field(factory=dict)
    entered_in: EnteredIn = "both"
    kinds: tuple[str, ...] = ("customer",)
    deleted_in_crm: Deletion = "keep"
    deleted_in_erp: Deletion = "ask"
    merged: Merge = "follow"
    inactivated: Inactivation = "ask"
    clock_tolerance_seconds: float = 60.0


@frozen(kw_only=True)
class OwnershipPolicy:
    """The whole policy.

    Attributes:
        entities: what holds for each kind of record that is synchronised.
        source: where it was read from, for people.
        document: as it was written, plain.
    """

    entities: Mapping[str, EntityPolicy]
    source: str = ""
    document: Mapping[str, object] = field(factory=dict, repr=False, eq=False)

    def of(self, entity: str) -> EntityPolicy | None:
        """Give what holds for a kind of record; `None` where it is not synchronised."""
        return self.entities.get(entity)

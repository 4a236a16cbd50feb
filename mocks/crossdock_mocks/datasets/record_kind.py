"""What a record kind of a data set is: a file, its columns, and what its rows must keep."""

from __future__ import annotations

from attrs import frozen

from crossdock_mocks.datasets.columns import Column


@frozen(kw_only=True)
class RecordKind:
    """One file of the folder.

    Attributes:
        name: the file's name without ``.csv``.
        side: erp or crm: which system owns it.
        columns: in the order in which they are written.
        key: the columns that are unique together; empty if rows have no key.
        required: the file must be there.
        head: for lines: the record kind that they belong to; its id is the first key column.
        lines_required: for heads: each must have at least one line.
        exactly_one_of: columns of which each row fills exactly one (a boolean counts if true).
        at_least_one_of: columns of which each row fills one or more.
        note: what one row is.
    """

    name: str
    side: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("id",)
    required: bool = False
    head: str | None = None
    lines_required: bool = False
    exactly_one_of: tuple[str, ...] = ()
    at_least_one_of: tuple[str, ...] = ()
    note: str

    @property
    def file(self) -> str:
        """The file's name in the folder."""
        return f"{self.name}.csv"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

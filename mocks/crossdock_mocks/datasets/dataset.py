"""A data set: what it says about itself, and the rows of each record kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from attrs import frozen

from crossdock_mocks.datasets.check import problems
from crossdock_mocks.datasets.columns import Value
from crossdock_mocks.datasets.form import FORM
from crossdock_mocks.datasets.header import Header, Rule
from crossdock_mocks.datasets.tables import FolderTables, MemoryTables, Tables, write_table

__all__ = ["DataSet"]


@frozen
class DataSet:
    """A company's records, from which worlds are seeded.

    ``rows("customers")`` gives plain dicts with every column of the form, typed: ``str``,
    ``Decimal``, ``date``, aware UTC ``datetime``, ``int``, ``bool``, or ``None`` where blank.
    A loaded data set streams its rows from the folder, which must stay as it is.
    """

    header: Header
    _tables: Tables

    @classmethod
    def load(cls, folder: Path | str, *, check: bool = True) -> DataSet:
        """The data set of a folder.

        Args:
            folder: where dataset.toml and the CSV files are.
            check: read every row and reference first; switch it off only for a folder that
                was checked before and has not changed.

        Raises:
            DataSetError: the first thing that is wrong, with file, line, column and advice.
        """
        path = Path(folder)
        header, counts = Header.read(path)
        if check:
            for problem in problems(path):
                raise problem
        return cls(header, FolderTables(path, counts))

    @classmethod
    def of(cls, header: Header, tables: Mapping[str, Sequence[Mapping[str, Value]]]) -> DataSet:
        """A data set of rows in memory, by record kind.

        Raises:
            KeyError: the form has no such record kind.
            ValueError: a row has a column that its kind has not.
        """
        return cls(header, MemoryTables(tables))

    def save(self, folder: Path | str) -> None:
        """Write dataset.toml and a CSV file per record kind that has rows.

        Required files are written even if they have none. The same data set gives the same bytes.
        """
        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
        counts = {
            kind.file: write_table(path, kind, self._tables.rows(kind))
            for kind in FORM.values()
            if kind.required or self.count(kind.name)
        }
        self.header.write(path, counts)

    def rows(self, kind: str) -> Iterator[dict[str, Value]]:
        """The rows of a record kind, each complete; none where the data set has no such file.

        Raises:
            KeyError: the form has no such record kind.
        """
        names = FORM[kind].column_names
        for values in self._tables.rows(FORM[kind]):
            yield dict(zip(names, values, strict=True))

    def count(self, kind: str) -> int:
        """The number of rows of a record kind.

        Raises:
            KeyError: the form has no such record kind.
        """
        return self._tables.count(FORM[kind])

    @property
    def name(self) -> str:
        """The data set's own name."""
        return self.header.name

    @property
    def company(self) -> str:
        """The company that sells."""
        return self.header.company

    @property
    def currency(self) -> str:
        """ISO 4217 code of the company's books."""
        return self.header.currency

    @property
    def country(self) -> str:
        """ISO 3166 code of the company's country, or blank."""
        return self.header.country

    @property
    def as_of(self) -> date:
        """The day on which the data stand."""
        return self.header.as_of

    @property
    def rounding(self) -> str:
        """``line`` or ``document``."""
        return self.header.rounding

    @property
    def prices_include_tax(self) -> bool:
        """Whether unit prices include tax."""
        return self.header.prices_include_tax

    @property
    def rules(self) -> tuple[Rule, ...]:
        """How missing things were filled in."""
        return self.header.rules

    @property
    def story(self) -> Mapping[str, str]:
        """What a demonstration plays, by name."""
        return self.header.story

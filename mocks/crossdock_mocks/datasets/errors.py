"""What can be wrong with a data set folder, each with where it is and what to do.

DataSetError
 +- FolderError            no such folder, or not a data set
 +- HeaderError            dataset.toml is malformed or says something impossible
 +- MissingFileError       a file that is required, or that [files] names, is not there
 +- UnknownFileError       a CSV file that is no record kind of the form
 +- RowCountError          a file has another number of rows than dataset.toml says
 +- UnknownColumnError     a column that the form does not know
 +- MissingColumnError     a required column is not there
 +- RowShapeError          a row has more or fewer fields than the header row
 +- BadValueError          a value is not what its column holds
 +- DuplicateKeyError      two rows have the same key
 +- DanglingReferenceError a value names a record that is not there
 +- MissingLinesError      a document without lines
"""

from __future__ import annotations

from crossdock.errors import SetupError

__all__ = [
    "BadValueError",
    "DanglingReferenceError",
    "DataSetError",
    "DuplicateKeyError",
    "FolderError",
    "HeaderError",
    "MissingColumnError",
    "MissingFileError",
    "MissingLinesError",
    "RowCountError",
    "RowShapeError",
    "UnknownColumnError",
    "UnknownFileError",
]


class DataSetError(SetupError):
    """A data set folder cannot be used as it is.

    Attributes:
        problem: what is wrong, in one sentence.
        advice: what to do about it, in one sentence.
        file: the file it was found in, relative to the folder, where there is one.
        line: the line in that file, counted from 1, the header row included.
        column: the column's name.
        value: the text that was found.
        expected: what should stand there.
    """

    def __init__(
        self,
        problem: str,
        *,
        advice: str,
        file: str | None = None,
        line: int | None = None,
        column: str | None = None,
        value: str | None = None,
        expected: str | None = None,
    ) -> None:
        self.problem = problem
        self.advice = advice
        self.file = file
        self.line = line
        self.column = column
        self.value = value
        self.expected = expected
        super().__init__(problem)

    @property
    def place(self) -> str:
        """Where it is: ``orders.csv, line 12, column status``; empty if nowhere in particular."""
        parts = [self.file] if self.file else []
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        return ", ".join(parts)

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return f"{place}{self.problem} {self.advice}".strip()


class FolderError(DataSetError):
    """The folder is not there, or holds no data set."""


class HeaderError(DataSetError):
    """dataset.toml cannot be read, or says something that cannot be."""


class MissingFileError(DataSetError):
    """A file that must be there is not."""


class UnknownFileError(DataSetError):
    """A CSV file that is none of the form's record kinds."""


class RowCountError(DataSetError):
    """A file has another number of rows than dataset.toml says: it was cut off, or edited."""


class UnknownColumnError(DataSetError):
    """A column that the form does not know."""


class MissingColumnError(DataSetError):
    """A column that the form requires is not in the file."""


class RowShapeError(DataSetError):
    """A row has more or fewer fields than the header row."""


class BadValueError(DataSetError):
    """A value is not what its column holds."""


class DuplicateKeyError(DataSetError):
    """Two rows of one file have the same key."""


class DanglingReferenceError(DataSetError):
    """A value names a record that is not in the data set."""


class MissingLinesError(DataSetError):
    """A document has no lines."""

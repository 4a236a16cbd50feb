"""What can be wrong with an import.

DataSetError
 +- MapError           the mapping file is malformed, or names what is not there
 +- SourceError        a source file is not there or cannot be read as declared
 +- TargetFolderError  the folder to write is not empty
"""

from __future__ import annotations

from crossdock_mocks.datasets.errors import DataSetError

__all__ = ["MapError", "SourceError", "TargetFolderError", "UnreadableRowError"]


class MapError(DataSetError):
    """The mapping file is malformed, or names what is not there."""

    def __init__(self, file: str, path: str, problem: str) -> None:
        super().__init__(
            f"{path}: {problem}" if path else problem,
            advice="Correct the mapping file (see specs/data-map.schema.json).",
            file=file,
        )
        self.path = path


class SourceError(DataSetError):
    """A source file is not there, or cannot be read as the map declares it."""


class TargetFolderError(DataSetError):
    """The folder to write is not empty."""


class UnreadableRowError(Exception):
    """A row of a source cannot become what a target wants of it; it is reported, not lost."""

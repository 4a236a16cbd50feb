"""The import of anybody's CSV files into a data set folder, by a mapping file."""

from crossdock_mocks.datasets.importing.errors import MapError, SourceError
from crossdock_mocks.datasets.importing.mapfile import Map
from crossdock_mocks.datasets.importing.report import ImportReport
from crossdock_mocks.datasets.importing.run import import_data

__all__ = ["ImportReport", "Map", "MapError", "SourceError", "import_data"]

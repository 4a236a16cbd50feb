"""Accounts and customers with planted duplicates, to try on what finds them."""

from crossdock_mocks.datasets.duplicates.corruptions import CORRUPTIONS, Entry
from crossdock_mocks.datasets.duplicates.folder import as_data_set, write_truth
from crossdock_mocks.datasets.duplicates.planted import Planted, plant

__all__ = ["CORRUPTIONS", "Entry", "Planted", "as_data_set", "plant", "write_truth"]

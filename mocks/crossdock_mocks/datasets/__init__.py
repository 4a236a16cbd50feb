"""Data sets: the folder form, loading and saving it, generated ones, and the import of others."""

from crossdock_mocks.datasets.dataset import DataSet
from crossdock_mocks.datasets.errors import DataSetError
from crossdock_mocks.datasets.form import FORM
from crossdock_mocks.datasets.generator import generate
from crossdock_mocks.datasets.header import Header, Rule

__all__ = ["FORM", "DataSet", "DataSetError", "Header", "Rule", "generate"]

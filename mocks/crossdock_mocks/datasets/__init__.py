"""Data sets: the folder form, loading and saving it, generated ones, and the import of others."""

from typing import TYPE_CHECKING, Any

from crossdock_mocks.datasets.dataset import DataSet
from crossdock_mocks.datasets.errors import DataSetError
from crossdock_mocks.datasets.form import FORM
from crossdock_mocks.datasets.header import Header, Rule

if TYPE_CHECKING:
    from crossdock_mocks.datasets.generator import generate

__all__ = ["FORM", "DataSet", "DataSetError", "Header", "Rule", "generate"]


def __getattr__(name: str) -> Any:
    # A mock that is started on a folder generates nothing, and is ready sooner without this.
    if name == "generate":
        from crossdock_mocks.datasets.generator import generate

        return generate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

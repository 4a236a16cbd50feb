"""SData: feeds, queries and entries of any contract that is described as data (Sage, SData 2.0)."""

from crossdock_mocks.sdata.contract import Contract, Rules, Service
from crossdock_mocks.sdata.diagnoses import refused
from crossdock_mocks.sdata.dialect import dialect
from crossdock_mocks.sdata.filling import Filling
from crossdock_mocks.sdata.model import (
    KEY,
    NO_STAMPS,
    UPDATED,
    Collection,
    Field,
    Reference,
    Resource,
    Stamps,
)

__all__ = [
    "KEY",
    "NO_STAMPS",
    "UPDATED",
    "Collection",
    "Contract",
    "Field",
    "Filling",
    "Reference",
    "Resource",
    "Rules",
    "Service",
    "Stamps",
    "dialect",
    "refused",
]

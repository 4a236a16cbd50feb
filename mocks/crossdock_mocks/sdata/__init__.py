"""SData: feeds, queries and entries of any contract that is described as data (Sage, SData 2.0)."""

from crossdock_mocks.sdata.contract import Contract, Rules, Service
from crossdock_mocks.sdata.diagnoses import Diagnosis, Refused, refused
from crossdock_mocks.sdata.dialect import dialect
from crossdock_mocks.sdata.filling import Filling
from crossdock_mocks.sdata.model import (
    KEY,
    NO_STAMPS,
    UPDATED,
    Collection,
    Field,
    Property,
    Reference,
    Resource,
    Row,
    Stamps,
)
from crossdock_mocks.sdata.records import Records

__all__ = [
    "KEY",
    "NO_STAMPS",
    "UPDATED",
    "Collection",
    "Contract",
    "Diagnosis",
    "Field",
    "Filling",
    "Property",
    "Records",
    "Reference",
    "Refused",
    "Resource",
    "Row",
    "Rules",
    "Service",
    "Stamps",
    "dialect",
    "refused",
]

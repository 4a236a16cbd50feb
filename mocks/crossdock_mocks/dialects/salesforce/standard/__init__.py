"""The standard objects that this mock knows, each with the fields that it keeps."""

from typing import Final

from crossdock_mocks.dialects.salesforce.model import ObjectType
from crossdock_mocks.dialects.salesforce.standard.catalogue import CATALOGUE
from crossdock_mocks.dialects.salesforce.standard.companies import COMPANIES
from crossdock_mocks.dialects.salesforce.standard.people import PEOPLE
from crossdock_mocks.dialects.salesforce.standard.sales import SALES
from crossdock_mocks.dialects.salesforce.standard.service import SERVICE

OBJECTS: Final[tuple[ObjectType, ...]] = (*PEOPLE, *COMPANIES, *CATALOGUE, *SALES, *SERVICE)

__all__ = ["OBJECTS"]

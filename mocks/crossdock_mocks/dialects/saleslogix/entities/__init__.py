"""The kinds of resources of SalesLogix, by what they are about.

Names of resources and properties are those that Infor's own mobile client asks for (its models and
its integration with back offices); lengths, ids and what is required are assumed.
"""

from crossdock_mocks.dialects.saleslogix.entities.back_office import BACK_OFFICE
from crossdock_mocks.dialects.saleslogix.entities.catalogue import CATALOGUE
from crossdock_mocks.dialects.saleslogix.entities.documents import DOCUMENTS
from crossdock_mocks.dialects.saleslogix.entities.parties import PARTIES
from crossdock_mocks.dialects.saleslogix.entities.people import PEOPLE
from crossdock_mocks.dialects.saleslogix.entities.selling import SELLING
from crossdock_mocks.dialects.saleslogix.entities.work import WORK

RESOURCES = (*PARTIES, *SELLING, *DOCUMENTS, *WORK, *CATALOGUE, *PEOPLE, *BACK_OFFICE)

__all__ = ["RESOURCES"]

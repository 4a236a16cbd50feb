"""The dynamic contract of SalesLogix, as data."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.saleslogix.entities import RESOURCES
from crossdock_mocks.dialects.saleslogix.keys import make_key
from crossdock_mocks.dialects.saleslogix.rules import RULES
from crossdock_mocks.dialects.saleslogix.services import SERVICES
from crossdock_mocks.sdata import Contract

CONTRACT: Final = Contract(
    name="saleslogix",
    title="SalesLogix",
    description="The part of SalesLogix (sold as Infor CRM) that the mock answers for: its dynamic "
    "SData contract with the Back Office Extension, in our own words. Written from what npm's "
    "sdata-client sends and what Infor's own mobile client asks for; the protocol is that of "
    "Sage's specification of SData 2.0. The Crossdock... fields are those that an administrator "
    "adds for Crossdock. 401 comes from the web server, before SData.",
    application="slx",
    contract="dynamic",
    namespace="http://schemas.sage.com/dynamic/2007",
    resources=RESOURCES,
    make_key=make_key,
    services=SERVICES,
    rules=RULES,
    any_path=True,
)

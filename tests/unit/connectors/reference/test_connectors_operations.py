"""Each operation that a connector uses stands in the remote document as it is used."""

import pytest

from crossdock.connectors import crm, erp
from crossdock.connectors.crm import operations as crm_operations
from crossdock.connectors.erp import operations as erp_operations
from crossdock.connectors.operations import Operation

MODULES = [(crm_operations, "crm_document"), (erp_operations, "erp_document")]


def declared(module):
    return [each for each in vars(module).values() if isinstance(each, Operation)]


@pytest.mark.parametrize(("module", "document"), MODULES)
def test_each_used_operation_stands_in_the_document(module, document, request):
    known = request.getfixturevalue(document).operations
    for operation in declared(module):
        method, path, _ = known[operation.id]
        assert (operation.method, operation.path) == (method, path)


@pytest.mark.parametrize(("module", "document"), MODULES)
def test_only_what_reads_or_has_a_key_is_repeatable(module, document):
    writes = {each.id for each in declared(module) if each.method != "GET" and each.repeatable}
    assert writes <= {
        "issueToken",
        "orderQuote",
        "changeOrder",
        "addTimelineEntry",
        "createActivity",
        "createOrder",
        "simulatePrices",
        # One price for each item and quantity: the same again changes nothing.
        "setPrice",
        "setListPrice",
    }
    assert all(each.repeatable for each in declared(module) if each.method == "GET")


def test_a_connector_declares_what_it_uses():
    assert crm.CrmConnector.used_operations == {each.id for each in declared(crm_operations)}
    assert erp.ErpConnector.used_operations == {each.id for each in declared(erp_operations)}
    assert crm.CrmConnector.document == "crm.openapi.yaml"
    assert erp.ErpConnector.document == "erp.openapi.yaml"

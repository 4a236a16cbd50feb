"""What SalesLogix does with records beyond keeping them, by kind of resource."""

from crossdock_mocks.dialects.saleslogix.rules import documents, parties, selling, work

RULES = {**parties.RULES, **selling.RULES, **documents.RULES, **work.RULES}

__all__ = ["RULES"]

"""Deterministic sample data: a generated trading company."""

from crossdock_mocks.datasets.generator.company import DEFAULT_AS_OF, generate

__all__ = ["DEFAULT_AS_OF", "generate"]

"""A page to look into a mock: state, journal, faults and clock."""

from crossdock_mocks.engine.inspector.pages import inspect

__all__ = ["inspect"]

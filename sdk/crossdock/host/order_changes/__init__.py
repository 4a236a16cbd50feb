"""Changes of orders that were placed already: asked for, carried out once, answered (D3)."""

from crossdock.host.order_changes.order_changes import OrderChanges

__all__ = ["OrderChanges"]

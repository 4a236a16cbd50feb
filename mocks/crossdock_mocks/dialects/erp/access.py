"""Who may call: API keys, each with the name under which its holder works in the ERP."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.engine import Call

API_KEYS: Final = {
    "erp-demo-key": "integration",
    "erp-warehouse-key": "warehouse",
    "erp-bookkeeper-key": "bookkeeper",
    "erp-sales-key": "sales desk",
}
"""Keys of the mock ERP. They open nothing else, so they are no secret."""


def authenticate(call: Call) -> str | None:
    """The name behind the key that came, or None if it is not known."""
    return API_KEYS.get(call.credentials["apiKey"])

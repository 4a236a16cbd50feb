"""What a QuickBooks connector is told of the company."""

from __future__ import annotations

from typing import Final, cast

from attrs import frozen

from crossdock.connectors.quickbooks.customers import NUMBER_FIELDS, NumberField, Numbering
from crossdock.connectors.quickbooks.orders import Placed
from crossdock.connectors.settings import Settings
from crossdock.errors import ConfigError

KNOWN: Final = ("realm", "orders", "customer_number")


@frozen(kw_only=True)
class Options:
    """The settings besides address and credentials.

    Attributes:
        realm: the company's id.
        orders: what an order becomes.
        numbering: where a customer's number is.
    """

    realm: str
    orders: Placed
    numbering: Numbering

    @classmethod
    def of(cls, settings: Settings) -> Options:
        """Read them.

        Raises:
            ConfigError: one is missing or wrong.
        """
        orders = _one_of(settings, "orders", ("estimate", "invoice"), "estimate")
        field = _one_of(settings, "customer_number", NUMBER_FIELDS, "DisplayName")
        return cls(
            realm=settings.text("realm"),
            orders=cast(Placed, orders),
            numbering=Numbering(cast(NumberField, field)),
        )


def _one_of(settings: Settings, key: str, allowed: tuple[str, ...], default: str) -> str:
    value = settings.text(key) if settings.has(key) else default
    if value not in allowed:
        raise ConfigError(
            f"{key!r} under {settings.where} must be one of {', '.join(allowed)}, not {value!r}"
        )
    return value

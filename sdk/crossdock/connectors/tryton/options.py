"""What a Tryton connector is told of the company, besides address and credentials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import frozen

from crossdock.connectors.settings import Settings
from crossdock.connectors.tryton.database import Database

KNOWN: Final = ("customer_category", "accept_warnings")


@frozen(kw_only=True)
class Options:
    """The settings.

    Attributes:
        category: the name of the party category that customers are in; empty, where every party
            with a code may be one.
        warnings: the names of warnings that are answered with yes, such as `credit_limit_amount`.
    """

    category: str
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings) -> Options:
        """Read them; raises `ConfigError` where one is wrong."""
        return cls(
            category=(
                settings.text("customer_category") if settings.has("customer_category") else ""
            ),
            warnings=settings.list_of_texts("accept_warnings"),
        )

    def customers(self, database: Database) -> Callable[[], list[Any]]:
        """Give what asks for the condition that customers fulfil."""

        def condition() -> list[Any]:
            if self.category:
                return [("categories.name", "=", self.category)]
            return [("code", "!=", None), ("id", "!=", database.company.party_id)]

        return condition

"""Shorter ways to write properties."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from crossdock_mocks.sdata import Field, Reference, Stamps

STAMPS: Final = Stamps("CreateDate", "ModifyDate", "CreateUser", "ModifyUser")

KEPT: Final = (
    Field("CreateDate", "datetime", read_only=True, precedence=2),
    Field("CreateUser", length=12, read_only=True, precedence=2),
    Field("ModifyDate", "datetime", read_only=True, precedence=2),
    Field("ModifyUser", length=12, read_only=True, precedence=2),
)
"""What the server notes of each record."""


def text(name: str, length: int = 64, **more: Any) -> Field:
    """A text of one line."""
    return Field(name, length=length, **more)


def memo(name: str, **more: Any) -> Field:
    """A long text."""
    return Field(name, precedence=3, **more)


def money(name: str, **more: Any) -> Field:
    """An amount."""
    return Field(name, "decimal", **more)


def number(name: str, scale: int = 4, **more: Any) -> Field:
    """A number with a fraction."""
    return Field(name, "decimal", scale=scale, **more)


def integer(name: str, **more: Any) -> Field:
    """A whole number."""
    return Field(name, "integer", **more)


def flag(name: str, default: bool | None = False, **more: Any) -> Field:
    """Yes or no."""
    return Field(name, "boolean", default=default, **more)


def day(name: str, **more: Any) -> Field:
    """A day or an instant."""
    return Field(name, "datetime", **more)


def picklist(name: str, values: Iterable[str], **more: Any) -> Field:
    """One of several values."""
    return Field(name, length=64, values=tuple(values), **more)


def account(*, required: bool = True) -> Reference:
    """The account that something belongs to."""
    return Reference("Account", "accounts", required=required)


OURS: Final = (
    text("CrossdockKey", 255, indexed=True, precedence=4),
    Field("CrossdockData", precedence=4),
    Field("CrossdockNote", precedence=4),
)
"""Fields that an administrator adds for Crossdock: no part of SalesLogix itself."""

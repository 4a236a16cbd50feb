"""Where links lead: a host's own function says it, and only harmless addresses are taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from crossdock.render.characters import legible

Href: TypeAlias = Callable[[str, Mapping[str, str]], str | None]
"""Turns a link's target and an action's parameters into an address; `None` for "no such page"."""

# Browsers drop tabs and line feeds from an address and take a backslash for a slash (WHATWG URL).
_treacherous: Final = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


def no_links(target: str, params: Mapping[str, str]) -> str | None:  # noqa: ARG001 - an Href
    """Lead nowhere: links are shown as plain text, and actions are left out."""
    return None


def safe_address(address: str | None, *, plain_http: bool = False) -> str | None:
    """Give an address that may stand in a link, or `None`.

    That is one with `https`, one with `http` on this very machine, or one within the same site;
    never a `javascript:`, a `data:`, or a `//host` that only looks like a path.

    Args:
        address: what the host's function gave.
        plain_http: whether `http` is taken for other machines too.
    """
    if not address or _treacherous.search(address) or address.startswith("//"):
        return None
    if legible(address) != address:  # half a character, or one that shows another host
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:  # such as a broken IPv6 address
        return None
    match parts.scheme:
        case "":
            return address
        case "https" if host:
            return address
        case "http" if host and (plain_http or _is_loopback(host)):
            return address
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

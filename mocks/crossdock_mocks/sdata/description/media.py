"""What all parts of a document share: media types, and references."""

from __future__ import annotations

from typing import Final

ATOM: Final = "application/atom+xml"
JSON: Final = "application/json"
XML: Final = "application/xml"


def ref(kind: str, name: str) -> dict[str, str]:
    """A reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}

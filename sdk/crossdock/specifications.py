"""Where the bundled documents are: OpenAPI documents and JSON Schemas."""

from __future__ import annotations

from pathlib import Path
from typing import Final

# In a wheel the documents travel inside the package; in a checkout they stand at the top level.
_CANDIDATES: Final = (
    Path(__file__).parent / "_specs",
    Path(__file__).parent.parent.parent / "specs",
)


def specification(name: str) -> Path:
    """Give the path of a bundled document.

    Args:
        name: its file name, such as `erp.openapi.yaml`.

    Raises:
        FileNotFoundError: there is no such document; the message lists those that there are.
    """
    for folder in _CANDIDATES:
        path = folder / name
        if path.is_file():
            return path
    known = sorted({path.name for folder in _CANDIDATES for path in folder.glob("*.*")})
    raise FileNotFoundError(f"there is no bundled document {name!r}; there are {', '.join(known)}")

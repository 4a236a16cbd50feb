"""What a plugin shows, as text that a person can read and a test can compare."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossdock import View
    from crossdock.host import RenderedTab

_UNSAFE = re.compile(r"[^\w.-]+")


def text_of(shown: View | RenderedTab, *, width: int = 100) -> str:
    """Write a view as `crossdock view` does in a terminal, without colours.

    Args:
        shown: a view, or a tab or card that was opened.
        width: columns of the terminal.
    """
    from crossdock.render.text import TextRenderer
    from crossdock.views import View as Shown

    view = shown if isinstance(shown, Shown) else shown.view
    return TextRenderer(width=width).view(view) + "\n"


def compare(shown: View | RenderedTab, folder: Path, name: str, *, update: bool = False) -> None:
    """Compare a view with the text in a file.

    Args:
        shown: what is compared.
        folder: where the files are.
        name: of the file, without `.txt`.
        update: write the file where it differs or is missing.

    Raises:
        AssertionError: it differs, with the lines that do, or there is no file.
    """
    file = folder / f"{_UNSAFE.sub('-', name).strip('-')}.txt"
    text = text_of(shown)
    known = file.read_text(encoding="utf-8") if file.exists() else None
    if known == text:
        return
    if update:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return
    if known is None:
        raise AssertionError(
            f"there is no {file} to compare with; look at the view, then write it with "
            f"--update-views:\n\n{text}"
        )
    lines = difflib.unified_diff(
        known.splitlines(), text.splitlines(), str(file), "now", lineterm=""
    )
    raise AssertionError(
        "the view is not what it was (write it anew with --update-views):\n" + "\n".join(lines)
    )

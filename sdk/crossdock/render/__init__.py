"""A view as HTML, JSON or plain text.

Each renderer is a module of its own, imported where it is used:

    from crossdock.render.html import render_html
    from crossdock.render.json import view_document
    from crossdock.render.text import render_text
"""

from pathlib import Path
from typing import Final

STYLESHEET: Final = Path(__file__).parent / "static" / "crossdock.css"
"""The stylesheet that the HTML is made for; it defines nothing but `--cd-` and `cd-` names."""

__all__ = ["STYLESHEET"]

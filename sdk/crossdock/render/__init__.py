"""A view as HTML, JSON, an Adaptive Card or plain text.

Each renderer is a module of its own:

    from crossdock.render.html import render_html
    from crossdock.render.json import view_document
    from crossdock.render.adaptive_card import render_adaptive_card
    from crossdock.render.card import card_document
    from crossdock.render.text import render_text

All of them take texts as texts: whatever a plugin or a remote system wrote, nothing of it is run.
"""

from pathlib import Path
from typing import Final

from crossdock.render.adaptive_card import render_adaptive_card
from crossdock.render.card import card_document

STYLESHEET: Final = Path(__file__).parent / "static" / "crossdock.css"
"""The stylesheet that the HTML is made for; it defines nothing but `--cd-` and `cd-` names."""

__all__ = ["STYLESHEET", "card_document", "render_adaptive_card"]

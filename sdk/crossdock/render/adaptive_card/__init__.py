"""A view as an Adaptive Card, for chats and screens that draw cards of their own (A13).

The card names the version of the schema that it uses. 1.5 has tables and is what Teams, Outlook and
Web Chat take; 1.3 and 1.4, for hosts that know no tables, put the same rows into column sets. Texts
hold no markup, addresses come from the host's own function, and a card that grows too large for a
chat is cut where it says so: rows first, then long texts, then the last components.
"""

from crossdock.render.adaptive_card.card import TEAMS_LIMIT, render_adaptive_card
from crossdock.render.adaptive_card.writer import Version

__all__ = ["TEAMS_LIMIT", "Version", "render_adaptive_card"]

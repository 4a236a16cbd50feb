"""When a quote may be published, and that a published one is not edited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from crossdock_mocks.dialects.hubspot.associations import links
from crossdock_mocks.dialects.hubspot.errors import invalid
from crossdock_mocks.dialects.hubspot.kinds import DEAL, LINE_ITEM, QUOTE, QUOTE_TEMPLATE
from crossdock_mocks.dialects.hubspot.portal import Portal

PUBLISHED: Final = ("APPROVAL_NOT_NEEDED", "APPROVED")
"""Values of `hs_status` with which the customer can see a quote."""


def check(
    portal: Portal,
    key: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
    changed: Iterable[str],
) -> None:
    """Refuse what cannot be done to a quote.

    It is published when it has a deal, lines and a template. Then HubSpot's own properties stay as
    they are until its status is set back; those that a portal added may change.

    Args:
        portal: The portal.
        key: Its id.
        before: Its properties as they were.
        after: Its properties as they would be.
        changed: Names of those that differ.

    Raises:
        Refusal: 400, it is locked, or not ready to be published.
    """
    was, is_now = before.get("hs_status") in PUBLISHED, after.get("hs_status") in PUBLISHED
    if was and is_now:
        fixed = sorted(
            name
            for name in changed
            if name != "hs_status"
            and (portal.definition(QUOTE, name) or {"hubspotDefined": False})["hubspotDefined"]
        )
        if fixed:
            raise invalid(
                "A published quote cannot be edited. Set hs_status to DRAFT first.",
                "QUOTE_LOCKED",
                properties=", ".join(fixed),
            )
    elif is_now:
        lacking = [
            kind.name.replace("_", " ")
            for kind in (DEAL, LINE_ITEM, QUOTE_TEMPLATE)
            if not links.count(portal, QUOTE, key, kind.type_id)
        ]
        if lacking:
            raise invalid(
                f"The quote cannot be published: it has no {' and no '.join(lacking)}.",
                "QUOTE_NOT_PUBLISHABLE",
                associations=", ".join(lacking),
            )

"""The portal of the mock, and the apps that are registered or installed in it.

These protect nothing: they are the published credentials of a mock.
"""

from __future__ import annotations

from typing import Final

import attrs

from crossdock_mocks.dialects.hubspot.kinds import STANDARD

PORTAL: Final = 48120001
"""The portal's id (`hubId`, `portalId`)."""

DOMAIN: Final = "crossdock.hubspot.test"
USER: Final = "admin@crossdock.test"
USER_ID: Final = 70001

_OBJECTS: Final = (*dict.fromkeys(each.scope for each in STANDARD), "custom")
READ_SCOPES: Final = (
    "oauth",
    *(f"crm.objects.{each}.read" for each in _OBJECTS),
    "crm.objects.owners.read",
    *(f"crm.schemas.{each}.read" for each in _OBJECTS),
)
WRITE_SCOPES: Final = (
    *(f"crm.objects.{each}.write" for each in _OBJECTS),
    *(f"crm.schemas.{each}.write" for each in _OBJECTS),
)
ALL_SCOPES: Final = frozenset((*READ_SCOPES, *WRITE_SCOPES, "tickets"))


@attrs.frozen
class App:
    """An app: one with OAuth and webhooks, or a private one with a token that never expires.

    Attributes:
        id: Its app id.
        name: Its name.
        client_id: Its OAuth client id; empty for a private app.
        secret: Its OAuth client secret, which webhooks are signed with too.
        redirects: Redirect URIs that were registered.
        token: The access token of a private app.
        scopes: What it may ask for, or what a private one was given.
    """

    id: int
    name: str
    scopes: frozenset[str]
    client_id: str = ""
    secret: str = attrs.field(default="", repr=False)
    redirects: tuple[str, ...] = ()
    token: str = attrs.field(default="", repr=False)


PUBLIC_APP: Final = App(
    id=3010001,
    name="Crossdock",
    scopes=ALL_SCOPES,
    client_id="3d0c0a51-0000-4000-8000-000000000001",
    secret="9f0c0a51-0000-4000-8000-00000000c0de",  # noqa: S106 - a mock's, published
    redirects=("http://127.0.0.1:8000/hubspot/callback", "http://localhost:3000/oauth-callback"),
)
PRIVATE_APP: Final = App(
    id=3010002,
    name="Crossdock (private)",
    scopes=ALL_SCOPES,
    token="pat-eu1-00000000-0000-4000-8000-000000000001",  # noqa: S106 - a mock's, published
)
READER: Final = App(
    id=3010003,
    name="Reader (private)",
    scopes=frozenset(READ_SCOPES),
    token="pat-eu1-00000000-0000-4000-8000-000000000002",  # noqa: S106 - a mock's, published
)
CONTACTS_ONLY: Final = App(
    id=3010004,
    name="Contacts only (private)",
    scopes=frozenset(("oauth", "crm.objects.contacts.read", "crm.objects.contacts.write")),
    token="pat-eu1-00000000-0000-4000-8000-000000000003",  # noqa: S106 - a mock's, published
)
APPS: Final = (PUBLIC_APP, PRIVATE_APP, READER, CONTACTS_ONLY)

REFRESH_TOKEN: Final = "eu1-crossdock-0000-4000-8000-refresh"  # noqa: S105 - a mock's, published
"""A refresh token of the public app, which every world begins with as installed."""

DEVELOPER_KEY: Final = "eu1-developer-0000-4000-8000-000000000001"
"""The developer API key (`hapikey`) that manages the webhooks of the apps."""

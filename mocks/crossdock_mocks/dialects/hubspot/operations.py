"""Operation id to behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crossdock_mocks.dialects.hubspot import oauth, objects, owners
from crossdock_mocks.engine import Behaviour

BEHAVIOURS: Final[Mapping[str, Behaviour]] = {
    "authorize": oauth.authorize,
    "issueToken": oauth.issue_token,
    "getAccessToken": oauth.describe_access_token,
    "getRefreshToken": oauth.describe_refresh_token,
    "archiveRefreshToken": oauth.delete_refresh_token,
    "getPrivateAppToken": oauth.describe_private_token,
    "listObjects": objects.list_objects,
    "getObject": objects.get_object,
    "createObject": objects.create_object,
    "updateObject": objects.update_object,
    "archiveObject": objects.archive_object,
    "mergeObjects": objects.merge_objects,
    "listOwners": owners.list_owners,
    "getOwner": owners.get_owner,
}

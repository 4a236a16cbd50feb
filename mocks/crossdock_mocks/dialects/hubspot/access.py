"""Who may call what: bearer tokens of OAuth and private apps, and the scopes that they carry."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

import attrs

from crossdock_mocks.dialects.hubspot.apps import APPS, DEVELOPER_KEY
from crossdock_mocks.dialects.hubspot.errors import NO_CREDENTIALS, Refusal
from crossdock_mocks.dialects.hubspot.instants import read_instant
from crossdock_mocks.dialects.hubspot.kinds import ENGAGEMENTS, TICKET, find_kind
from crossdock_mocks.engine import Call
from crossdock_mocks.engine.oauth2 import tokens

_PRIVATE: Final = {each.token: each for each in APPS if each.token}
_SCOPES_PAGE: Final = "https://developers.hubspot.com/scopes"


@attrs.frozen
class Principal:
    """Who calls.

    Attributes:
        app: Id of the app; 0 for the developer's key.
        user: The user who installed it.
        scopes: What it was granted.
        token: Digest of the token: rate limits go by it.
        private: Whether it is a private app.
    """

    app: int
    user: str
    scopes: frozenset[str]
    token: str
    private: bool = False


OBJECTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("listObjects", "getObject", "searchObjects", "batchReadObjects", "listAssociatedObjects",
         "listAssociations", "batchReadAssociations", "batchReadAssociationsV3"), "read"),
    **dict.fromkeys(
        ("createObject", "updateObject", "archiveObject", "mergeObjects", "batchCreateObjects",
         "batchUpdateObjects", "batchUpsertObjects", "batchArchiveObjects", "associateObjects",
         "dissociateObjects", "associateByDefault", "associateByLabels", "dissociateByLabels",
         "batchAssociateByDefault", "batchCreateAssociations", "batchArchiveAssociations",
         "batchArchiveAssociationLabels", "batchCreateAssociationsV3",
         "batchArchiveAssociationsV3"), "write"),
}  # fmt: skip
"""Operations on records, and whether they read or write them."""

SCHEMAS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("listProperties", "getProperty", "batchReadProperties", "listPropertyGroups",
         "getPropertyGroup", "listPipelines", "getPipeline", "listStages", "getStage",
         "listAssociationTypes", "listAssociationLabels", "getSchema"), "read"),
    **dict.fromkeys(
        ("createProperty", "updateProperty", "archiveProperty", "batchCreateProperties",
         "batchArchiveProperties", "createPropertyGroup", "updatePropertyGroup",
         "archivePropertyGroup", "createPipeline", "replacePipeline", "updatePipeline",
         "archivePipeline", "createStage", "replaceStage", "updateStage", "archiveStage",
         "createAssociationLabel", "updateAssociationLabel", "archiveAssociationLabel",
         "updateSchema", "archiveSchema", "createSchemaAssociation",
         "archiveSchemaAssociation"), "write"),
}  # fmt: skip
"""Operations on what a portal's kinds of record are made of."""

OTHERS: Final[Mapping[str, tuple[str, ...]]] = {
    "listOwners": ("crm.objects.owners.read",),
    "getOwner": ("crm.objects.owners.read",),
    "listSchemas": ("crm.schemas.custom.read",),
    "createSchema": ("crm.schemas.custom.write",),
    "getAccountDetails": ("oauth",),
}


def who(call: Call) -> Principal:
    """The app behind the credentials that came.

    Raises:
        Refusal: 401, the token is not known or has expired.
    """
    if "developer_key" in call.credentials:
        key = call.credentials["developer_key"]
        if not hmac.compare_digest(key.encode(), DEVELOPER_KEY.encode()):
            raise Refusal(401, "The API key provided is invalid.")
        return Principal(0, "", frozenset(), tokens.digest(key))
    (token,) = set(call.credentials.values())
    return _holder(call, token)


def check_scopes(call: Call, principal: Principal) -> None:
    """Refuse a call for which an app was granted no scope.

    Raises:
        Refusal: 403 that names the scopes of which one is needed.
    """
    needed = _needed(call)
    if needed and not principal.scopes.intersection(needed):
        raise _missing(needed)


def _holder(call: Call, token: str) -> Principal:
    digest = tokens.digest(token)
    private = _PRIVATE.get(token)
    if private is not None:
        return Principal(private.id, "", private.scopes, digest, private=True)
    row = call.world.table("oauth2_tokens").get(digest)
    if row is None or row["kind"] != "access" or row["revoked"]:
        raise Refusal(401, NO_CREDENTIALS)
    ended = call.now - read_instant(row["expires_at"])
    if ended.total_seconds() >= 0:
        message = (
            "The OAuth token used to make this call expired "
            f"{int(ended.total_seconds())} second(s) ago."
        )
        context = {"expire time": [row["expires_at"]]}
        raise Refusal(401, message, "EXPIRED_AUTHENTICATION", context=context)
    return Principal(row["app"], row["user"], frozenset(row["scopes"]), digest)


def _needed(call: Call) -> tuple[str, ...]:
    """Scopes of which one is enough; none for a kind of record that does not exist."""
    operation = call.operation_id
    if operation in OTHERS:
        return OTHERS[operation]
    verb = OBJECTS.get(operation) or SCHEMAS.get(operation)
    named = call.path.get("objectType") or call.path.get("fromObjectType")
    if verb is None or named is None:
        return ()
    kind = find_kind(call.world, str(named))
    if kind is None:
        return ()
    objects = f"crm.objects.{kind.scope}.{verb}"
    if operation in OBJECTS:
        # The scope that tickets had before there was one for reading and one for writing.
        return (objects, "tickets") if kind is TICKET else (objects,)
    schemas = f"crm.schemas.{kind.scope}.{verb}"
    # What records look like may be read by whoever may read the records.
    return (schemas, objects) if verb == "read" or kind in ENGAGEMENTS else (schemas,)


def _missing(needed: tuple[str, ...]) -> Refusal:
    return Refusal(
        403,
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {_SCOPES_PAGE}.",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": sorted(needed)},
            }
        ],
        links={"scopes": _SCOPES_PAGE},
    )

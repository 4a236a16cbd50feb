"""Logins: OAuth 2 in four grants, and the SOAP login; both give a session for the REST API.

Every user of the organization that is active may log in with the published password, which
protects nothing. Sessions end by the world's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from xml.sax.saxutils import escape

import orjson

from crossdock_mocks.dialects.salesforce.errors import Refused
from crossdock_mocks.engine import Call, Reply, World
from crossdock_mocks.engine.oauth2 import TABLES, AuthorizationServer, Client, User, tokens
from crossdock_mocks.engine.oauth2.server import JWT_BEARER

PASSWORD: Final = "crossdock-password"  # noqa: S105 - it protects nothing: it is a mock's
TOKEN: Final = "crossdock-token"  # noqa: S105 - appended to the password, as clients do
CLIENT: Final = "crossdock"
SECRET: Final = "crossdock-secret"  # noqa: S105
INTEGRATION: Final = "integration@crossdock.example"
LOGIN_TABLES: Final = (*TABLES,)
LIFETIME: Final = timedelta(hours=2)
HOST: Final = "crossdock.my.salesforce.com"

_AUDIENCES: Final = ("https://login.salesforce.com", "https://test.salesforce.com")
_KEY: Final = "crossdock-jwt-key"
# `Any`, because mypy takes the converter behind them for a generic one that nothing fits.
_SCOPES: Final[Any] = ("api", "id", "refresh_token", "web")
_GRANTS: Final[Any] = ("client_credentials", "password", "refresh_token", JWT_BEARER)
_MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "invalid_client": ("invalid_client_id", "client identifier invalid"),
    "unsupported_grant_type": ("unsupported_grant_type", "grant type not supported"),
}


def users(world: World) -> dict[str, dict[str, Any]]:
    """The active users of a world by user name."""
    return {row["Username"]: row for row in world.table("sf_User").find() if row["IsActive"]}


def issue_token(call: Call) -> Reply:
    """Exchange a grant for an access token."""
    form = dict(call.body or {})
    # The password may have the security token behind it, as clients send it.
    if str(form.get("password", "")) == PASSWORD + TOKEN:
        form["password"] = PASSWORD
    call.body = form
    reply = Reply(400, {})
    for audience in _AUDIENCES:
        reply = _server(call.world, audience).token(call)
        if reply.status == 200 or form.get("grant_type") != JWT_BEARER:
            break
    if reply.status != 200:
        return _no(reply, form)
    user = _user_of(call.world, reply.body["access_token"])
    at = str(int(call.now.timestamp() * 1000))
    body = {
        "access_token": reply.body["access_token"],
        "signature": tokens.digest(f"{identity_url(call, user)}{at}")[:44],
        "scope": reply.body["scope"],
        "instance_url": instance_url(call),
        "id": identity_url(call, user),
        "token_type": "Bearer",
        "issued_at": at,
    }
    if "refresh_token" in reply.body:
        body["refresh_token"] = reply.body["refresh_token"]
    return Reply(200, body, reply.headers)


def _server(world: World, audience: str = _AUDIENCES[0]) -> AuthorizationServer:
    client = Client(
        CLIENT, SECRET, scopes=_SCOPES, grants=_GRANTS, key=public_key(world)
    )  # fmt: skip
    return AuthorizationServer(
        [client], [User(name, PASSWORD) for name in users(world)], audience=audience,
        access=LIFETIME, refresh=None, instants_as_text=True, rotate=False,
    )  # fmt: skip


def public_key(world: World) -> str:
    """What JWTs are verified with: a shared secret, or the certificate that was registered."""
    row = world.table("sf_settings").get("jwt_key")
    return str(row["value"]) if row is not None else _KEY


def register_key(world: World, pem: str) -> None:
    """Register the public key (PEM) that the connected app's JWTs are signed for."""
    table = world.table("sf_settings")
    if table.get("jwt_key") is None:
        table.insert({"id": "jwt_key", "value": pem})
    else:
        table.update("jwt_key", value=pem)


def _no(reply: Reply, form: Mapping[str, Any]) -> Reply:
    error, told = reply.body["error"], reply.body["error_description"]
    if error == "invalid_grant" and form.get("grant_type") == "password":
        told = "authentication failure"
    error, told = _MESSAGES.get(error, (error, told))
    # Salesforce answers every refusal of a grant with 400.
    return Reply(400, {"error": error, "error_description": told})


def revoke(call: Call) -> Reply:
    """End a session or take back a refresh token; an unknown one is refused."""
    token = str((call.body or {}).get("token", "") or call.query.get("token", ""))
    row = call.world.table("oauth2_tokens").get(tokens.digest(token))
    if row is None:
        body = {"error": "unsupported_token_type", "error_description": "this token type is not "
                "supported"}  # fmt: skip
        return Reply(400, body)
    tokens.revoke_family(call.world, row["family"])
    return Reply(200)


def authenticate(call: Call) -> str | None:
    """The id of the user whose session came, or nothing if it has ended."""
    (token,) = call.credentials.values()
    row, _ = tokens.recall(call.world, token, "access")
    return None if row is None else _row_of(call.world, row)["Id"]


def _user_of(world: World, token: str) -> dict[str, Any]:
    row, reason = tokens.recall(world, token, "access")
    if row is None:
        raise RuntimeError(reason)  # it was issued just now
    return _row_of(world, row)


def _row_of(world: World, row: Mapping[str, Any]) -> dict[str, Any]:
    # Client credentials run as the integration user.
    name = row["user"] or INTEGRATION
    found = users(world).get(name)
    if found is None:
        raise Refused("INVALID_SESSION_ID", "Session expired or invalid", status=401)
    return found


def instance_url(call: Call) -> str:
    """Where the REST API of this organization is: here."""
    host = call.request.headers.get("host", HOST)
    if host.partition(":")[0] in ("127.0.0.1", "localhost", "testserver"):
        return f"http://{host}"
    return f"https://{HOST}" if host.endswith(".salesforce.com") else f"https://{host}"


def organization_id(world: World) -> str:
    """The id of the organization."""
    (row,) = world.table("sf_Organization").find(limit=1)
    return str(row["Id"])


def identity_url(call: Call, user: Mapping[str, Any]) -> str:
    """The identity URL of a user."""
    return f"{instance_url(call)}/id/{organization_id(call.world)}/{user['Id']}"


def identity(call: Call) -> Reply:
    """Who the session's user is.

    Raises:
        Refused: 403, the identity of somebody else is asked for.
    """
    world = call.world
    row = world.table("sf_User").get(call.principal) or {}
    asked = call.path.get("user")
    if asked is not None and (
        asked != row["Id"] or call.path["organization"] != organization_id(world)
    ):
        raise Refused("FORBIDDEN", "You do not have access to this identity.", status=403)
    base = instance_url(call)
    services = f"{base}/services/data/v{{version}}"
    body = {
        "id": identity_url(call, row),
        "asserted_user": True,
        "user_id": row["Id"],
        "organization_id": organization_id(world),
        "username": row["Username"],
        "nick_name": row["Alias"],
        "display_name": row["Name"],
        "email": row["Email"],
        "first_name": row["FirstName"],
        "last_name": row["LastName"],
        "timezone": row["TimeZoneSidKey"],
        "active": row["IsActive"],
        "user_type": "STANDARD",
        "language": row["LanguageLocaleKey"],
        "locale": row["LocaleSidKey"],
        "utcOffset": 0,
        "last_modified_date": row["LastModifiedDate"],
        "is_app_installed": True,
        "urls": {
            "enterprise": f"{base}/services/Soap/c/{{version}}/{organization_id(world)[:15]}",
            "partner": f"{base}/services/Soap/u/{{version}}/{organization_id(world)[:15]}",
            "rest": f"{services}/",
            "sobjects": f"{services}/sobjects/",
            "search": f"{services}/search/",
            "query": f"{services}/query/",
        },
    }
    return Reply(200, body)


# SOAP

_ENVELOPE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns="urn:partner.soap.sforce.com" xmlns:sf="urn:fault.partner.soap.sforce.com" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<soapenv:Body>{}</soapenv:Body></soapenv:Envelope>"
)


def soap_login(call: Call) -> Reply:
    """The SOAP call `login`: user name and password become a session id."""
    given = ((call.body or {}).get("Body") or {}).get("login")
    if not isinstance(given, dict):
        return _fault("UNKNOWN_EXCEPTION", "Only the call login is known here")
    name, password = str(given.get("username", "")), str(given.get("password", ""))
    user = users(call.world).get(name)
    if user is None or password not in (PASSWORD, PASSWORD + TOKEN):
        return _fault(
            "INVALID_LOGIN",
            "Invalid username, password, security token; or user locked out.",
        )
    world = call.world
    family = f"G-{world.sequence('oauth2_grants')}"
    session = tokens.issue(
        world, "access", LIFETIME, family=family, scopes=list(_SCOPES), client=CLIENT, user=name
    )
    organization = organization_id(world)
    server = f"{instance_url(call)}/services/Soap/u/{call.path['version']}/{organization[:15]}"
    info = {
        "currencySymbol": "", "organizationId": organization,
        "organizationName": _organization_name(world), "userEmail": user["Email"],
        "userFullName": user["Name"], "userId": user["Id"],
        "userLanguage": user["LanguageLocaleKey"], "userLocale": user["LocaleSidKey"],
        "userName": name, "userTimeZone": user["TimeZoneSidKey"], "userType": "Standard",
        "sessionSecondsValid": int(LIFETIME.total_seconds()),
    }  # fmt: skip
    listed = "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in info.items())
    result = (
        f"<metadataServerUrl>{escape(server.replace('/u/', '/m/'))}</metadataServerUrl>"
        "<passwordExpired>false</passwordExpired><sandbox>false</sandbox>"
        f"<serverUrl>{escape(server)}</serverUrl><sessionId>{session}</sessionId>"
        f"<userId>{user['Id']}</userId><userInfo>{listed}</userInfo>"
    )
    body = f"<loginResponse><result>{result}</result></loginResponse>"
    return _xml(200, body)


def _organization_name(world: World) -> str:
    (text,) = world.table("sf_Organization").find_raw(limit=1)
    return str(orjson.loads(text)["Name"])


def _fault(code: str, message: str) -> Reply:
    told = f"{code}: {message}"
    detail = (
        f'<sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>{code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{escape(message)}</sf:exceptionMessage></sf:LoginFault>"
    )
    body = (
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{escape(told)}</faultstring>"
        f"<detail>{detail}</detail></soapenv:Fault>"
    )
    return _xml(500, body)


def _xml(status: int, body: str) -> Reply:
    content = _ENVELOPE.format(body).encode()
    return Reply(status, content, {"content-type": "text/xml; charset=utf-8"})

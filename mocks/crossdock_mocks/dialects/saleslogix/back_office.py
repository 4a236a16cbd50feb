"""Where the mock asks for prices and stock: the back office that stands behind the contract.

SalesLogix itself knows neither: its Back Office Extension asks whatever back office is connected.
So does the mock, by the same wire that its own clients use: `POST ADDRESS/$service/NAME` with
`{"$name", "request": {"options": "<JSON>"}}`, answered `{"response": {"Result": "<JSON>"}}`.
Without one it has nothing to say, and says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import orjson

from crossdock_mocks.engine import World
from crossdock_mocks.sdata import Diagnosis, Refused, refused

Ask: TypeAlias = Callable[[str, dict[str, Any]], Mapping[str, Any]]
"""Asks the back office: name of the service and its options in, its result out."""

ADDRESS: Final = "CROSSDOCK_SALESLOGIX_BACK_OFFICE"
KEY: Final = "CROSSDOCK_SALESLOGIX_BACK_OFFICE_KEY"
SECONDS: Final = 10.0

_connected: WeakKeyDictionary[World, Ask] = WeakKeyDictionary()


def connect_back_office(world: World, back_office: Ask | str | None, key: str = "") -> None:
    """Connect a back office to a world.

    Args:
        world: The world that asks it.
        back_office: A function, or the address of one over HTTP; nothing to take it away.
        key: Key that it is asked with, over HTTP.
    """
    if back_office is None:
        _connected.pop(world, None)
        return
    _connected[world] = over_http(back_office, key) if isinstance(back_office, str) else back_office


def ask(world: World, service: str, options: dict[str, Any]) -> Mapping[str, Any]:
    """Ask the back office that is connected.

    Args:
        world: The world that asks.
        service: Name of the service.
        options: What is asked.

    Raises:
        Refused: None is connected, it cannot be reached, or it says no.
    """
    found = _connected.get(world)
    address = os.environ.get(ADDRESS, "")
    if found is None and address:
        found = over_http(address, os.environ.get(KEY, ""))
    if found is None:
        raise refused(
            "No back office is connected: prices and availability cannot be asked for.",
            application="BackOfficeNotConfigured",
        )
    result = found(service, options)
    if str(result.get("Status", "")).lower() == "error":
        raise refused(
            str(result.get("Message") or "The back office refused."),
            application="BackOfficeRefused",
        )
    return result


def over_http(address: str, key: str = "") -> Ask:
    """A back office at an address."""

    def send(service: str, options: dict[str, Any]) -> Mapping[str, Any]:
        # Imported here: only a mock with a back office over HTTP needs a client.
        import httpx

        body = {"$name": service, "request": {"options": orjson.dumps(options).decode()}}
        try:
            answer = httpx.post(
                f"{address.rstrip('/')}/$service/{service}", json=body, timeout=SECONDS,
                headers={"accept": "application/json", **({"x-api-key": key} if key else {})},
            )  # fmt: skip
        except httpx.HTTPError as error:
            raise _away(f"The back office cannot be reached: {error}.") from error
        if answer.status_code != 200:
            raise _said_no(answer.status_code, answer.content)
        try:
            result = orjson.loads(orjson.loads(answer.content)["response"]["Result"])
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise _away("The back office answered what cannot be read.") from error
        if not isinstance(result, dict):
            raise _away("The back office answered what cannot be read.")
        return result

    return send


def _away(message: str) -> Refused:
    return Refused(
        [Diagnosis(message, severity="Transient", application="BackOfficeUnavailable")], 400
    )


def _said_no(status: int, body: bytes) -> Refused:
    """What a back office refused with, in its own words if it has some."""
    messages = _messages(body)
    if 400 <= status < 500 and messages:
        return Refused([Diagnosis(each, application="BackOfficeRefused") for each in messages])
    return _away(f"The back office answered {status}.")


def _messages(body: bytes) -> list[str]:
    """What a refusal says: diagnoses as SData has them, or problem details (RFC 9457)."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return []
    listed = told if isinstance(told, list) else [told]
    found = [
        each.get("message") or each.get("detail") or each.get("title")
        for each in listed
        if isinstance(each, dict)
    ]
    return [str(each) for each in found if each]

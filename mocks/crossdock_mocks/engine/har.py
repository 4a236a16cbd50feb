"""Journals as an HTTP archive, HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/)."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from crossdock_mocks.engine.journal import Entry

if TYPE_CHECKING:
    from crossdock_mocks.engine.world import World

_HTTP = "HTTP/1.1"


def archive(worlds: Iterable[World]) -> dict[str, Any]:
    """The journals of worlds as one archive, with secrets masked.

    Times are those of the worlds' clocks. How long an exchange took is not recorded, so `time` and
    `timings` are 0. What HAR has no place for stands in members that begin with an underscore.
    """
    entries = [_entry(each) for world in worlds for each in world.journal]
    entries.sort(key=lambda each: each["startedDateTime"])
    creator = {"name": "crossdock mock", "version": _version()}
    return {"log": {"version": "1.2", "creator": creator, "entries": entries}}


def write(worlds: Iterable[World], path: Path) -> int:
    """Write the journals of worlds to a `.har` file; tells how many exchanges there are."""
    made = archive(worlds)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(orjson.dumps(made, option=orjson.OPT_INDENT_2))
    part.replace(path)
    return len(made["log"]["entries"])


def _version() -> str:
    from importlib.metadata import version

    return version("crossdock")


def _entry(entry: Entry) -> dict[str, Any]:
    headers = entry.request_headers
    query = entry.masked_query
    # A webhook's path is the whole URL that it went to.
    start = "" if "://" in entry.path else f"http://{headers.get('host', 'mock.invalid')}"
    request: dict[str, Any] = {
        "method": entry.method,
        "url": f"{start}{entry.path}{'?' if query else ''}{query}",
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _pairs(headers),
        "queryString": _pairs(dict(parse_qsl(query, keep_blank_values=True))),
        "headersSize": -1,
        "bodySize": len(entry.raw_request_body),
    }
    if entry.raw_request_body:
        request["postData"] = {
            "mimeType": headers.get("content-type", ""),
            "text": entry.request_body,
        }
    return {
        "startedDateTime": entry.at.isoformat(),
        "time": 0,
        "request": request,
        "response": {
            "status": entry.status,
            "statusText": _phrase(entry.status),
            "httpVersion": _HTTP,
            "cookies": [],
            "headers": _pairs(entry.masked_response_headers),
            "content": _content(entry),
            "redirectURL": entry.response_headers.get("location", ""),
            "headersSize": -1,
            "bodySize": len(entry.raw_response_body),
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "comment": entry.reason,
        "_number": entry.number,
        "_world": entry.world,
        "_operation": entry.operation_id,
        "_verdict": entry.verdict,
        "_committed": entry.committed,
        "_fault": entry.fault,
    }


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _content(entry: Entry) -> dict[str, Any]:
    body = entry.raw_response_body
    content: dict[str, Any] = {
        "size": len(body),
        "mimeType": entry.response_headers.get("content-type", ""),
    }
    try:
        body.decode()
    except UnicodeDecodeError:
        return {**content, "text": base64.b64encode(body).decode(), "encoding": "base64"}
    return {**content, "text": entry.response_body}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""

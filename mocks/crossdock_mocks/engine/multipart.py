"""multipart/form-data bodies (RFC 7578), read by the types of their schema."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser
from typing import Any

import orjson

from crossdock_mocks.engine.parameters import grow
from crossdock_mocks.engine.styles import brackets, put


class MalformedForm(ValueError):  # noqa: N818 - it names what it is
    """The body has no parts, or a part has no name; the message says which."""


def value(content_type: str, body: bytes, shape: Mapping[str, Any]) -> dict[str, Any]:
    """The value of a form.

    A part of `application/json` is what its JSON says; a file is text in latin-1, one character
    for each byte, so that `format: binary` can be measured; any other part is read by its type.

    Args:
        content_type: The header, with its boundary.
        body: The body.
        shape: Shape of the form's schema.

    Raises:
        MalformedForm: It cannot be read.
        Malformed: A name has both a value and members.
    """
    whole = BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    if not whole.is_multipart() or whole.defects:
        raise MalformedForm("it has no parts by its boundary, or does not end")
    tree: dict[str, Any] = {}
    ready: dict[str, Any] = {}
    for part in whole.get_payload():
        if not isinstance(part, Message):
            continue
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise MalformedForm("a part has no name")
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        if part.get_content_type() == "application/json":
            try:
                ready[name] = orjson.loads(content)
            except orjson.JSONDecodeError as error:
                raise MalformedForm(f"part {name} is not JSON: {error.msg}") from error
            continue
        if part.get_filename() is not None:
            text = content.decode("latin-1")
        else:
            try:
                text = content.decode()
            except UnicodeDecodeError as error:
                raise MalformedForm(f"part {name} is not UTF-8") from error
        put(tree, brackets(name) or [name], [text])
    grown: dict[str, Any] = grow(tree, {**shape, "types": ["object"]})
    return {**grown, **ready}

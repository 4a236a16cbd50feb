"""The document that describes this API, given by the API itself."""

from __future__ import annotations

import hashlib

from crossdock.server.api.call import Answer, Call


def get_document(call: Call) -> Answer:
    """Give the document."""
    text = call.api.contract.text
    tag = f'"{hashlib.sha256(text).hexdigest()[:16]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if tag in call.read.headers.get("if-none-match", ""):
        return Answer(status=304, headers=headers)
    return Answer(body=text, headers=headers)

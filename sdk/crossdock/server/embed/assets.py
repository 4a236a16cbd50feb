"""The stylesheets and the script of the frames; their addresses change with their content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from crossdock.render import STYLESHEET

_HERE: Final = Path(__file__).parent / "static"
_KINDS: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_FILES: Final = {path.name: path for path in (STYLESHEET, *sorted(_HERE.iterdir()))}
_A_YEAR: Final = "public, max-age=31536000, immutable"


def address(name: str) -> str:
    """Give the address of a file, as seen from the page of a tab."""
    digest = hashlib.sha256(_FILES[name].read_bytes()).hexdigest()[:12]
    return f"../static/{name}?v={digest}"


async def serve(request: Request) -> Response:
    """Answer with a file."""
    path = _FILES.get(request.path_params["name"])
    if path is None:
        return PlainTextResponse("There is no such file.\n", status_code=404)
    headers = {"x-content-type-options": "nosniff"}
    if request.url.query.startswith("v="):
        headers["cache-control"] = _A_YEAR
    return Response(path.read_bytes(), media_type=_KINDS[path.suffix], headers=headers)

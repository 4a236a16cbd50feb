"""The mock servers that ours is compared with, installed once outside the project by npm."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

from tests.bench.anchors import FOLDER
from tests.bench.measure import CACHE
from tests.bench.servers import LOOPBACK, Server, Unavailable, free_port

PRISM: Final = ("@stoplight/prism-cli", "5.14.2")
WIREMOCK: Final = ("wiremock", "3.13.2")
_INSTALL_SECONDS: Final = 240


def prism(*, silent: bool) -> Server:
    """Prism as it ships, or `silent`: without the lines that it writes for each request.

    Raises:
        Unavailable: there is no Node, or Prism could not be installed.
    """
    script = _installed("prism", *PRISM) / "node_modules/@stoplight/prism-cli/dist/index.js"
    port = free_port()
    command = ["node", str(script), "mock", str(FOLDER / "openapi.json")]
    command += ["-p", str(port), "-h", LOOPBACK, *(["-v", "silent"] if silent else [])]
    return Server("Prism silent" if silent else "Prism", command, port)


def wiremock() -> Server:
    """WireMock with stubs written by hand for the three operations, its journal off.

    Raises:
        Unavailable: there is no Java, or WireMock could not be installed.
    """
    if shutil.which("java") is None:
        raise Unavailable("java is not here")
    home = _installed("wiremock", *WIREMOCK)
    jar = home / f"node_modules/wiremock/build/wiremock-standalone-{WIREMOCK[1]}.jar"
    port = free_port()
    command = ["java", "-jar", str(jar), "--port", str(port), "--bind-address", LOOPBACK]
    command += ["--root-dir", str(_stubs(home)), "--no-request-journal", "--disable-banner"]
    return Server("WireMock", command, port)


def _installed(name: str, package: str, version: str) -> Path:
    """The folder in which a package of npm is, installed now if it was not."""
    if shutil.which("npm") is None:
        raise Unavailable("Node with npm is not here; run: make system-deps")
    home = CACHE / f"{name}-{version}"
    if (home / "installed").is_file():
        return home
    home.mkdir(parents=True, exist_ok=True)
    (home / "package.json").write_text('{"private": true}')
    command = ["npm", "install", "--no-fund", "--no-audit", "--ignore-scripts"]
    try:
        subprocess.run(
            [*command, f"{package}@{version}"],
            cwd=home,
            check=True,
            capture_output=True,
            timeout=_INSTALL_SECONDS,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"npm could not install {package}@{version}: {error}") from error
    (home / "installed").touch()
    return home


def _stubs(home: Path) -> Path:
    """Stubs of the same answers; an order is checked against the document's own schema."""
    document = json.loads((FOLDER / "openapi.json").read_bytes())
    schemas = document["components"]["schemas"]
    text = json.dumps({**schemas["Order"], "$defs": schemas})
    order = json.loads(text.replace("#/components/schemas/", "#/$defs/"))
    listed = document["paths"]["/customers"]["get"]["responses"]["200"]["content"]
    customers: list[Any] = listed["application/json"]["example"]
    answers: dict[str, tuple[dict[str, Any], int, Any]] = {
        "one": ({"method": "GET", "urlPath": "/customers/C0001"}, 200, customers[0]),
        "list": ({"method": "GET", "urlPath": "/customers"}, 200, customers),
        "create": (
            {
                "method": "POST",
                "urlPath": "/orders",
                "bodyPatterns": [{"matchesJsonSchema": order, "schemaVersion": "V202012"}],
            },
            201,
            {"id": "O-1", "status": "open"},
        ),
        "refuse": (
            {"method": "POST", "urlPath": "/orders", "priority": 9},
            422,
            {"error": "invalid"},
        ),
    }
    folder = home / "stubs" / "mappings"
    folder.mkdir(parents=True, exist_ok=True)
    for name, (request, status, body) in answers.items():
        priority = request.pop("priority", 5)
        response = {
            "status": status,
            "headers": {"Content-Type": "application/json"},
            "body": json.dumps(body),
        }
        stub = {"priority": priority, "request": request, "response": response}
        (folder / f"{name}.json").write_text(json.dumps(stub))
    return folder.parent

"""The OpenAPI document of a contract, written from what the contract says.

`python -m crossdock_mocks.sdata PACKAGE` writes it for the dialect in that package.
"""

from __future__ import annotations

from typing import Any

from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.description.components import components
from crossdock_mocks.sdata.description.general import general, services
from crossdock_mocks.sdata.description.resources import resources


def description(contract: Contract) -> dict[str, Any]:
    """The document of a contract."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": contract.title,
            "version": "2.0",
            "license": {"name": "MIT", "identifier": "MIT"},
            "description": contract.description,
        },
        "servers": [{"url": contract.base}],
        "x-paths": {
            "trailing-slash": "ignore",
            **({"case": "ignore"} if contract.any_case or contract.any_path else {}),
            **({"repeated-slash": "ignore"} if contract.any_slashes else {}),
        },
        # A parameter that is not understood must not be refused (SData 2.0, 2.11).
        "x-unknown-parameters": "ignore",
        "tags": [
            {"name": each.caption, "description": f"{each.caption}, under {each.name}."}
            for each in contract.resources
        ]
        + [{"name": "Contract", "description": "What holds for every kind of resource."}],
        "security": [{"basic": []}],
        "paths": {**resources(contract), **services(contract), **general(contract)},
        "components": components(contract),
    }

"""Write the OpenAPI document of a dialect from its contract: `python -m crossdock_mocks.sdata`."""

from __future__ import annotations

import sys
from importlib import import_module

from crossdock.specifications import specification
from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.document import text


def main(packages: list[str]) -> int:
    """Write the documents of some dialects, given by the names of their packages."""
    if not packages:
        sys.stderr.write("Name a package of crossdock_mocks.dialects, such as saleslogix.\n")
        return 2
    for package in packages:
        contract: Contract = import_module(f"crossdock_mocks.dialects.{package}.contract").CONTRACT
        folder = specification("erp.openapi.yaml").parent
        path = folder / f"{contract.name}.openapi.yaml"
        path.write_text(text(contract), encoding="utf-8")
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

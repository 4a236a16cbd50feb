"""The OpenAPI document of a contract as the text of a file."""

from __future__ import annotations

from typing import Any

import yaml

from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.description import description

_HEAD = "# Written from the contract by `python -m crossdock_mocks.sdata`: change the contract.\n"


class _Compact(yaml.SafeDumper):
    """Writes what has nothing inside on one line."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out: an anchor helps nobody who reads."""
        del data
        return True


def _mapping(dumper: yaml.SafeDumper, data: dict[str, Any]) -> yaml.Node:
    plain = all(not isinstance(each, dict) and not _nests(each) for each in data.values())
    short = len(str(data)) < 96
    return dumper.represent_mapping(
        "tag:yaml.org,2002:map", data.items(), flow_style=bool(data) and plain and short
    )


def _nests(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(each, (dict, list)) for each in value)


def _sequence(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    return dumper.represent_sequence(
        "tag:yaml.org,2002:seq", data, flow_style=not any(isinstance(e, dict) for e in data)
    )


_Compact.add_representer(dict, _mapping)
_Compact.add_representer(list, _sequence)


def text(contract: Contract) -> str:
    """The document of a contract, as YAML."""
    return _HEAD + yaml.dump(
        description(contract), Dumper=_Compact, sort_keys=False, width=110, allow_unicode=True
    )

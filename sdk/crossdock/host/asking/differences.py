"""Which fields of a record differ from another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from crossdock.host.asking.verdict import FieldChange


def differences(old: Any, new: Any, path: str = "") -> Iterator[FieldChange]:
    """Walk two records of one type and name the fields that differ, dotted."""
    if old == new:
        return
    if attrs.has(type(old)) and type(old) is type(new) and path.count(".") < 4:
        nested = [a.name for a in attrs.fields(type(old))]
        # A value such as Money is one field to a reader, although it is a record too.
        if not path or len(nested) > 3:
            for name in nested:
                yield from differences(getattr(old, name), getattr(new, name), _join(path, name))
            return
    if isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new) and old:
        for index, (was, becomes) in enumerate(zip(old, new, strict=True)):
            yield from differences(was, becomes, _join(path, str(index)))
        return
    yield FieldChange(field=path, old=old, new=new)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name

"""The page on rights names every sensitive field."""

from pathlib import Path

import attrs
import pytest

from crossdock import records
from crossdock.records import sensitivity
from crossdock.records._fields import what_is_told

PAGE = Path(__file__).parents[3] / "docs" / "rights.md"
FIELDS = [
    (record.__name__, attribute.name, kinds)
    for name in records.__all__
    if isinstance(record := getattr(records, name), type) and attrs.has(record)
    for attribute in attrs.fields(record)
    if (
        kinds := (sensitivity(attribute),)
        if sensitivity(attribute)
        else (told.kinds if (told := what_is_told(attribute)) else ())
    )
]


@pytest.mark.parametrize(("record", "field", "kinds"), FIELDS, ids=lambda each: str(each))
def test_every_sensitive_field_is_in_the_table(record, field, kinds):
    rows = {
        line.split("|")[1].strip(" `"): line
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    }

    for kind in kinds:
        assert f"`{record}.{field}`" in rows[kind] or (
            f"of `{record}`" in rows[kind] and f"`{field}`" in rows[kind].split(f"`{record}`")[1]
        )

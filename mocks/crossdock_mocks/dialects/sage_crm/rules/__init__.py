"""What entities do beyond keeping records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from crossdock_mocks.dialects.sage_crm.entities import ENTITIES
from crossdock_mocks.dialects.sage_crm.rules import trading, work
from crossdock_mocks.dialects.sage_crm.rules.common import check_links, check_unique
from crossdock_mocks.dialects.sage_crm.rules.documents import ORDER, QUOTE
from crossdock_mocks.sdata import Resource, Rules
from crossdock_mocks.sdata.model import Row
from crossdock_mocks.sdata.records import Records

__all__ = ["RULES"]

Before: TypeAlias = Callable[[Records, Row, Row | None, Mapping[str, Any]], None]

_OWN: Final[Mapping[str, Rules]] = {
    "company": Rules(before=trading.before_company, after=trading.after_company),
    "account": Rules(
        before=trading.before_account,
        after=trading.after_account,
        after_delete=trading.after_account_delete,
    ),
    "opportunity": Rules(before=work.before_opportunity, after=work.after_opportunity),
    "cases": Rules(before=work.before_case),
    "communication": Rules(before=work.before_communication),
    "lead": Rules(before=work.before_lead),
    "notes": Rules(before=work.before_note),
    **{
        entity: rules
        for each in (QUOTE, ORDER)
        for entity, rules in (
            (
                each.head,
                Rules(before=each.before, after=each.after, after_delete=each.after_delete),
            ),
            (
                each.line,
                Rules(
                    before=each.before_line,
                    after=each.after_line,
                    after_delete=each.after_line_delete,
                ),
            ),
        )
    },
}


def _rules(kind: Resource) -> Rules:
    own = _OWN.get(kind.name, Rules())

    def before(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
        check_links(records, kind, row, old)
        if own.before is not None:
            own.before(records, row, old, given)
        check_unique(records, kind, row)

    return Rules(
        before=before,
        after=own.after,
        before_delete=own.before_delete,
        after_delete=own.after_delete,
    )


RULES: Final[Mapping[str, Rules]] = {each.name: _rules(each) for each in ENTITIES}
"""By entity: what holds for all of them, and what is its own."""

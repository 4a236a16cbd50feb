"""What the guards last said of each quote that was saved without asking them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs
import sqlalchemy as sa
from attrs import evolve, frozen

from crossdock.host.store.schema import judgements
from crossdock.records import Quote
from crossdock.records.plain import from_plain, to_plain

if TYPE_CHECKING:
    from crossdock.host.store import Store

State: TypeAlias = Literal["clean", "held", "unchecked"]


def content_of(quote: Quote) -> str:
    """Give what stands for everything of a quote that guards may judge or change.

    Two readings of the same content are the same, however the CRM writes its numbers: so what was
    written by ourselves is known when the CRM tells of it.
    """
    bare = evolve(
        quote,
        checks=(),
        priced_at=None,
        order_id=None,
        created_at=None,
        modified_at=None,
        version=None,
    )
    text = json.dumps(_canonical(bare), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _canonical(value: Any) -> Any:
    if attrs.has(type(value)):
        return {a.name: _canonical(getattr(value, a.name)) for a in attrs.fields(type(value))}
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _canonical(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_canonical(each) for each in value]
    return value


@frozen(kw_only=True)
class Judgement:
    """What was said of one content of a quote.

    Attributes:
        content: see `content_of`; of the quote as it was written back.
        quote: as it was then.
        replaced: the content before it was written back, where the guards amended it.
        rewrites: how often that same content was replaced by the same answer.
    """

    content: str
    state: State
    quote: Quote
    replaced: str = ""
    rewrites: int = 0


class Judgements:
    """The last judgement of each quote."""

    def __init__(self, store: Store, crm_system: str) -> None:
        self._store: Final = store
        self._system: Final = crm_system

    def of(self, quote_id: str) -> Judgement | None:
        """Give the last judgement of a quote; `None` where there is none."""
        statement = sa.select(judgements).where(self._at(quote_id))
        with self._store.reading() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            return None
        return Judgement(
            content=row.content,
            state=row.state,
            quote=from_plain(json.loads(row.quote)),
            replaced=row.replaced,
            rewrites=row.rewrites,
        )

    def keep(self, quote_id: str, judgement: Judgement) -> None:
        """Keep a judgement in the place of the one before."""
        values = {
            "content": judgement.content,
            "state": judgement.state,
            "quote": json.dumps(to_plain(judgement.quote), ensure_ascii=False),
            "replaced": judgement.replaced,
            "rewrites": judgement.rewrites,
            "judged_at": self._store.clock(),
        }
        with self._store.writing() as connection:
            place = self._at(quote_id)
            if connection.execute(sa.update(judgements).where(place).values(values)).rowcount == 0:
                connection.execute(
                    sa.insert(judgements).values(
                        crm_system=self._system, quote_id=quote_id, **values
                    )
                )

    def forget(self, quote_id: str) -> None:
        """Forget a quote that is gone."""
        with self._store.writing() as connection:
            connection.execute(sa.delete(judgements).where(self._at(quote_id)))

    def _at(self, quote_id: str) -> sa.ColumnElement[bool]:
        return sa.and_(judgements.c.crm_system == self._system, judgements.c.quote_id == quote_id)

"""Answers that were given under an idempotency key, so that the same request gets them again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

import sqlalchemy as sa
from attrs import frozen

from crossdock.host.store.schema import Instant

if TYPE_CHECKING:
    from crossdock.host.store.store import Store

KEPT_FOR: Final = timedelta(hours=24)

# A table of its own, made by who needs it first: a store that only workers use never has it.
_metadata: Final = sa.MetaData()
_answers: Final = sa.Table(
    "crossdock_answers",
    _metadata,
    sa.Column("caller", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request", sa.Text, nullable=False),
    # Empty while the first request is under way, and for ever where its process died.
    sa.Column("answer", sa.Text, nullable=False, default=""),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Index("crossdock_answers_age", "asked_at"),
)

Standing = Literal["first", "answered", "other_request", "unanswered"]


@frozen
class Claim:
    """How a request stands to those before it.

    Attributes:
        standing: `first` of its key, so it is to be done; `answered` before; `other_request` where
            the key was used for something else; `unanswered` where the first one is under way or
            its process died, so that nobody knows whether it was done.
        answer: what was answered, where it was.
    """

    standing: Standing
    answer: str = ""


class Answers:
    """The answers of one store; they are forgotten after `KEPT_FOR`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.writing() as connection:
            _metadata.create_all(connection)

    def claim(self, caller: str, key: str, request: str) -> Claim:
        """Claim a key for a request; on `first`, do it and then `keep` the answer or `forget`.

        Args:
            caller: whose key it is.
            key: what the caller chose.
            request: a digest of what is asked.
        """
        now = self._store.clock()
        try:
            with self._store.writing() as connection:
                connection.execute(sa.delete(_answers).where(_answers.c.asked_at < now - KEPT_FOR))
                row = connection.execute(
                    sa.select(_answers.c.request, _answers.c.answer).where(
                        _answers.c.caller == caller, _answers.c.key == key
                    )
                ).one_or_none()
                if row is None:
                    connection.execute(
                        sa.insert(_answers).values(
                            caller=caller, key=key, request=request, answer="", asked_at=now
                        )
                    )
                    return Claim("first")
        except sa.exc.IntegrityError:  # PostgreSQL: another process claimed it at the same moment
            return Claim("unanswered")
        if row.request != request:
            return Claim("other_request")
        return Claim("answered", row.answer) if row.answer else Claim("unanswered")

    def keep(self, caller: str, key: str, answer: str) -> None:
        """Keep the answer of the first request."""
        self._at(sa.update(_answers).values(answer=answer), caller, key)

    def forget(self, caller: str, key: str) -> None:
        """Give a key back whose request surely did nothing."""
        self._at(sa.delete(_answers), caller, key)

    def _at(self, statement: sa.Update | sa.Delete, caller: str, key: str) -> None:
        with self._store.writing() as connection:
            connection.execute(statement.where(_answers.c.caller == caller, _answers.c.key == key))

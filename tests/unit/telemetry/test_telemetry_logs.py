"""One form for whatever anybody logs, with where it comes from and without secrets."""

from __future__ import annotations

import io
import json
import logging

import pytest

from crossdock.connectors.calling import calling_as
from crossdock.host.watching import logs
from crossdock.host.watching.spans import DeliveryUnderWay, delivering
from crossdock.secret import Secret

GUARD = """
import logging
@hookimpl
def before_quote_save(ctx, quote):
    ctx.log.warning("looked at %s", quote.account_id)
    logging.getLogger("a.library.of.its.own").warning("so did I")
    return Proceed()
"""


@pytest.fixture
def written():
    """Set the log up as a command does; gives what was written to it."""
    root = logging.getLogger()
    names = ["dbos", "httpx", "httpcore", "sqlalchemy", "stamina", "uvicorn.access", "asyncio", "x"]
    before = root.level, {name: logging.getLogger(name).level for name in names}
    stream = io.StringIO()
    handlers = []

    def set_up(**settings):
        handlers.append(logs.set_up(settings, stream=stream))
        return stream

    yield set_up
    for handler in handlers:
        root.removeHandler(handler)
    root.setLevel(before[0])
    for name, level in before[1].items():
        logging.getLogger(name).setLevel(level)


def records(stream: io.StringIO):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_what_a_plugin_logs_says_whose_it_is_where_and_for_whom(open_host, quote, user, written):
    stream = written(format="json")
    open_host(("mine", GUARD, ("before_quote_save",))).before_quote_save(quote, user=user)
    own, library = records(stream)
    for record in (own, library):
        assert (record["plugin"], record["point"], record["user"]) == (
            "mine", "before_quote_save", "U-kim",
        )  # fmt: skip
    assert own["message"] == "looked at A-1"
    assert own["logger"] == "crossdock.plugin.mine"
    assert "Kim" not in stream.getvalue()


def test_what_is_logged_in_a_delivery_says_which_and_what_belongs_together(written):
    stream = written(format="json")
    work = DeliveryUnderWay("D-17", "quote_saved:Q-1:1", 1, "")
    with delivering(work, "quote_saved", "mine"), calling_as("x", correlation_id="xd-1"):
        logging.getLogger("x").warning("half way", extra={"seconds": 0.25})
    (record,) = records(stream)
    assert (record["delivery"], record["correlation"], record["seconds"]) == ("D-17", "xd-1", 0.25)


def test_a_record_outside_of_any_call_says_nothing_of_one(written):
    stream = written(format="json")
    logging.getLogger("x").warning("hello")
    (record,) = records(stream)
    assert set(record) == {"at", "level", "logger", "message", "process"}


def test_a_trace_that_somebody_records_is_named_in_the_log(written, open_host, quote, user, spans):
    stream = written(format="json")
    open_host(("mine", GUARD, ("before_quote_save",))).before_quote_save(quote, user=user)
    trace = spans.named("before_quote_save mine").context.trace_id
    assert {record["trace"] for record in records(stream)} == {f"{trace:032x}"}


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_secret_that_was_revealed_is_masked_wherever_it_turns_up(written, form):
    stream = written(format=form)
    key = Secret("k3y-of-the-erp").reveal()
    url = Secret("postgresql://crossdock:pg-s3cret@db/crossdock").reveal()
    try:
        raise ValueError(f"the ERP did not like {key}")
    except ValueError:
        logging.getLogger("x").exception("sent %s to %s", key, url)
    assert "k3y-of-the-erp" not in stream.getvalue()
    assert "pg-s3cret" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()
    assert "@db/crossdock" in stream.getvalue()


def test_no_text_can_pass_for_a_record_of_its_own(written):
    stream = written(format="text")
    logging.getLogger("x").warning("one\n12:00:00 ERROR root: two\r\x1b[2K\u2028three")
    _, second = stream.getvalue().rstrip("\n").split("\n")
    assert second.startswith("    12:00:00")
    assert not any(character in second for character in "\r\x1b\u2028")


def test_libraries_that_tell_every_request_speak_only_when_they_are_asked_by_name(written):
    stream = written(format="json", level="debug")
    logging.getLogger("httpx").info("GET http://crm.test/accounts?q=Smith")
    logging.getLogger("sqlalchemy.engine").debug("SELECT 'Smith'")
    logging.getLogger("x").debug("mine")
    assert [each["message"] for each in records(stream)] == ["mine"]
    written(format="json", level="debug", levels={"httpx": "info"})
    logging.getLogger("httpx").info("GET http://crm.test/accounts")
    assert records(stream)[-1]["logger"] == "httpx"


def test_setting_up_again_writes_each_record_once(written):
    written(format="json")
    stream = written(format="json")
    logging.getLogger("x").warning("once")
    assert len(records(stream)) == 1


def test_what_cannot_be_written_as_json_is_written_as_text(written):
    stream = written(format="json")
    logging.getLogger("x").warning("odd", extra={"seconds": object(), "plugin": {"a": object()}})
    (record,) = records(stream)
    assert record["message"] == "odd"

"""What is raised in one process is raised in the other as the same thing."""

from __future__ import annotations

import traceback

import orjson
import pytest

from crossdock import errors
from crossdock.host.deliveries.failure import failure_of
from crossdock.host.isolation.failures import InThePlugin, describe, rebuild


class Broken(ValueError):  # noqa: N818
    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


def sent(error):
    try:
        raise error
    except Exception as raised:  # noqa: BLE001
        return rebuild(orjson.loads(orjson.dumps(describe(raised))))


ERRORS = [
    errors.RemoteUnavailable(
        "away", system="main", status=503, code="x", retry_after=2.5, maybe_done=False
    ),
    errors.RemoteRejectedData("bad", system="main", fields=[errors.FieldError("lines.0", "no")]),
    errors.NotFound("no such", system="main", status=404),
    errors.AccessDenied("no", scope="erp.items:read"),
    errors.DeadlineExceeded("late", plugin_id="p", point="q"),
    errors.StepFailed("f", original="X"),
    errors.NotSupported("cannot"),
    ValueError("v", 3),
    KeyError("k"),
    OSError(2, "No such file"),
    ZeroDivisionError("division by zero"),
    ConnectionRefusedError(111, "refused"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_comes_back_as_its_own_class_with_what_it_carries(error):
    back = sent(error)

    assert type(back) is type(error)
    assert str(back) == str(error)
    assert vars(back) == vars(error)
    assert back.args == error.args
    assert failure_of(back).kind == failure_of(error).kind


def test_an_error_of_the_plugins_own_keeps_its_name_below_the_nearest_known_base():
    back = sent(Broken("this", "that"))

    assert type(back).__name__ == "Broken"
    assert isinstance(back, ValueError)
    assert str(back) == "this and that"


def test_an_error_whose_class_wants_more_than_was_sent_is_raised_all_the_same():
    back = sent(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"))

    assert isinstance(back, UnicodeDecodeError)
    assert "can't decode byte 0xff" in str(back)
    assert "two" in str(sent(ExceptionGroup("two", [ValueError("a"), KeyError("b")])))


def test_the_traceback_of_the_other_process_comes_with_it():
    back = sent(ValueError("v"))

    assert isinstance(back.__cause__, InThePlugin)
    assert "raise error" in "".join(traceback.format_exception(back))
    assert "test_isolation_failures.py line" in failure_of(back).cause


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"class": 5, "bases": "x", "args": 7, "state": [], "message": None},
        {"class": "os.system", "bases": ["SystemExit", "Exception"], "message": "m"},
        {"class": "RemoteUnavailable", "bases": ["RemoteUnavailable"], "message": "m"},
        {"class": "X", "bases": ["RemoteError"], "state": {"status": "x", "__class__": "y"}},
        {"class": "RemoteError", "bases": ["RemoteError"], "fields": [[1], 2, ["a", 3]]},
    ],
    ids=str,
)
def test_whatever_is_sent_an_exception_with_its_attributes_comes_of_it(written):
    back = rebuild(written)

    assert isinstance(back, Exception)
    failure_of(back)

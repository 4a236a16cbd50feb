"""What the durable engine stores, exceptions included."""

from __future__ import annotations

import pytest

from crossdock.errors import (
    AccessDenied,
    FieldError,
    PossiblyCreated,
    RemoteRejectedData,
    RemoteUnavailable,
    StepFailed,
)
from crossdock.host.deliveries.serializer import JsonSerializer


class OddError(Exception):
    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")
        self.second = second


def _round_trip(value):
    serializer = JsonSerializer()
    return serializer.deserialize(serializer.serialize(value))


@pytest.mark.parametrize("value", [None, 1, "x", [1, {"a": None}], {"args": [1, 2], "kwargs": {}}])
def test_plain_data_come_back(value):
    assert value == _round_trip(value)


def test_an_error_of_ours_comes_back_with_all_that_it_says():
    error = _round_trip(
        RemoteRejectedData(
            "bad lines",
            system="main",
            status=422,
            code="invalid",
            fields=[FieldError("lines.0", "missing")],
            retry_after=1.5,
        )
    )
    assert type(error) is RemoteRejectedData
    assert str(error) == "bad lines"
    assert (error.system, error.status, error.code) == ("main", 422, "invalid")
    assert error.fields == (FieldError("lines.0", "missing"),)
    assert error.retry_after == 1.5
    assert _round_trip(RemoteUnavailable("away", system="main")).fields == ()
    assert _round_trip(AccessDenied("no", scope="s")).scope == "s"


def test_an_error_that_tells_its_evidence_comes_back_with_it():
    error = _round_trip(
        PossiblyCreated(
            "look there", system="main", reference="R-1", evidence=["sent", "no answer"]
        )
    )
    assert (error.system, error.reference) == ("main", "R-1")
    assert error.evidence == ("sent", "no answer")


def test_a_builtin_exception_and_one_of_a_plugin_come_back_as_their_classes():
    assert _round_trip(KeyError("lines")).args == ("lines",)
    odd = _round_trip(OddError("a", 2))
    assert type(odd) is OddError
    assert (str(odd), odd.second) == ("a and 2", 2)


def test_an_exception_whose_class_is_not_known_here_still_says_what_it_said():
    unknown = type("GoneError", (Exception,), {"__module__": "a_plugin_that_is_gone"})
    error = _round_trip(unknown("something else"))
    assert type(error) is StepFailed
    assert (str(error), error.original) == ("GoneError: something else", "GoneError")


def test_what_is_no_plain_data_is_refused_rather_than_pickled():
    with pytest.raises(TypeError, match="not JSON serializable"):
        JsonSerializer().serialize(object())

"""What the durable engine stores, exceptions included."""

from __future__ import annotations

import json

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


class Shop:
    class ClosedError(Exception):
        """One whose class is found within another."""


def _round_trip(value):
    serializer = JsonSerializer()
    return serializer.deserialize(serializer.serialize(value))


@pytest.mark.parametrize("value", [None, 1, "x", [1, {"a": None}], {"args": [1, 2], "kwargs": {}}])
def test_what_is_json_comes_back(value):
    assert value == _round_trip(value)


def test_the_engine_is_given_short_text_under_a_name_of_ours():
    # Old rows are read by that name.
    assert JsonSerializer().name() == "crossdock_json"
    assert JsonSerializer().serialize({"größe": [1, "m²"]}) == '{"größe":[1,"m²"]}'


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
    missing = _round_trip(FileNotFoundError(2, "No such file or directory"))
    assert (missing.errno, missing.args) == (2, (2, "No such file or directory"))
    odd = _round_trip(OddError("a", 2))
    assert type(odd) is OddError
    assert (str(odd), odd.second) == ("a and 2", 2)


def test_of_what_an_exception_holds_what_json_knows_is_kept():
    odd = OddError("a", 2)
    odd.told = {"by": ["phone", {"at": 9.5}]}
    odd.numbered = {1: "a key that JSON would make a text"}
    odd.within = {"a": [object()]}
    odd.first = object()

    assert vars(_round_trip(odd)) == {"second": 2, "told": odd.told}


def test_what_an_older_version_wrote_of_an_exception_is_read():
    written = json.loads(JsonSerializer().serialize(AccessDenied("no", scope="s")))
    del written["$error"]["tuples"]

    error = JsonSerializer().deserialize(json.dumps(written))

    assert (str(error), error.scope) == ("no", "s")


def test_a_class_is_looked_for_where_it_is_defined_and_has_to_be_an_exception_still():
    assert type(_round_trip(Shop.ClosedError("shut"))) is Shop.ClosedError
    written = JsonSerializer().serialize(KeyError("lines"))
    for no_exception in ("builtins:print", "builtins:dict"):
        read = JsonSerializer().deserialize(written.replace("builtins:KeyError", no_exception))
        assert type(read) is StepFailed


def test_an_exception_whose_class_is_not_known_here_still_says_what_it_said():
    unknown = type("GoneError", (Exception,), {"__module__": "a_plugin_that_is_gone"})
    error = _round_trip(unknown("something else"))
    assert type(error) is StepFailed
    assert (str(error), error.original) == ("GoneError: something else", "GoneError")


def test_what_is_no_plain_data_is_refused_rather_than_pickled():
    with pytest.raises(TypeError, match="not JSON serializable"):
        JsonSerializer().serialize(object())

"""What is frozen stays: names, arguments with their kinds, answers, and what happens in failure."""

import inspect
import json
import warnings
from pathlib import Path

import attrs
import pluggy
import pytest
from packaging.version import Version

import crossdock
from crossdock import hookspecs
from crossdock.host.loading import hooks
from crossdock.points import POINTS, Deprecation, point

FROZEN = json.loads((Path(__file__).parent / "signatures.json").read_text(encoding="utf-8"))
ADVICE = "a frozen point may only grow arguments: declare another one, and deprecate this"


def described(name):
    function = getattr(hookspecs, name)
    signature = inspect.signature(function)
    found = POINTS[name]
    return {
        "arguments": {
            each.name: str(each.annotation).strip("'") for each in signature.parameters.values()
        },
        "answer": str(signature.return_annotation).strip("'"),
        "kind": found.kind,
        "fails": found.fails,
        "away": found.away,
        "first_result": function.crossdock_spec["firstresult"],
    }


@pytest.mark.parametrize("name", FROZEN)
def test_a_frozen_point_keeps_its_signature_and_its_promises(name):
    assert POINTS[name].status == "v1", ADVICE
    was, now = FROZEN[name], described(name)
    kept = {each: now["arguments"].get(each) for each in was["arguments"]}
    assert kept == was["arguments"], ADVICE
    assert {**now, "arguments": None} == {**was, "arguments": None}, ADVICE


def test_every_v1_point_is_written_down_as_frozen():
    v1 = {name: described(name) for name, found in POINTS.items() if found.status == "v1"}
    assert v1.keys() == FROZEN.keys(), "write it into signatures.json and into the frozen plugin"


def test_every_point_is_declared_with_what_it_promises():
    declared = [n for n, f in vars(hookspecs).items() if hasattr(f, "crossdock_spec")]
    assert declared == list(POINTS)


def test_what_is_deprecated_names_the_version_that_will_not_have_it():
    now = Version(crossdock.__version__)
    for found in POINTS.values():
        assert bool(found.deprecated) == bool(found.removed_in)
        assert Version(found.since) <= now
        assert not found.removed_in or now < Version(found.removed_in), f"remove {found.name} now"


# Deprecation, shown on points of a test's own.


class OldSpecs:
    """Extension points of another day."""

    points: dict = {}  # noqa: RUF012

    @staticmethod
    @point(
        "guard",
        status="v1",
        since="0.1",
        deprecated=Deprecation(
            since="0.4", removed_in="0.6", instead="Implement before_order_promote."
        ),
        into=points,
    )
    def before_quote_save(ctx, quote, before):
        """Judge."""

    @staticmethod
    @point(
        "event",
        status="v1",
        since="0.1",
        deprecated_arguments={
            "before": Deprecation(since="0.5", removed_in="0.7", instead="Read the CRM.")
        },
        into=points,
    )
    def quote_saved(ctx, quote, before):
        """Tell."""


BOTH = """
from crossdock import hookimpl

@hookimpl
def before_quote_save(quote):
    pass

@hookimpl
def quote_saved(quote{}):
    pass
"""
GUARD = "before_quote_save is deprecated since 0.4 and gone in 0.6. Implement before_order_promote."
ARGUMENT = (
    "the argument before of quote_saved is deprecated since 0.5 and gone in 0.7. Read the CRM."
)


def module(code):
    found = type(crossdock)("old_plugin")
    exec(compile(code, "old_plugin.py", "exec"), found.__dict__)
    return found


@pytest.mark.parametrize(("argument", "told"), [("", [GUARD]), (", before", [GUARD, ARGUMENT])])
def test_pluggy_warns_who_implements_what_is_deprecated(argument, told):
    manager = pluggy.PluginManager("crossdock")
    manager.add_hookspecs(OldSpecs)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        manager.register(module(BOTH.format(argument)))
    assert sorted(str(each.message) for each in caught) == sorted(told)
    assert {each.category for each in caught} == {DeprecationWarning}
    assert {each.filename for each in caught} == {"old_plugin.py"}  # it points to the author's code


def test_the_host_tells_the_author_what_is_deprecated(monkeypatch):
    monkeypatch.setattr(hooks, "hookspecs", OldSpecs)
    points = ("before_quote_save", "quote_saved")
    found, notes = hooks.hooks_of(module(BOTH.format(", before")), points)
    assert tuple(found) == points
    assert len(notes) == 2
    assert GUARD in notes[0]
    assert ARGUMENT in notes[1]
    _, fewer = hooks.hooks_of(module(BOTH.format("")), points)
    assert len(fewer) == 1  # who does not take the argument is not told of it


def test_a_deprecated_point_says_so_of_itself():
    found = OldSpecs.points["before_quote_save"]
    assert (found.deprecated, found.removed_in) == ("0.4: Implement before_order_promote.", "0.6")
    assert attrs.evolve(OldSpecs.points["quote_saved"], name="x").deprecated == ""

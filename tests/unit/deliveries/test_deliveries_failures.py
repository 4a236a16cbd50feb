"""Why a delivery failed, in plain words, and when it is tried again."""

from __future__ import annotations

import traceback
from datetime import timedelta

import pytest

from crossdock.errors import (
    AccessDenied,
    Conflict,
    CrossdockError,
    DeadlineExceeded,
    FieldError,
    NotSupported,
    PluginFault,
    PossiblyCreated,
    RemoteMisbehaved,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
)
from crossdock.host.deliveries import RetryPolicy, failure_of
from crossdock.host.isolation.failures import InThePlugin


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RemoteUnavailable("away", system="main"), "transient"),
        (DeadlineExceeded("too slow", plugin_id="p", point="order_promoted"), "transient"),
        (ConnectionResetError("reset by peer"), "transient"),
        (TimeoutError("timed out"), "transient"),
        (RemoteRefused("over the limit", system="main"), "business"),
        (Conflict("changed since", system="main"), "business"),
        (NotSupported("main keeps no contracts"), "business"),
        (RemoteRejectedData("bad quantity", system="main"), "data"),
        (RemoteUnauthorized("the key has expired", system="main"), "authorization"),
        (AccessDenied("not allowed", scope="erp.orders:write"), "authorization"),
        (RemoteMisbehaved("no currency", system="main"), "bug"),
        (PluginFault("not loaded", plugin_id="p", point="order_promoted"), "bug"),
        (KeyError("lines"), "bug"),
    ],
)
def test_a_failure_has_the_class_of_who_can_do_something_about_it(error, kind):
    failure = failure_of(error)
    assert failure.kind == kind
    assert bool(failure.traceback) == (kind == "bug")


def test_the_fields_that_a_system_complained_of_are_told():
    error = RemoteRejectedData(
        "the order was not accepted", system="main", fields=[FieldError("lines.0.quantity", "> 0")]
    )
    assert failure_of(error).cause == "the order was not accepted (lines.0.quantity: > 0)"


def test_a_bug_is_told_with_its_place():
    try:
        {}["lines"]
    except KeyError as error:
        failure = failure_of(error)
        frames = "".join(traceback.format_exception(error))
    assert failure.cause.startswith("the plugin failed with KeyError: 'lines' (test_deliveries_")
    assert '{}["lines"]' in failure.traceback
    assert failure.traceback == frames


def test_a_bug_in_a_plugin_s_own_process_is_told_with_its_place_there():
    error = KeyError("lines")
    error.__cause__ = InThePlugin("frames of the plugin", place="plugin.py line 7")
    failure = failure_of(error)
    assert failure.cause == "the plugin failed with KeyError: 'lines' (plugin.py line 7)"
    assert "frames of the plugin" in failure.traceback


def test_what_an_error_carries_by_chance_or_lacks_is_not_taken_for_ours():
    class OverheatedError(Exception):
        system = "boiler"

    class SoldOutError(CrossdockError):
        evidence = 7

    assert failure_of(OverheatedError("too hot")).system == ""
    assert failure_of(SoldOutError("sold out")).evidence is None
    old = PossiblyCreated("perhaps", system="main", reference="R-1")
    del old.evidence  # as a version that knew no evidence recorded it
    assert failure_of(old).evidence is None


def test_waits_double_up_to_the_longest():
    policy = RetryPolicy(jitter=0)
    waits = [policy.wait(17, attempts).total_seconds() for attempts in (1, 2, 3, 4, 11, 2000)]
    assert waits == [1, 2, 4, 8, 900, 900]


def test_deliveries_that_failed_together_do_not_come_back_together():
    policy = RetryPolicy()
    waits = {policy.wait(number, 5) for number in range(200)}
    assert len(waits) == 200
    assert timedelta(seconds=12.8) <= min(waits)
    assert max(waits) <= timedelta(seconds=19.2)


def test_a_schedule_can_be_computed_again():
    assert RetryPolicy().wait(17, 3) == RetryPolicy().wait(17, 3)


def test_by_default_a_transient_failure_is_tried_for_about_three_days():
    policy = RetryPolicy(jitter=0)
    together = sum(
        (policy.wait(1, attempts) for attempts in range(1, policy.max_attempts)), timedelta()
    )
    assert timedelta(days=2.5) < together < timedelta(days=4)

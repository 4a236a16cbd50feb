"""Whatever a plugin does in a process of its own, its host and the other plugins go on."""

from __future__ import annotations

import logging
import re
import socket

import psutil
import pytest

from crossdock.host.isolation.settings import BreakerSettings
from crossdock.records import Quote

# What the plugin does: what its fault says, and what the traceback with it names.
FAULTS = {
    "raises": (r"ValueError: on purpose$", r"plugin\.py.*in _raises"),
    "raises-what-is-no-exception": (r"it raised Bare: on purpose", r"in _raises_what_is_no"),
    "raises-what-cannot-be-said": (r"Unsayable: .*cannot be had", r"in _raises_what_cannot"),
    "hangs": (r"did not answer before_quote_save in time", r"plugin\.py.*in _hangs"),
    "spins": (r"did not answer before_quote_save in time", r"in _spins"),
    "spins-in-c": (r"did not answer before_quote_save in time", r"in _spins_in_c"),
    "spins-deaf": (r"did not answer before_quote_save in time", r""),
    "recurses": (r"RecursionError: maximum recursion depth", r"in _recurses"),
    "recurses-in-c": (r"killed by SIGSEGV|MemoryError", r""),
    "eats-memory": (r"MemoryError", r"in _eats_memory"),
    "eats-shared-memory": (r"Cannot allocate memory", r"in _eats_shared_memory"),
    "eats-threads": (r"can't start new thread|MemoryError", r"in _eats_threads"),
    "eats-descriptors": (r"Too many open files", r"in _eats_descriptors"),
    "exits": (r"exited with code 3", r""),
    "exits-politely": (r"it raised SystemExit: enough", r"in _exits_politely"),
    "kills-itself": (r"SIGKILL", r""),
    "kills-the-host": (r"AccessDenied: os\.kill", r"in _kills_the_host"),
    "aborts": (r"killed by SIGABRT", r"in _aborts"),
    "forks": (r"AccessDenied: os\.fork", r"in _forks"),
    "starts-a-program": (r"AccessDenied: subprocess\.Popen", r"in _starts_a_program"),
    "slips-out": (r"PermissionError", r"in _slips_out"),
    "opens-a-socket": (r"PermissionError", r"in _opens_a_socket"),
    "loads-a-library": (r"AccessDenied: ctypes", r"in _loads_a_library"),
    "closes-descriptors": (r"ended while it served", r""),
    "prints-without-end": (r"did not answer before_quote_save in time", r""),
    "logs-without-end": (r"did not answer before_quote_save in time", r"in _logs_without_end"),
    "answers-something-huge": (r"cannot leave its process: a message of 10,", r"_answer"),
    "answers-something-cyclic": (r"cannot leave its process: maximum recursion", r"_answer"),
    "answers-a-function": (r"cannot leave its process: builtins.function", r"_answer"),
    "answers-a-text": (r"TypeError: before_quote_save answered 'fine'", r""),
    "answers-another-record": (r"answered Amend with a Account", r""),
    "answers-something-deep": (r"cannot leave its process: maximum recursion", r"_answer"),
    "reads-input": (r"EOFError", r"in _reads_input"),
    "sends-garbage:noise": (r"makes no sense", r""),
    "sends-garbage:length": (r"makes no sense and was stopped: .*4,294,967,295 bytes", r""),
    "sends-garbage:json": (r"makes no sense", r""),
    "sends-garbage:list": (r"makes no sense and was stopped: a message that is a list", r""),
    "sends-garbage:unknown": (r"makes no sense and was stopped: an answer to another call", r""),
    "sends-garbage:error": (r"makes no sense and was stopped: an answer to another call", r""),
    "sends-garbage:deep": (r"makes no sense and was stopped: an answer to another call", r""),
    "sends-garbage:question": (r"did not answer before_quote_save in time", r""),
    "sends-garbage:half": (r"did not answer before_quote_save in time", r""),
    "asks-for-more": (r"AccessDenied: .*crm\.quotes:write", r"in _asks_for_more"),
}


# One of each kind runs always; these are further forms of it.
_FURTHER = {
    "raises-what-is-no-exception",
    "raises-what-cannot-be-said",
    "spins-in-c",
    "spins-deaf",
    "exits-politely",
    "aborts",
    "answers-something-cyclic",
    "answers-a-text",
    "reads-input",
    "closes-descriptors",
    "prints-without-end",
    "sends-garbage:deep",
    "eats-shared-memory",
    "logs-without-end",
    "answers-something-deep",
    "sends-garbage:json",
    "sends-garbage:list",
    "sends-garbage:unknown",
    "sends-garbage:error",
    "sends-garbage:question",
    "sends-garbage:half",
}


@pytest.mark.parametrize(
    "deed",
    [pytest.param(each, marks=pytest.mark.full if each in _FURTHER else ()) for each in FAULTS],
)
def test_the_host_says_what_happened_and_answers_everybody_else_meanwhile(
    deed, open_host, bystanders, called, kim, wait_for
):
    message, place = FAULTS[deed]
    late = "in time" in message
    # What is no matter of time gets more of it than a busy machine takes.
    seconds = 1.5 if late else 20.0
    host = open_host(guard_seconds=seconds, breaker=BreakerSettings(faults=1000))

    def again():
        verdict = host.before_quote_save(called("behaves"), user=kim)
        return (
            None if verdict.faults else verdict
        )  # a new process may need more than one call's time

    with bystanders(host) as others:
        verdict = host.before_quote_save(called(deed), user=kim)
        after = wait_for(again)

    fault = verdict.faults[0]
    assert fault.plugin_id == "hostile"
    assert fault.closes
    assert re.search(message, fault.message), fault.message
    assert re.search(place, fault.detail, re.DOTALL), fault.detail
    if late:  # guards share the time of their point, and it is used up
        assert [each.plugin_id for each in verdict.faults] == ["hostile", "bystander"]
    else:
        assert [each.message for each in verdict.warnings] == [f"{deed} in EUR, I-1"]
    assert others.answers > 0
    assert not others.wrong
    assert after.warnings[0].message == "hostile saw A-1 of Bearing"


def test_a_plugin_that_prints_megabytes_is_neither_held_up_nor_a_flood(
    open_host, called, kim, caplog
):
    host = open_host(guard_seconds=20, output_lines_per_second=50)

    with caplog.at_level(logging.INFO):
        verdict = host.before_quote_save(called("prints-megabytes"), user=kim)
        host.close()

    assert verdict.warnings[0].message == "printed"
    printed = [each for each in caplog.records if each.getMessage().startswith("stdout: xxx")]
    seconds = 1 + sum(seconds for _, seconds in verdict.timings)
    assert 50 <= len(printed) <= 50 * (seconds + 1)
    assert sum(len(each.getMessage()) for each in caplog.records) < 1_000_000
    assert "lines were dropped" in caplog.text


def test_arguments_that_a_plugin_changes_in_place_stay_as_they_were(open_host, called, kim):
    host = open_host()
    quote = called("mutates-its-arguments")

    verdict = host.before_quote_save(quote, user=kim)

    assert verdict.record == quote == called("mutates-its-arguments")
    assert [each.message for each in verdict.warnings] == ["mutates-its-arguments in EUR, I-1"]
    assert kim.name == "Kim"


def test_what_a_plugin_patches_is_patched_nowhere_else(open_host, called, kim, bystanders):
    import json

    from crossdock import Veto, Warn

    host = open_host()

    with bystanders(host) as others:
        verdict = host.before_quote_save(called("patches-crossdock"), user=kim)

    assert verdict.record.trading_account == "patched"
    assert Veto("still there").message == "still there"
    assert Warn is not None
    assert json.loads("1") == 1
    assert called("a") != called("b")
    assert Quote.__eq__(called("a"), called("b")) is False
    assert not others.wrong


def test_ports_answer_threads_of_a_call_and_nobody_after_it(open_host, called, kim, wait_for):
    host = open_host()

    threads = host.before_quote_save(called("asks-from-threads"), user=kim)
    assert threads.warnings[0].message == "8 times {'Bearing'}"

    assert not host.before_quote_save(called("asks-later"), user=kim).faults

    def told():
        warnings = host.before_quote_save(called("asked-later"), user=kim).warnings
        return [each.message for each in warnings if each.plugin_id == "hostile"]

    said = wait_for(told)[0]
    late, kept = said.split(" / ")
    assert "this call is over" in late
    # What is kept answers nobody either, although another call is under way.
    assert kept in ("Bearing", late)
    assert "erp.items:read" in {
        entry.subject for entry in host.store.audit.entries() if entry.action == "access.refused"
    }


def test_refused_egress_is_in_the_audit_trail(open_host, called, kim):
    host = open_host()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        port = listener.getsockname()[1]

        verdict = host.before_quote_save(called(f"connects:{port}"), user=kim)
        host.before_quote_save(called("forks"), user=kim)

        assert "AccessDenied: socket." in verdict.faults[0].message
        with pytest.raises(BlockingIOError):
            listener.accept()
    refused = [
        (entry.actor, entry.subject)
        for entry in host.store.audit.entries()
        if entry.action == "access.refused"
    ]
    assert ("plugin:hostile", "egress:network") in refused
    assert ("plugin:hostile", "egress:process") in refused


def test_what_a_plugin_started_goes_with_it_even_where_the_kernel_does_not_help(
    open_host, called, kim, wait_for, tmp_path
):
    host = open_host(kernel="off")
    mark = f"mark-{tmp_path.name}-{id(host)}"

    def marked():
        return [
            each
            for each in psutil.process_iter(["cmdline"])
            if mark in (each.info["cmdline"] or ())
        ]

    verdict = host.before_quote_save(called(f"slips-out:{mark}"), user=kim)
    assert verdict.warnings[0].message.startswith("started ")
    assert wait_for(marked)

    host.before_quote_save(called("hangs"), user=kim)

    wait_for(lambda: not marked())

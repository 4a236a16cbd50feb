"""What a plugin's process takes away from itself, tried without taking it from this one."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import struct
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from crossdock.errors import AccessDenied
from crossdock.host.isolation import protection, system_calls

ALLOWED = "allowed"
REFUSED = errno.EPERM
UNKNOWN = errno.ENOSYS
KILLED = "killed"
ANOTHER = 4711


class Kernel:
    """Stands in for the C library: notes what is asked of it, and answers as it is told."""

    def __init__(self, *refused: int) -> None:
        self.refused = refused
        self.program: list[tuple[int, int, int, int]] = []
        self.asked: list[int] = []

    def prctl(self, option: int, *arguments: Any) -> int:
        self.asked.append(option)
        if option == system_calls._PR_SET_SECCOMP:
            count, address = struct.unpack("HxxxxxxQ", arguments[1].raw[:16])
            self.program = list(struct.iter_unpack("HBBI", ctypes.string_at(address, count * 8)))
        return self._answer(option)

    def unshare(self, flags: int) -> int:
        return self._answer(flags)

    def _answer(self, what: int) -> int:
        ctypes.set_errno(errno.EINVAL)
        return -1 if what in self.refused else 0

    def judge(self, number: int, argument: int = 0, machine: str = "x86_64") -> object:
        """Run the filter on one system call, as the kernel does."""
        held = {0: number, 4: system_calls._ARCHITECTURES[machine], 16: argument & 0xFFFFFFFF}
        word = at = 0
        while True:
            code, yes, no, operand = self.program[at]
            at += 1
            if code == 0x20:
                word = held[operand]
            elif code == 0x06:
                answers = {0x7FFF0000: ALLOWED, 0x80000000: KILLED}
                return answers.get(operand, operand & 0xFFFF)
            else:
                holds = {
                    0x15: word == operand,
                    0x35: word >= operand,
                    0x45: bool(word & operand),
                }[code]
                at += yes if holds else no


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    kernel = Kernel()
    monkeypatch.setattr(system_calls.ctypes, "CDLL", lambda *_, **__: kernel)
    return kernel


def test_the_filter_refuses_forks_programs_and_sockets_and_nothing_that_code_needs(
    kernel, monkeypatch
):
    monkeypatch.setattr(system_calls.platform, "machine", lambda: "x86_64")
    assert system_calls.forbid() == ""
    assert kernel.asked == [38, 22]  # no new privileges first, or the kernel refuses the filter

    read, write, open_, mmap, futex = 0, 1, 2, 9, 202
    for number in (read, write, open_, mmap, futex):
        assert kernel.judge(number) == ALLOWED
    for number in system_calls._REFUSED["x86_64"].values():
        assert kernel.judge(number) == REFUSED
    fork, clone, clone3, kill, prlimit = 57, 56, 435, 62, 302
    assert kernel.judge(fork) == REFUSED
    assert kernel.judge(clone3) == UNKNOWN  # so that the C library takes clone
    assert kernel.judge(clone, 0x00010000) == ALLOWED  # a thread
    assert kernel.judge(clone, signal.SIGCHLD) == REFUSED  # a process
    assert kernel.judge(kill, os.getpid()) == ALLOWED
    assert kernel.judge(kill, ANOTHER) == REFUSED
    assert kernel.judge(prlimit, 0) == ALLOWED
    assert kernel.judge(prlimit, os.getpid()) == ALLOWED
    assert kernel.judge(prlimit, ANOTHER) == REFUSED
    assert kernel.judge(0x40000000 | fork) == REFUSED  # by the second table of numbers
    assert kernel.judge(fork, machine="aarch64") == KILLED


def test_the_filter_knows_the_numbers_of_arm(kernel, monkeypatch):
    monkeypatch.setattr(system_calls.platform, "machine", lambda: "aarch64")
    assert system_calls.forbid() == ""

    def judge(number: int, argument: int = 0) -> object:
        return kernel.judge(number, argument, machine="aarch64")

    read, execve, socket, clone, kill, prlimit = 63, 221, 198, 220, 129, 261
    assert judge(read) == ALLOWED
    assert judge(execve) == judge(socket) == REFUSED
    assert judge(clone, 0x00010000) == ALLOWED
    assert judge(clone, signal.SIGCHLD) == REFUSED
    assert judge(kill, os.getpid()) == judge(prlimit, 0) == ALLOWED
    assert judge(kill, ANOTHER) == judge(prlimit, ANOTHER) == REFUSED
    assert kernel.judge(read) == KILLED


@pytest.mark.parametrize(
    ("machine", "refused", "said"),
    [
        ("riscv64", (), "there is no table of system calls for riscv64"),
        ("x86_64", (38,), "no_new_privs: Invalid argument"),
        ("x86_64", (22,), "seccomp: Invalid argument"),
    ],
)
def test_where_there_can_be_no_filter_it_says_why(kernel, monkeypatch, machine, refused, said):
    monkeypatch.setattr(system_calls.platform, "machine", lambda: machine)
    kernel.refused = refused
    assert system_calls.forbid() == said


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> dict[int, tuple[int, int]]:
    """What was limited, by its name; nothing is."""
    taken: dict[int, tuple[int, int]] = {}
    real = protection.resource
    hard = {real.RLIMIT_DATA: 100 << 20}
    names = {name: getattr(real, name) for name in dir(real) if name.startswith("RLIM")}
    stand_in = SimpleNamespace(
        **names,
        getrlimit=lambda what: (0, hard.get(what, real.RLIM_INFINITY)),
        setrlimit=taken.__setitem__,
    )
    monkeypatch.setattr(protection, "resource", stand_in)
    return taken


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What was written below /proc; nothing is."""
    written: dict[str, str] = {}

    class Path:
        def __init__(self, path: str) -> None:
            self.path = path

        def write_text(self, text: str, encoding: str) -> None:
            written[self.path] = text

    monkeypatch.setattr(protection, "Path", Path)
    return written


@pytest.mark.parametrize("user", [0, 1000])
def test_all_protections_hold_where_the_kernel_gives_them(kernel, limits, files, monkeypatch, user):
    monkeypatch.setattr(protection.os, "getuid", lambda: user)
    monkeypatch.setattr(protection.os, "getgid", lambda: 7)
    monkeypatch.setattr(protection.system_calls, "forbid", lambda: "")

    made = protection.protect(memory_mb=256, host_pid=os.getppid(), kernel=True)

    assert made.names == ("limits", "network_namespace", "dies_with_host", "system_call_filter")
    assert made.missing == {}
    real = protection.resource
    assert limits[real.RLIMIT_DATA] == (100 << 20, 100 << 20)  # no more than it has already
    assert limits[real.RLIMIT_FSIZE] == (256 << 20, 256 << 20)
    assert limits[real.RLIMIT_CORE] == (0, 0)
    assert limits.get(real.RLIMIT_NPROC) == ((64, 64) if user else None)
    assert files["/proc/self/uid_map"] == f"{user} {user} 1"
    assert files["/proc/self/gid_map"] == "7 7 1"


def test_what_the_kernel_refuses_is_told_with_its_reason(kernel, limits, files, monkeypatch):
    kernel.refused = (0x10000000 | 0x40000000 | 0x08000000, 1)

    def no(*_: object) -> None:
        raise ValueError("not allowed to raise maximum limit")

    monkeypatch.setattr(protection.resource, "setrlimit", no)
    monkeypatch.setattr(protection.system_calls, "forbid", lambda: "seccomp: off")
    made = protection.protect(memory_mb=256, host_pid=1, kernel=True)
    assert made.names == ()
    assert made.missing == {
        "limits": "not allowed to raise maximum limit",
        "network_namespace": "unshare: Invalid argument",
        "dies_with_host": "prctl: Invalid argument",
        "system_call_filter": "seccomp: off",
    }


def test_outside_linux_and_with_the_kernel_off_little_holds(kernel, limits, monkeypatch):
    monkeypatch.setattr(protection.sys, "platform", "darwin")
    made = protection.protect(memory_mb=256, host_pid=1, kernel=False)
    assert made.names == ("limits",)
    assert made.missing == {
        "network_namespace": "[isolation] kernel is off",
        "dies_with_host": "only Linux tells a process of its parent's death",
        "system_call_filter": "[isolation] kernel is off",
    }


def test_a_process_whose_host_died_before_it_asked_ends(kernel, limits, monkeypatch):
    class Ended(BaseException):
        pass

    def end(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(protection.os, "_exit", end)
    with pytest.raises(Ended):
        protection.protect(memory_mb=256, host_pid=ANOTHER, kernel=False)


@pytest.mark.parametrize(
    ("event", "arguments", "scope"),
    [
        ("socket.connect", (None, ("192.0.2.1", 80)), "egress:network"),
        ("subprocess.Popen", ("ls", [], None, None), "egress:process"),
        ("os.kill", (ANOTHER, 9), "egress:process"),
        ("os.kill", (os.getpid(), 9), None),
        ("ctypes.dlopen", ("libc.so.6",), "egress:process"),
        ("ctypes.dlopen", (None,), None),
        ("open", ("/etc/hosts", "r", 0), None),
    ],
)
def test_the_audit_hook_refuses_egress_and_tells_the_host(monkeypatch, event, arguments, scope):
    hooks: list[Any] = []
    monkeypatch.setattr(sys, "addaudithook", hooks.append)
    told: list[str] = []
    protection.watch(told.append)
    (hook,) = hooks
    if scope is None:
        hook(event, arguments)
        assert told == []
    else:
        with pytest.raises(AccessDenied, match="a plugin reaches the outside through") as refused:
            hook(event, arguments)
        assert refused.value.scope == scope
        assert told == [scope]

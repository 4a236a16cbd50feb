"""What a plugin's process takes away from itself before any of the plugin's code runs.

Limits, namespaces and the filter of system calls are the kernel's and hold whatever the code does.
The audit hook is Python's: a guard rail that says early and in plain words what is refused, tells
the host of it, and is all that there is where the kernel does not help.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from crossdock.errors import AccessDenied
from crossdock.host.isolation import system_calls

_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_CLONE_NEWIPC: Final = 0x08000000
_PR_SET_PDEATHSIG: Final = 1
_MEGABYTE: Final = 1 << 20
# Address space is reserved far beyond what is used: arenas of malloc, mapped libraries.
_RESERVED_MB: Final = 1024
_FILES: Final = 256
_TASKS: Final = 64

NETWORK: Final = "egress:network"
PROGRAM: Final = "egress:process"
_SCOPES: Final = {
    "socket.connect": NETWORK,
    "socket.bind": NETWORK,
    "socket.sendto": NETWORK,
    "socket.sendmsg": NETWORK,
    "socket.getaddrinfo": NETWORK,
    "socket.gethostbyname": NETWORK,
    "socket.gethostbyaddr": NETWORK,
    "socket.getnameinfo": NETWORK,
    "subprocess.Popen": PROGRAM,
    "os.system": PROGRAM,
    "os.exec": PROGRAM,
    "os.posix_spawn": PROGRAM,
    "os.spawn": PROGRAM,
    "os.fork": PROGRAM,
    "os.forkpty": PROGRAM,
    "pty.spawn": PROGRAM,
    "os.kill": PROGRAM,
    "os.killpg": PROGRAM,
    "ctypes.dlopen": PROGRAM,
    "ctypes.dlsym": PROGRAM,
}


@frozen(kw_only=True)
class Protections:
    """What is in force in a plugin's process.

    Attributes:
        names: `limits`, `dies_with_host`, `network_namespace`, `system_call_filter`, `audit_hook`.
        missing: what is not, each with its reason.
    """

    names: tuple[str, ...] = ()
    missing: dict[str, str] = field(factory=dict)


def protect(*, memory_mb: int, host_pid: int, kernel: bool) -> Protections:
    """Put this process, which must have one thread only, under the kernel's protections.

    Args:
        memory_mb: how much memory it may have.
        host_pid: who started it.
        kernel: whether namespaces and the filter of system calls are wanted.
    """
    asked = {
        "limits": lambda: _limit(memory_mb),
        "network_namespace": _unshare,
        "dies_with_host": lambda: _die_with(host_pid),
        "system_call_filter": system_calls.forbid,
    }
    if not kernel:
        for name in ("network_namespace", "system_call_filter"):
            asked[name] = lambda: "[isolation] kernel is off"
    names, missing = [], {}
    # In this order: a change of credentials takes the signal of the host's death back, and what
    # the filter forbids must be done before it.
    for name, take in asked.items():
        try:
            reason = take()
        except (OSError, ValueError, AttributeError) as refused:
            reason = str(refused) or type(refused).__name__
        if reason:
            missing[name] = reason
        else:
            names.append(name)
    return Protections(names=tuple(names), missing=missing)


def _limit(memory_mb: int) -> str:
    memory = memory_mb * _MEGABYTE
    for what, most in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_AS, memory + _RESERVED_MB * _MEGABYTE),
        (resource.RLIMIT_FSIZE, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _FILES),
    ):
        _, hard = resource.getrlimit(what)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (least, least))
    return ""


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _unshare() -> str:
    user, group = os.getuid(), os.getgid()
    library = _libc()
    if library.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC):
        return f"unshare: {os.strerror(ctypes.get_errno())}"
    # Keep being who one is, so that files have the owner that they have.
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    if user:
        # Tasks are counted by namespace; the superuser is never counted.
        resource.setrlimit(resource.RLIMIT_NPROC, (_TASKS, _TASKS))
    return ""


def _die_with(host_pid: int) -> str:
    if not sys.platform.startswith("linux"):
        return "only Linux tells a process of its parent's death"
    if _libc().prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL)):
        return f"prctl: {os.strerror(ctypes.get_errno())}"
    if os.getppid() != host_pid:
        os._exit(0)  # it died before we asked
    return ""


def watch(refused: Callable[[str], None]) -> None:
    """Refuse egress by Python's audit events, for good.

    Args:
        refused: told of each refusal before it is raised, with its scope.
    """
    own_pid = os.getpid()

    def hook(event: str, args: tuple[Any, ...]) -> None:
        scope = _SCOPES.get(event)
        if scope is None:
            return
        if event == "os.kill" and args[0] == own_pid:
            return
        if event == "ctypes.dlopen" and args[0] is None:
            return  # done by `import ctypes` itself
        refused(scope)
        raise AccessDenied(
            f"{event}: a plugin reaches the outside through ctx.crm and ctx.erp only",
            scope=scope,
        )

    sys.addaudithook(hook)

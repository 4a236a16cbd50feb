"""A filter of system calls: what a plugin's process can never ask the kernel for.

Written as classic BPF for seccomp (Linux, `seccomp(2)`), for x86-64 and arm64. Refused calls answer
`EPERM`, so that Python raises `PermissionError`. Forks, programs, sockets and signals to others are
refused; threads, files, memory and time are not.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from typing import Final

_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_FILTER_MODE: Final = 2
_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_EPERM: Final = 0x00050000 | 1
_ENOSYS: Final = 0x00050000 | 38
_LOAD: Final = 0x20
_EQUALS: Final = 0x15
_AT_LEAST: Final = 0x35
_ANY_BIT: Final = 0x45
_RETURN: Final = 0x06
_NUMBER_AT: Final = 0
_ARCHITECTURE_AT: Final = 4
_FIRST_ARGUMENT_AT: Final = 16
_CLONE_THREAD: Final = 0x00010000

_Instruction = tuple[int, int, int, int]

# linux/audit.h, and the tables of system calls of each architecture.
_ARCHITECTURES: Final[dict[str, int]] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_REFUSED: Final[dict[str, dict[str, int]]] = {
    "x86_64": {
        "fork": 57, "vfork": 58, "execve": 59, "execveat": 322,
        "socket": 41, "connect": 42, "bind": 49, "listen": 50, "accept": 43, "accept4": 288,
        "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "pidfd_open": 434,
        "pidfd_send_signal": 424, "pidfd_getfd": 438,
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311,
        "io_uring_setup": 425, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323,
        "unshare": 272, "setns": 308, "mount": 165, "umount2": 166, "pivot_root": 155,
        "chroot": 161, "keyctl": 250, "add_key": 248, "request_key": 249,
        "kexec_load": 246, "init_module": 175, "finit_module": 313, "reboot": 169,
    },
    "aarch64": {
        "execve": 221, "execveat": 281,
        "socket": 198, "connect": 203, "bind": 200, "listen": 201, "accept": 202, "accept4": 242,
        "tkill": 130, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "pidfd_open": 434,
        "pidfd_send_signal": 424, "pidfd_getfd": 438,
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
        "io_uring_setup": 425, "bpf": 280, "perf_event_open": 241, "userfaultfd": 282,
        "unshare": 97, "setns": 268, "mount": 40, "umount2": 39, "pivot_root": 41,
        "chroot": 51, "keyctl": 219, "add_key": 217, "request_key": 218,
        "kexec_load": 104, "init_module": 105, "finit_module": 273, "reboot": 142,
    },
}  # fmt: skip
_CLONE: Final = {"x86_64": 56, "aarch64": 220}
_CLONE3: Final = 435
_TO_ITSELF: Final[dict[str, dict[str, int]]] = {
    "x86_64": {"kill": 62, "tgkill": 234},
    "aarch64": {"kill": 129, "tgkill": 131},
}
_PRLIMIT: Final = {"x86_64": 302, "aarch64": 261}
_X32: Final = 0x40000000  # on x86-64, the numbers of a second table with the same calls


def forbid() -> str:
    """Put this process, and every thread that it starts later, behind the filter for good.

    Returns:
        Why that cannot be done here; empty when it was done.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        return f"there is no table of system calls for {machine}"
    program = _program(machine, os.getpid())
    packed = b"".join(struct.pack("HBBI", *each) for each in program)
    held = ctypes.create_string_buffer(packed, len(packed))
    header = ctypes.create_string_buffer(
        struct.pack("HxxxxxxQ", len(program), ctypes.addressof(held))
    )
    library = ctypes.CDLL(None, use_errno=True)
    one, nothing = ctypes.c_ulong(1), ctypes.c_ulong(0)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, one, nothing, nothing, nothing):
        return f"no_new_privs: {os.strerror(ctypes.get_errno())}"
    mode = ctypes.c_ulong(_FILTER_MODE)
    if library.prctl(_PR_SET_SECCOMP, mode, header, nothing, nothing):
        return f"seccomp: {os.strerror(ctypes.get_errno())}"
    return ""


def _program(machine: str, own_pid: int) -> list[_Instruction]:
    """Write the filter: load a word, compare, jump over what follows, or answer."""

    def refuse_number(number: int, answer: int = _EPERM) -> list[_Instruction]:
        return [(_EQUALS, 0, 1, number), (_RETURN, 0, 0, answer)]

    def unless_argument(number: int, *allowed: int) -> list[_Instruction]:
        # Behind the comparison of the number: the argument, each allowed value, the answers.
        tests = [
            (_EQUALS, len(allowed) - index, 0, value & 0xFFFFFFFF)
            for index, value in enumerate(allowed)
        ]
        body = [
            (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
            *tests,
            (_RETURN, 0, 0, _EPERM),
            (_RETURN, 0, 0, _ALLOW),
        ]
        return [(_EQUALS, 0, len(body), number), *body]

    program: list[_Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUALS, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
    ]
    if machine == "x86_64":
        program += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _EPERM)]
    for number in _REFUSED[machine].values():
        program += refuse_number(number)
    # The C library asks for clone3 first and takes clone where there is none; only the flags of
    # clone can be looked at from here.
    program += refuse_number(_CLONE3, _ENOSYS)
    program += [
        (_EQUALS, 0, 4, _CLONE[machine]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        (_ANY_BIT, 1, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    for number in _TO_ITSELF[machine].values():
        program += unless_argument(number, own_pid)
    program += unless_argument(_PRLIMIT[machine], 0, own_pid)
    program.append((_RETURN, 0, 0, _ALLOW))
    return program

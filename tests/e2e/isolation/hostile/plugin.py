"""A plugin that misbehaves in the way that the quote's id names."""

import json
import mmap
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from attrs import evolve

import crossdock
from crossdock import Amend, Proceed, Warn, hookimpl
from crossdock.records import Account

_kept = {}


@hookimpl
def before_quote_save(ctx, quote, before):
    name = quote.id.partition(":")[0].replace("-", "_")
    return globals()[f"_{name}"](ctx, quote)


def _behaves(ctx, quote):
    return Warn(f"hostile saw {quote.account_id} of {ctx.erp.using('main').item('I-1').name}")


def _raises(ctx, quote):
    raise ValueError("on purpose")


def _raises_what_is_no_exception(ctx, quote):
    class Bare(BaseException):
        pass

    raise Bare("on purpose")


def _raises_what_cannot_be_said(ctx, quote):
    class Unsayable(Exception):  # noqa: N818
        def __str__(self):
            raise RuntimeError("no words")

    raise Unsayable


def _hangs(ctx, quote):
    time.sleep(3600)


def _spins(ctx, quote):
    while True:
        pass


def _spins_in_c(ctx, quote):
    return sum(range(10**13))


def _spins_deaf(ctx, quote):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, signal.NSIG))
    while True:
        pass


def _recurses(ctx, quote):
    return _recurses(ctx, quote)


def _recurses_in_c(ctx, quote):
    class Endless:
        def __repr__(self):
            return repr(self)

    sys.setrecursionlimit(10**9)
    return repr(Endless())


def _eats_memory(ctx, quote):
    eaten = []
    while True:
        eaten.append(bytearray(1 << 20))


def _eats_shared_memory(ctx, quote):
    eaten = []
    while True:
        eaten.append(mmap.mmap(-1, 1 << 28))


def _eats_threads(ctx, quote):
    for _ in range(100_000):
        threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()


def _eats_descriptors(ctx, quote):
    return [os.open("/dev/null", os.O_RDONLY) for _ in range(100_000)]


def _exits(ctx, quote):
    os._exit(3)


def _exits_politely(ctx, quote):
    sys.exit("enough")


def _kills_itself(ctx, quote):
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def _kills_the_host(ctx, quote):
    os.kill(os.getppid(), signal.SIGKILL)


def _aborts(ctx, quote):
    os.abort()


def _forks(ctx, quote):
    if os.fork() == 0:
        time.sleep(3600)


def _starts_a_program(ctx, quote):
    subprocess.run(["/bin/sleep", "3600"], check=True)


def _slips_out(ctx, quote):
    # No audit event tells of this way.
    from multiprocessing.util import spawnv_passfds

    mark = quote.id.partition(":")[2]
    pid = spawnv_passfds(
        sys.executable.encode(),
        [b"python", b"-c", b"import os, time; os.setsid(); time.sleep(3600)", mark.encode()],
        (),
    )
    return Warn(f"started {pid}")


def _connects(ctx, quote):
    with socket.create_connection(("127.0.0.1", int(quote.id.partition(":")[2])), timeout=5):
        return Warn("connected")


def _opens_a_socket(ctx, quote):
    socket.socket(socket.AF_UNIX)
    return Warn("opened")


def _loads_a_library(ctx, quote):
    import ctypes

    return Warn(str(ctypes.CDLL(None).getpid()))


def _closes_descriptors(ctx, quote):
    os.closerange(0, 1024)
    return Proceed()


def _prints_megabytes(ctx, quote):
    for _ in range(200_000):
        print("x" * 99)
    os.write(2, b"y" * 1_000_000)
    return Warn("printed")


def _prints_without_end(ctx, quote):
    piece = b"z\n" * 50_000
    while True:
        os.write(1, piece)


def _logs_without_end(ctx, quote):
    while True:
        ctx.log.warning("again")


def _answers_something_huge(ctx, quote):
    return Warn("x" * (10 << 20))


def _answers_something_cyclic(ctx, quote):
    answer = []
    answer.append(answer)
    return answer


def _answers_a_function(ctx, quote):
    return lambda: None


def _answers_a_text(ctx, quote):
    return "fine"


def _answers_another_record(ctx, quote):
    return Amend(Account(id="A-1", name="?"))


def _answers_something_deep(ctx, quote):
    answer = []
    for _ in range(900):
        answer = [answer]
    return answer


def _mutates_its_arguments(ctx, quote):
    object.__setattr__(quote, "currency", "XXX")
    object.__setattr__(quote.lines[0], "item_id", "stolen")
    ctx.user.__class__.name = "nobody"
    return Proceed()


def _patches_crossdock(ctx, quote):
    crossdock.decisions.Veto.__init__ = None
    crossdock.records.Quote.__eq__ = lambda *_: True
    crossdock.Warn = None
    json.loads = None
    sys.modules["crossdock.host.asking.guards"] = None
    return Amend(evolve(quote, trading_account="patched"), reason="patched")


def _reads_input(ctx, quote):
    return Warn(input("password: "))


def _sends_garbage(ctx, quote):
    pieces = {
        "noise": _frame(bytes(range(255, -1, -1)) * 16),
        "length": b"\xff\xff\xff\xff",
        "json": _frame(b'{"answer": {"$Quote": 17}}'),
        "list": _frame(b"[1, 2]"),
        "unknown": _frame(b'{"answer": {"$Host": {}}}'),
        "error": _frame(b'{"raised": {"class": "X", "bases": "?", "args": 5, "state": []}}'),
        "deep": _frame(b'{"answer": ' + b"[" * 900 + b"]" * 900 + b"}"),
        "question": _frame(b'{"ask": 17}'),
        "half": b"\x00\x00\x01\x00{",
    }
    piece = pieces[quote.id.partition(":")[2]]
    for fd in range(3, 4096):  # its number is the host's, which may have many open
        try:
            end = socket.socket(fileno=os.dup(fd))
            end.send(piece)
        except OSError:
            continue
    if piece is not pieces["error"]:  # which is an answer; another one follows it
        time.sleep(3600)


def _frame(body):
    return len(body).to_bytes(4, "big") + body


def _asks_later(ctx, quote):
    _kept["erp"] = ctx.erp

    def later():
        time.sleep(0.2)
        try:
            _kept["said"] = ctx.erp.item("I-1").name
        except Exception as error:  # noqa: BLE001
            _kept["said"] = f"{type(error).__name__}: {error}"

    threading.Thread(target=later, daemon=True).start()
    return Proceed()


def _asked_later(ctx, quote):
    try:
        kept = _kept["erp"].item("I-1").name
    except Exception as error:  # noqa: BLE001
        kept = f"{type(error).__name__}: {error}"
    return Warn(f"{_kept['said']} / {kept}") if "said" in _kept else Proceed()


def _asks_from_threads(ctx, quote):
    names = []
    threads = [
        threading.Thread(target=lambda: names.append(ctx.erp.item("I-1").name)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Warn(f"{len(names)} times {set(names)}")


def _asks_for_more(ctx, quote):
    ctx.crm.save_quote(quote)

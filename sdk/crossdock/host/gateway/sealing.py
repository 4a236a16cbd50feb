"""Attributes that an object has and does not show.

A plugin holds a guarded port and a context, and behind both stands what it must not reach. An
underscore, a mangled name or a closure keeps nobody out: `vars`, `dir`, `__closure__` and
`__self__` name them all. A slot whose descriptor was taken off its class is reached only by who
holds the descriptor.

That closes the ways that somebody takes by accident or out of curiosity. It is no sandbox: code in
the same process can search the garbage collector, the stack, or this package itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def sealed(owner: type, slot: str) -> tuple[Callable[[Any], Any], Callable[[Any, Any], None]]:
    """Take a slot's descriptor off its class and give what reads and writes it.

    Args:
        owner: a class with `slot` in its `__slots__`.
        slot: the slot's name.
    """
    descriptor: Any = vars(owner)[slot]
    delattr(owner, slot)
    return descriptor.__get__, descriptor.__set__

"""What each kind of failure means in plain words, and who can do something about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crossdock.host.deliveries.delivery import FailureClass

KINDS: Final[Mapping[FailureClass, tuple[str, str]]] = {
    "transient": (
        "A system was away",
        "The other system was away or busy. It is tried again by itself, for about three days.",
    ),
    "business": (
        "The ERP or CRM said no",
        "It understood what was sent and refused it. Change what it objects to, here or there, and "
        "try again.",
    ),
    "data": (
        "The form is wrong",
        "The other system did not accept the form of what was sent. Correct the record and try "
        "again.",
    ),
    "authorization": (
        "Not allowed",
        "Credentials or rights do not suffice. Whoever looks after Crossdock can put that right; "
        "then try again.",
    ),
    "bug": (
        "A fault",
        "A plugin, or an answer of the other system, has a fault. Its author needs what stands "
        "below; trying again helps once it is repaired.",
    ),
    "possibly_created": (
        "Possibly created",
        "It was sent, and the answer never came. Look in the other system whether it is there "
        "before you do anything: trying again looks for it too, and sends nothing blindly.",
    ),
}
"""A title, and what to do, by the class of the failure."""

"""Users, what is known of them as people, and owners: who may see what. They are read only."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.saleslogix.entities.words import KEPT, STAMPS, flag, text
from crossdock_mocks.sdata import Field, Reference, Resource

PEOPLE: Final = (
    Resource(
        "users", "User", title="{UserName}", letter="U", stamps=STAMPS, create=False,
        update=False, delete=False, provenance="source", properties=(
            text("UserName", 64, indexed=True), text("Type", default="Concurrent"),
            flag("Enabled", default=True), Reference("UserInfo", "userInfo"),
            Reference("DefaultOwner", "owners"), Reference("Manager", "users"), *KEPT,
        ),
    ),
    Resource(
        "userInfo", "UserInfo", title="{UserName}", letter="u", stamps=STAMPS, create=False,
        update=False, delete=False, provenance="source", properties=(
            text("UserName", 128), text("FirstName", 32), text("LastName", 32),
            Field("NameLF", read_only=True), text("Email", 128), text("Title"),
            text("Department"), text("Region"), text("Phone", 32), *KEPT,
        ),
    ),
    Resource(
        "owners", "Owner", title="{OwnerDescription}", letter="F", stamps=STAMPS, create=False,
        update=False, delete=False, provenance="source", properties=(
            text("OwnerDescription", 64), text("Type"), *KEPT,
        ),
    ),
)  # fmt: skip

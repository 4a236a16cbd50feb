"""What the host remembers: one database, SQLite by default, PostgreSQL by URL.

Importing this takes SQLAlchemy with it; import it where a store is opened.
"""

from crossdock.host.store.audit import Audit, AuditEntry
from crossdock.host.store.documents import Documents
from crossdock.host.store.links import Link, Links
from crossdock.host.store.store import Clock, Store, wall_clock
from crossdock.host.store.watermarks import Watermarks

__all__ = [
    "Audit",
    "AuditEntry",
    "Clock",
    "Documents",
    "Link",
    "Links",
    "Store",
    "Watermarks",
    "wall_clock",
]

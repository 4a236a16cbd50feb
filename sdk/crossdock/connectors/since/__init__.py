"""Change feeds of systems that only tell what changed since an instant.

`Since` makes the `Changes` of a port of lists by modified instant, with a watermark that never
passes what may still come.
"""

from crossdock.connectors.since.feed import ListIds, ListSince, Since, Source
from crossdock.connectors.since.window import Clockwork, Listed, Modified

__all__ = ["Clockwork", "ListIds", "ListSince", "Listed", "Modified", "Since", "Source"]

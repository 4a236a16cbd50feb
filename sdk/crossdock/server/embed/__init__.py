"""Tabs inside the CRM's own screen (A13): signed links that expire, and the pages they open.

A CRM, or the side-car for it, signs a link for one user, one record, one tab and one page that may
hold it, and puts it into an iframe. The page needs no cookie, which browsers keep from frames of
another site, and says whose frame it may stand in (`frame-ancestors`). It is rendered with the
rights that the user has at that moment, whatever the link's age.

    settings = EmbedSettings.of(host.config)
    app.mount("/embed", embed_app(host, settings))
    link = sign(settings, tab="erp-tabs/aging", record="A-1001", user="U-kim",
                origin="https://crm.example")

A link can be opened again until it expires. One that could be used only once would fail whenever
the browser reads the frame anew (going back, restoring a tab), and there is no session that it
could begin. What keeps a stray link from being of use is its short life, and that browsers are
refused that open it anywhere but in a frame.
"""

from crossdock.server.embed.app import EmbedHost, beside, embed_app
from crossdock.server.embed.links import Embedding, SignedLink, sign
from crossdock.server.embed.settings import EmbedSettings

__all__ = ["EmbedHost", "EmbedSettings", "Embedding", "SignedLink", "beside", "embed_app", "sign"]

"""The desk: a small reference CRM in the browser, server-rendered.

It works without JavaScript: every page is a link or a form. The desk acts as the CRM itself, so it
reads and writes through the host's own ports, and asks the host's guards before it saves.
"""

from crossdock.server.desk.app import create_desk
from crossdock.server.desk.desk import DeskSettings

__all__ = ["DeskSettings", "create_desk"]

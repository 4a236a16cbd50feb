"""The run time: loading, dispatch, gateway, store, deliveries. `Host` is its face."""

from crossdock.host.config import HostConfig, RoleConfig, SystemConfig
from crossdock.host.host import Host
from crossdock.host.loading import Plugin, Quarantined
from crossdock.host.promotion import Promotion, SavedQuote
from crossdock.host.tabs import RenderedTab, TabHandle
from crossdock.host.verdict import Amendment, Fault, FieldChange, Finding, Verdict

__all__ = [
    "Amendment",
    "Fault",
    "FieldChange",
    "Finding",
    "Host",
    "HostConfig",
    "Plugin",
    "Promotion",
    "Quarantined",
    "RenderedTab",
    "RoleConfig",
    "SavedQuote",
    "SystemConfig",
    "TabHandle",
    "Verdict",
]

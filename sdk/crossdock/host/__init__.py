"""The run time: loading, dispatch, gateway, store, deliveries. `Host` is its face."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crossdock.host.asking.verdict import Amendment, Fault, FieldChange, Finding, Verdict
    from crossdock.host.host import Host
    from crossdock.host.loading.roster import Plugin, Quarantined
    from crossdock.host.saving.promotion import Promotion, SavedQuote
    from crossdock.host.screens.tabs import RenderedTab, TabHandle
    from crossdock.host.settings.config import HostConfig, RoleConfig, SystemConfig

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

_MODULES = {
    "settings.config": ("HostConfig", "RoleConfig", "SystemConfig"),
    "host": ("Host",),
    "loading.plugin": ("Plugin", "Quarantined"),
    "saving.promotion": ("Promotion", "SavedQuote"),
    "screens.tabs": ("RenderedTab", "TabHandle"),
    "asking.verdict": ("Amendment", "Fault", "FieldChange", "Finding", "Verdict"),
}
_ELSEWHERE = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    # A plugin's own process imports a few modules of this package, and must not pay for the rest.
    module = _ELSEWHERE.get(name)
    if module is None:
        raise AttributeError(f"module 'crossdock.host' has no attribute {name!r}")
    value = getattr(import_module(f"crossdock.host.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

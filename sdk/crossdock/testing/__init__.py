"""The test kit: mock systems and a host in process, records that read like sentences.

pytest finds the fixtures by itself (`crossdock.testing.pytest_plugin`); what stands here works
without pytest, too. Only tests import it, never a plugin.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crossdock.testing.builders import (
        a_change,
        a_contact,
        a_customer,
        a_payment,
        a_quote,
        a_shipment,
        a_user,
        an_account,
        an_invoice,
        an_opportunity,
        an_order,
        money,
        of,
    )
    from crossdock.testing.certification import certify
    from crossdock.testing.checks import check_plugin
    from crossdock.testing.deliveries import Crash, InProcessDeliveries
    from crossdock.testing.dock import Dock
    from crossdock.testing.mock import Mock, Shelf
    from crossdock.testing.setting import Setting
    from crossdock.testing.systems.judging import certify_systems, check_systems
    from crossdock.testing.views import text_of

__all__ = [
    "Crash",
    "Dock",
    "InProcessDeliveries",
    "Mock",
    "Setting",
    "Shelf",
    "a_change",
    "a_contact",
    "a_customer",
    "a_payment",
    "a_quote",
    "a_shipment",
    "a_user",
    "an_account",
    "an_invoice",
    "an_opportunity",
    "an_order",
    "certify",
    "certify_systems",
    "check_plugin",
    "check_systems",
    "money",
    "of",
    "text_of",
]

_ELSEWHERE = {
    "Crash": "deliveries",
    "Dock": "dock",
    "InProcessDeliveries": "deliveries",
    "Mock": "mock",
    "Setting": "setting",
    "Shelf": "mock",
    "certify": "certification",
    "certify_systems": "systems.judging",
    "check_plugin": "checks",
    "check_systems": "systems.judging",
    "text_of": "views",
}


def __getattr__(name: str) -> Any:
    # pytest imports this package in every run of a machine that has it.
    if name not in __all__:
        raise AttributeError(f"module 'crossdock.testing' has no attribute {name!r}")
    try:
        module = import_module(f"crossdock.testing.{_ELSEWHERE.get(name, 'builders')}")
    except ModuleNotFoundError as missing:
        from crossdock.errors import SetupError

        raise SetupError(
            f"crossdock.testing.{name} needs {missing.name}, which is not installed; install all "
            'that tests may need with: pip install "crossdock[all]"'
        ) from missing
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

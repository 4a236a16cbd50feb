"""The form of a data set folder: every record kind, its columns, what they hold and refer to.

One CSV file (UTF-8, header row, comma) per record kind, named after it. A column that is not
required may be left out of a file. Amounts are in the document's currency, prices per unit
without tax, ``rate`` and ``probability`` are fractions (0.20 = 20 %), ``*_percent`` are per cent.
"""

from __future__ import annotations

from typing import Final

from crossdock_mocks.datasets.crm_kinds import CRM_KINDS
from crossdock_mocks.datasets.erp_kinds import ERP_KINDS
from crossdock_mocks.datasets.record_kind import RecordKind

__all__ = ["FORM", "RecordKind"]

FORM: Final[dict[str, RecordKind]] = {kind.name: kind for kind in (*ERP_KINDS, *CRM_KINDS)}
"""Every record kind by its name, in the order in which a system can be filled."""

"""Who owns which field, and what becomes of a record that two systems have.

`policy_from` builds the written policy, `plan` merges one pair of records by it. Nothing is read
or written here: plugin, initial load and rehearsal all ask the same function.
"""

from crossdock.rules.ownership.forming import formed, normal
from crossdock.rules.ownership.merging import plan
from crossdock.rules.ownership.planned import (
    DECIDED,
    RECORD,
    Agreed,
    Decision,
    Plan,
    Settlement,
    Side,
)
from crossdock.rules.ownership.policy import (
    ACTIVE,
    EntityPolicy,
    FieldPolicy,
    Limit,
    OwnershipPolicy,
)
from crossdock.rules.ownership.reading import policy_from
from crossdock.rules.ownership.sides import (
    FIELDS,
    account_side,
    contact_side,
    customer_side,
    item_side,
    price_id,
    price_list_side,
    price_side,
    unreadable,
    with_values,
)

__all__ = [
    "ACTIVE",
    "DECIDED",
    "FIELDS",
    "RECORD",
    "Agreed",
    "Decision",
    "EntityPolicy",
    "FieldPolicy",
    "Limit",
    "OwnershipPolicy",
    "Plan",
    "Settlement",
    "Side",
    "account_side",
    "contact_side",
    "customer_side",
    "formed",
    "item_side",
    "normal",
    "plan",
    "policy_from",
    "price_id",
    "price_list_side",
    "price_side",
    "unreadable",
    "with_values",
]

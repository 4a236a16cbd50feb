"""What connectors to vendors' CRMs share: CRMs that know no order of ours, nor how far it has come.

Such a CRM is given fields of our own for these. Where they are kept and how they are written is
each vendor's; what must come of it is here, once:

- `assembled`: a `CrmPort` put together of parts;
- `records`: the comparison before a write that stands in for locking, and keys of ours;
- `order_book`: orders made once of a quote, entered once, and told how far they have come;
- `documents`: lines by their numbers, totals, checks, and how a line stands in a word for people.

No vendor is known here.
"""

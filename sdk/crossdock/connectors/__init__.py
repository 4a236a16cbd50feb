"""Connectors: the ports over HTTP, one folder per remote system.

A system's folder has

- `__init__.py`: its face, the function `connect(system, settings)`;
- `operations.py`: the operations of the remote document that it uses, each with its `operationId`;
- `connector.py`: the port's methods, each a call or two;
- `paging.py` and `refusals.py`: how this system pages its lists and words its errors;
- one mapping module for each family of records: wire to record, and record to wire.

What all of them share stands beside the folders: `settings` (checked, with the place of a mistake),
`calling` (who calls, until when), `http` (the exchange itself), `retries`, `refusals` (statuses to
`crossdock.errors`), `oauth`, `masking`, `reading` and `writing` (strict JSON to values and back).
"""

"""The operations of `specs/salesforce.openapi.yaml` that this connector uses."""

from __future__ import annotations

from typing import Final

from crossdock.connectors.operations import Operation, ids, read_only

DOCUMENT: Final = "salesforce.openapi.yaml"

ISSUE_TOKEN: Final = Operation("issueToken", "POST", "/services/oauth2/token", repeatable=True)

_DATA: Final = "/services/data/{version}"
SHOW_USER: Final = read_only("showUser", "/services/oauth2/userinfo")
QUERY: Final = read_only("runQuery", f"{_DATA}/query")
QUERY_ALL: Final = read_only("runQueryAll", f"{_DATA}/queryAll")
QUERY_PAGE: Final = read_only("readQueryPage", f"{_DATA}/query/{{locator}}")
# Whatever this connector creates carries a unique key, so a second try meets the first as a
# duplicate and finds it by its key.
CREATE: Final = Operation("createRecord", "POST", f"{_DATA}/sobjects/{{object}}", repeatable=True)
# Not sent again by itself: the instant that it must not have been changed since would be its own.
CHANGE: Final = Operation("changeRecord", "PATCH", f"{_DATA}/sobjects/{{object}}/{{id}}")
# A head with its lines, in one transaction; the head carries a unique key.
CREATE_TREE: Final = Operation(
    "createTree", "POST", f"{_DATA}/composite/tree/{{object}}", repeatable=True
)
COMPOSITE: Final = Operation("composite", "POST", f"{_DATA}/composite")
DESCRIBE: Final = read_only("describeObject", f"{_DATA}/sobjects/{{object}}/describe")

USED: Final = ids(tuple(globals().values()))

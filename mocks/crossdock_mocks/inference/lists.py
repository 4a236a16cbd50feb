"""Lists: what their query parameters mean, which page is shown, and what stands around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs

from crossdock_mocks.engine import Problem, Request, Violation
from crossdock_mocks.inference.naming import plain, singular, stem
from crossdock_mocks.inference.reading import Op
from crossdock_mocks.inference.schemas import Schemas, kind

_LIMIT = {"limit", "per_page", "page_size", "pagesize", "top", "max_results", "maxresults", "first",
          "page_limit", "results_per_page", "rows", "max", "count", "size", "take"}  # fmt: skip
_OFFSET = {"offset", "skip", "start_at", "start_index", "start", "page_offset"}
_PAGE = {"page", "page_number", "page_no", "pagenumber", "p"}
_CURSOR = {"starting_after", "after", "cursor", "page_token", "next_token", "page_after",
           "page_cursor", "continuation_token", "next_cursor", "page_info", "since_id",
           "skiptoken", "marker", "pagination_token"}  # fmt: skip
_BACK = {"ending_before", "before", "page_before"}
_SORT = {"sort", "sort_by", "order_by", "orderby", "sort_field", "sortby"}
_DIRECTION = {"direction", "sort_order", "order", "sort_dir", "sort_direction", "dir"}
_SEARCH = {"q", "query", "search", "filter_search", "keyword", "term", "search_term"}
_COMPARE = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<", "min": ">=", "max": "<=", "since": ">=",
            "after": ">", "before": "<", "from": ">=", "to": "<=", "until": "<=", "ge": ">=",
            "le": "<=", "start": ">=", "end": "<="}  # fmt: skip
_COUNTS = {"count", "odata_count", "size_total", "record_count", "results_count"}
_USUAL_SIZE = 30


@attrs.frozen
class Use:
    """What one query parameter is for: a role, the members it looks at, and how it compares."""

    role: str
    members: tuple[str, ...] = ()
    operator: str = "="


def uses(op: Op, schemas: Schemas, record: Any) -> dict[str, Use]:
    """What each query parameter of a list is for."""
    return {
        name: _use(name, parameter, schemas, record)
        for (where, name), parameter in op.parameters.items()
        if where == "query"
    }


def _use(name: str, parameter: Mapping[str, Any], schemas: Schemas, record: Any) -> Use:
    said = parameter.get("x-crossdock", {})
    if said.get("ignore"):
        return Use("ignored")
    flat = schemas.flat(parameter.get("schema", {}))
    bare = plain(name)
    properties = _members(schemas, record)
    by_plain = {plain(each.rpartition(".")[2]): each for each in reversed(properties)}
    if said.get("filter"):
        return Use("filter", (said["filter"],))
    if bare == "filter" and kind(flat) == "string":
        return Use("expression")
    if kind(flat) == "object":
        if bare == "page":
            return Use("paging")
        return Use("compare", (by_plain[bare],)) if bare in by_plain else Use("members")
    inner = bare.removeprefix("filter_") if "[" in name else bare
    if inner in by_plain and inner not in ("order", "page", "limit", "sort"):
        return Use("filter", (by_plain[inner],))
    if kind(flat) == "boolean":
        return Use("ignored" if bare in _COUNTS or bare == "count" else "unknown")
    if bare in _LIMIT:
        return Use("limit")
    if bare in _OFFSET:
        return Use("offset")
    if bare in _PAGE:
        return Use("page" if kind(flat) in ("integer", "number") else "cursor")
    if bare in _CURSOR:
        return Use("cursor")
    if bare in _BACK:
        return Use("back")
    if bare in _SORT:
        return Use("sort")
    if bare in _DIRECTION:
        enum = {str(each).lower() for each in flat.get("enum", ())}
        return Use("direction" if enum <= {"asc", "desc"} and enum else "sort")
    if bare in _SEARCH:
        return Use("search")
    return _compared(bare, by_plain)


def _compared(bare: str, by_plain: Mapping[str, str]) -> Use:
    """`created_after`, `min_price`, `since`, `ids`, `customer`: comparisons in other words."""
    head, _, tail = bare.rpartition("_")
    if tail in _COMPARE and head:
        for guess in (head, f"{head}_at", f"{head}_on", f"{head}_date"):
            if guess in by_plain:
                return Use("filter", (by_plain[guess],), _COMPARE[tail])
    first, _, rest = bare.partition("_")
    if first in ("min", "max") and rest in by_plain:
        return Use("filter", (by_plain[rest],), _COMPARE[first])
    if bare in ("since", "updated_since", "modified_since"):
        for guess in ("updated_at", "updated", "modified_at", "created_at"):
            if guess in by_plain:
                return Use("filter", (by_plain[guess],), ">=")
    one = singular(bare)
    if one in by_plain:
        return Use("filter", (by_plain[one],))
    noun = stem(bare)[0]
    for guess in (f"{bare}_id", noun, f"{noun}_id"):
        if guess in by_plain:
            return Use("filter", (by_plain[guess],))
    return Use("unknown")


def _members(schemas: Schemas, record: Any) -> list[str]:
    """Members of a record, and those of its `attributes`."""
    properties = schemas.flat(record)["properties"] if record is not None else {}
    inner = properties.get("attributes")
    deeper = schemas.flat(inner)["properties"] if inner is not None else {}
    return [*properties, *(f"attributes.{each}" for each in deeper)]


@attrs.define
class Query:
    """What a request asks of a list.

    Attributes:
        filters: Member, operator, value.
        search: Text to be found anywhere.
        sort: Members, `-` before those that descend.
    """

    limit: int = _USUAL_SIZE
    offset: int = 0
    page: int = 1
    paged: bool = False
    cursor: str | None = None
    back: bool = False
    filters: list[tuple[str, str, Any]] = attrs.field(factory=list)
    search: str = ""
    expression: str = ""
    sort: list[str] = attrs.field(factory=list)


def asked(given: Mapping[str, Any], known: Mapping[str, Use], request: Request) -> Query:
    """Read the query of a list.

    Raises:
        Problem: 501 `parameter_not_understood`, a parameter was sent that has no known meaning.
    """
    query = Query()
    sent = {name.partition("[")[0] for name, _ in parse_qsl(request.query, keep_blank_values=True)}
    sent |= {name for name, _ in parse_qsl(request.query, keep_blank_values=True)}
    descending = False
    for name, value in given.items():
        use = known.get(name, Use("ignored"))
        if use.role == "unknown" and name in sent:
            raise Problem(
                501, "parameter_not_understood", "A parameter was not understood",
                f"What {name} asks for could not be inferred from the document; say it with "
                "x-crossdock: {filter: member} or {ignore: true} at the parameter.",
                [Violation(f"/{name}", "was not understood", None, value, "query")],
            )  # fmt: skip
        if use.role == "limit":
            query.limit = max(int(value), 0)
        elif use.role == "offset":
            query.offset = int(value)
        elif use.role == "page":
            query.page, query.paged = max(int(value), 1), True
        elif use.role in ("cursor", "back"):
            query.cursor, query.back = str(value), use.role == "back"
        elif use.role == "paging":
            _paging(query, value)
        elif use.role == "sort" and name in sent:
            query.sort = _sorting(value)
        elif use.role == "direction":
            descending = str(value).lower() == "desc"
        elif use.role == "search":
            query.search = str(value)
        elif use.role == "expression":
            query.expression = str(value)
        elif use.role == "filter" and value != "all":
            query.filters.append((use.members[0], use.operator, value))
        elif use.role == "compare" and isinstance(value, Mapping):
            query.filters.extend(
                (use.members[0], _COMPARE.get(plain(word), "="), each)
                for word, each in value.items()
            )
        elif use.role == "members" and isinstance(value, Mapping):
            query.filters.extend((member, "=", each) for member, each in value.items())
    if descending and query.sort:
        query.sort = [f"-{each}" for each in query.sort]
    if query.paged and not query.offset:
        query.offset = (query.page - 1) * query.limit
    return query


def _paging(query: Query, value: Mapping[str, Any]) -> None:
    """`page[number]`, `page[size]` and their like."""
    for word, each in value.items():
        bare = plain(word)
        if bare in ("size", "limit"):
            query.limit = int(each)
        elif bare in ("number", "page"):
            query.page, query.paged = int(each), True
        elif bare == "offset":
            query.offset = int(each)
        else:
            query.cursor = str(each)


def _sorting(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else str(value).split(",")
    found = []
    for each in listed:
        word, _, way = str(each).strip().replace(":", " ").partition(" ")
        found.append(f"-{word.lstrip('-+')}" if way.lower() == "desc" or word[:1] == "-" else word)
    return found


@attrs.frozen
class Shown:
    """A page of a list, and how it stands in the whole."""

    rows: list[Any]
    total: int
    query: Query
    cursor: str | None
    next: str | None
    path: str

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // max(self.query.limit, 1))


def next_address(request: Request, known: Mapping[str, Use], query: Query, cursor: str) -> str:
    """The address of the page that follows."""
    roles = {use.role: name for name, use in known.items()}
    pairs = dict(parse_qsl(request.query, keep_blank_values=True))
    if "cursor" in roles and not query.paged:
        pairs[roles["cursor"]] = cursor
    elif "page" in roles:
        pairs[roles["page"]] = str(query.page + 1)
    elif "paging" in roles:
        name = roles["paging"]
        if query.paged or not query.cursor:
            pairs[f"{name}[number]"] = str(query.page + 1)
        else:
            pairs[f"{name}[after]"] = cursor
    elif "offset" in roles:
        pairs[roles["offset"]] = str(query.offset + query.limit)
    else:
        return ""
    host = request.headers.get("host", "mock.test")
    return f"http://{host}{request.path}?{urlencode(pairs)}"


def around(schemas: Schemas, schema: Any, shown: Shown, path: tuple[str, ...]) -> Any:
    """What stands around the rows in the body: counts, pages, cursors, links.

    Args:
        schemas: The document's schemas.
        schema: Schema of the body.
        shown: The page.
        path: Names that lead to the rows from here.
    """
    if not path and kind(schemas.flat(schema)) == "array":
        return shown.rows
    made: dict[str, Any] = {}
    flat = schemas.flat(schema)
    for name, each in flat["properties"].items():
        if path and name == path[0]:
            deeper = schemas.flat(each)
            inside = kind(deeper) == "object"
            made[name] = around(schemas, each, shown, path[1:]) if inside else shown.rows
            continue
        inner = schemas.flat(each)
        if kind(inner) == "object" and plain(name) != "included":
            value = _beside(plain(name), inner, shown)
            made[name] = around(schemas, each, shown, ()) if value is _SILENT else value
            continue
        value = _beside(plain(name), inner, shown)
        if value is not _SILENT and (
            value is not None or "null" in inner["types"] or not inner["types"]
        ):
            made[name] = value
    return made


_SILENT: Any = object()


def _beside(bare: str, flat: Mapping[str, Any], shown: Shown) -> Any:
    """One member beside the rows: a flat list of the names that are used for it."""
    query = shown.query
    number = kind(dict(flat)) in ("integer", "number")
    more = shown.cursor is not None
    if bare in ("has_more", "hasmore", "has_next", "has_next_page", "more", "has_more_items"):
        return more
    if bare in ("has_previous", "has_previous_page", "has_prev"):
        return query.offset > 0
    if bare in ("incomplete_results", "truncated"):
        return False
    if bare in ("total_pages", "pages", "last_page", "page_count", "totalpages") and number:
        return shown.pages
    if number and (bare.startswith("total") or bare in _COUNTS):
        return shown.total
    if bare in ("page", "current_page", "page_number", "number") and number:
        return query.page
    if bare in ("per_page", "page_size", "limit", "size", "pagesize", "items_per_page") and number:
        return query.limit
    if bare in ("offset", "skip", "start", "start_at", "start_index") and number:
        return query.offset
    if "next" in bare or bare in ("after", "after_cursor", "end_cursor", "cursor", "continuation"):
        if not more:
            return None
        if number:
            return query.page + 1
        if kind(dict(flat)) == "object":
            return {"href": shown.next}
        by_cursor = "cursor" in bare or "token" in bare or bare in ("after", "continuation")
        return shown.cursor if by_cursor or not shown.next else shown.next
    if "prev" in bare or bare in ("before", "before_cursor", "start_cursor"):
        return None
    if bare in ("url", "self", "first", "href"):
        return {"href": shown.path} if kind(dict(flat)) == "object" else shown.path
    return _SILENT

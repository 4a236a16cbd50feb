"""Entries and feeds as Atom, with the properties as a payload in XML.

Sage, SData 2.0, 3 Feeds and Entries. Made from the entries that JSON is made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.diagnoses import xml_text
from crossdock_mocks.sdata.model import Collection, Field, Reference, Resource

ENTRY: Final = "application/atom+xml; type=entry"
FEED: Final = "application/atom+xml; type=feed"

_SPACES: Final = {
    "": "http://www.w3.org/2005/Atom",
    "sdata": "http://schemas.sage.com/sdata/2008/1",
    "http": "http://schemas.sage.com/sdata/http/2008/1",
    "opensearch": "http://a9.com/-/spec/opensearch/1.1/",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
_RELATION: Final = "http://schemas.sage.com/sdata/link-relations/"
_LINKS: Final = (
    ("self", "$url", "Refresh"), ("first", "$first", "First Page"), ("last", "$last", "Last Page"),
    ("previous", "$previous", "Previous Page"), ("next", "$next", "Next Page"),
)  # fmt: skip
_COUNTS: Final = ("totalResults", "startIndex", "itemsPerPage")
_HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n'


def entry_document(
    contract: Contract, resource: Resource, entry: Mapping[str, Any], root: str
) -> bytes:
    """An entry as a document of its own."""
    links = _kind_links(resource, root)
    return (_HEAD + _entry(contract, resource, entry, _spaces(), links)).encode()


def feed_document(
    contract: Contract, resource: Resource, feed: Mapping[str, Any], root: str, now: str
) -> bytes:
    """A feed as a document of its own.

    Args:
        contract: The contract.
        resource: Of what.
        feed: The feed as JSON has it, its instants in ISO 8601.
        root: URL of the contract.
        now: When it is made.
    """
    parts = [
        f"<title>{xml_text(feed[contract.descriptor])}</title>",
        f"<id>{xml_text(feed['$url'])}</id>",
        f"<updated>{now}</updated>",
        f"<author><name>{xml_text(contract.application)}</name></author>",
    ]
    parts += [_link(rel, feed[name], title, FEED) for rel, name, title in _LINKS if name in feed]
    parts.append(_kind_links(resource, root))
    parts += [f"<opensearch:{name}>{feed[f'${name}']}</opensearch:{name}>" for name in _COUNTS]
    parts += [_entry(contract, resource, each, "", "") for each in feed["$resources"]]
    return f"{_HEAD}<feed{_spaces()}>{''.join(parts)}</feed>".encode()


def _spaces() -> str:
    return "".join(
        f' xmlns{":" if prefix else ""}{prefix}="{uri}"' for prefix, uri in _SPACES.items()
    )


def _link(rel: str, url: str, title: str, kind: str) -> str:
    return f'<link rel="{rel}" type="{kind}" title="{title}" href={quoteattr(url)} />'


def _kind_links(resource: Resource, root: str) -> str:
    """Links to what a resource has beside its entries."""
    base = f"{root}/{resource.name}"
    made = _link(f"{_RELATION}schema", f"{base}/$schema", "Schema", "application/xml")
    if resource.create:
        made += _link(f"{_RELATION}template", f"{base}/$template", "Template", ENTRY)
        made += _link(f"{_RELATION}post", base, "Post", ENTRY)
    return made


def _entry(
    contract: Contract, resource: Resource, entry: Mapping[str, Any], spaces: str, links: str
) -> str:
    title = xml_text(str(entry[contract.descriptor]))
    parts = [
        f"<id>{xml_text(entry['$url'])}</id>",
        f"<title>{title}</title>",
        f"<updated>{entry['$updated']}</updated>" if "$updated" in entry else "",
        _link("self", entry["$url"], "Refresh", ENTRY),
        _link("edit", entry["$url"], "Edit", ENTRY) if resource.update else "",
        links,
        '<category scheme="http://schemas.sage.com/sdata/categories" term="resource" '
        'label="Resource" />',
        f"<content>{title}</content>",
        f"<sdata:payload>{_payload(contract, resource, entry, resource.kind, True)}"
        "</sdata:payload>",
    ]
    if "$etag" in entry:
        parts.append(f"<http:etag>{xml_text(entry['$etag'])}</http:etag>")
    return f"<entry{spaces}>{''.join(parts)}</entry>"


def _payload(
    contract: Contract, resource: Resource, entry: Mapping[str, Any], name: str, outermost: bool
) -> str:
    """An entry as an element."""
    attributes = _attributes(contract, entry)
    if outermost:
        attributes += f" xmlns={quoteattr(contract.namespace)}"
    inside = "".join(
        _property(contract, resource, each, value)
        for each, value in entry.items()
        if not each.startswith("$")
    )
    return f"<{name}{attributes}>{inside}</{name}>"


def _attributes(contract: Contract, entry: Mapping[str, Any]) -> str:
    listed = {
        "key": entry.get("$key"), "url": entry.get("$url"), "lookup": entry.get("$lookup"),
        "descriptor": entry.get(contract.descriptor),
    }  # fmt: skip
    return "".join(
        f" sdata:{name}={quoteattr(xml_plain(str(value)))}"
        for name, value in listed.items()
        if value is not None
    )


def xml_plain(text: str) -> str:
    """Text without what XML knows no character for; not escaped."""
    return "".join(each for each in text if each >= " " or each in "\t\n\r")


def _property(contract: Contract, resource: Resource, name: str, value: Any) -> str:
    member = resource.member(name)
    if value is None:
        return f'<{name} xsi:nil="true" />'
    if isinstance(member, Reference):
        target = contract.resource(member.to)
        return _payload(contract, target, value, name, False)
    if isinstance(member, Collection):
        return _collection(contract, member, value)
    if isinstance(member, Field) and member.kind == "boolean":
        value = "true" if value else "false"
    return f"<{name}>{xml_text(str(value))}</{name}>"


def _collection(contract: Contract, collection: Collection, value: Mapping[str, Any]) -> str:
    target = contract.resource(collection.of)
    inside = "".join(
        _payload(contract, target, each, target.kind, False) for each in value.get("$resources", ())
    )
    return f"<{collection.name}{_attributes(contract, value)}>{inside}</{collection.name}>"

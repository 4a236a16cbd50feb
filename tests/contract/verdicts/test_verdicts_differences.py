"""Each published difference is one: its example gets the two verdicts that the list says."""

from pathlib import Path

import pytest

from crossdock_mocks.engine.differences import DIFFERENCES, table

PAGE = Path(__file__).parents[3] / "docs" / "validation.md"
BEGIN, END = "<!-- differences: begin -->\n", "<!-- differences: end -->\n"
CAT = {"type": "object", "properties": {"kind": {"type": "string"}}}


def document(each):
    operation = {"operationId": "op", "responses": {"204": {"description": "taken"}}}
    if each.where == "query":
        operation["parameters"] = [{"name": "p", "in": "query", "schema": dict(each.schema)}]
    else:
        content = {"application/json": {"schema": dict(each.schema)}}
        operation["requestBody"] = {"required": True, "content": content}
    return {
        "openapi": each.version,
        "info": {"title": "difference", "version": "1"},
        "paths": {"/x": {"post": operation}},
        "components": {"schemas": {"Cat": CAT}},
    }


@pytest.mark.parametrize(
    "each", DIFFERENCES, ids=lambda each: f"{each.keyword} {each.format} {each.refused_by}"
)
def test_a_published_difference_is_one(compared, each):
    it = compared(document(each))
    if each.where == "query":
        ours = it.ours_of_parameters("op", {}, each.example, {})
        theirs = it.theirs("op", query=each.example)
    else:
        ours = it.ours_of_body("op", each.example)
        theirs = it.theirs("op", body=each.example)
    assert bool(ours) == (each.refused_by == "crossdock")
    assert bool(theirs) == (each.refused_by == "openapi-core")
    assert {(each.keyword, each.format)} == set(ours or theirs)


def test_the_page_has_the_list_as_it_is():
    page = PAGE.read_text()
    assert table() == page[page.index(BEGIN) + len(BEGIN) : page.index(END)]

"""Paths of entries, feeds and collections."""

from __future__ import annotations

from typing import Any

from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.description.media import ref
from crossdock_mocks.sdata.description.pieces import (
    ENTRY,
    FEED,
    body,
    entry_answer,
    feed_answer,
    operation,
    parameters,
    refusals,
)
from crossdock_mocks.sdata.model import Resource


def resources(contract: Contract) -> dict[str, Any]:
    """The paths of entries and feeds."""
    paths: dict[str, Any] = {}
    for each in contract.resources:
        tag, kind = each.caption, each.kind
        many: dict[str, Any] = {
            "get": operation(
                f"list{each.many}", tag, f"Read a page of {each.name}", each.provenance,
                {"200": feed_answer(kind), **refusals("400", "401", "default")},
                parameters=parameters(*FEED),
            )
        }  # fmt: skip
        if each.create:
            many["post"] = operation(
                f"create{kind}", tag, f"Make one of {each.name}", each.writes,
                {
                    "201": entry_answer(contract, kind, "The entry that was made.", made=True),
                    **refusals("400", "401", "415", "default"),
                },
                parameters=parameters(*ENTRY), requestBody=body(f"{kind}New"),
            )  # fmt: skip
        paths[f"/{each.name}"] = {**also(contract, each), **many}
        paths[f"/{each.name}({{key}})"] = {**also(contract, each), **_one(contract, each)}
    return paths


def also(contract: Contract, resource: Resource) -> dict[str, Any]:
    """Where else a resource is served, if it is."""
    if not resource.also:
        return {}
    names = (contract.contract, *resource.also)
    bases = [f"/sdata/{contract.application}/{name}/{contract.dataset}" for name in names]
    return {"servers": [{"url": each} for each in bases]}


def _one(contract: Contract, each: Resource) -> dict[str, Any]:
    tag, kind = each.caption, each.kind
    answers = {"200": entry_answer(contract, kind, "The entry.")}
    if contract.etags:
        answers["304"] = {"description": "It is as the caller knows it.",
                          "headers": {"ETag": ref("headers", "ETag")}}  # fmt: skip
    made: dict[str, Any] = {
        "parameters": parameters("key"),
        "get": operation(
            f"read{kind}", tag, f"Read one of {each.name}", each.provenance,
            {**answers, **refusals("400", "401", "404", "default")},
            parameters=parameters(*ENTRY, *(["ifNoneMatch"] if contract.etags else [])),
        ),
    }  # fmt: skip
    matching = ["ifMatch"] if contract.etags else []
    failed = (
        {"412": entry_answer(contract, kind, "It was changed; the entry as it stands.")}
        if contract.etags
        else {}
    )
    if each.update:
        made["put"] = operation(
            f"update{kind}", tag, f"Change one of {each.name}: what is not sent stays", each.writes,
            {
                "200": entry_answer(contract, kind, "The entry as it is now."),
                **refusals("400", "401", "404"), **failed, **refusals("415", "default"),
            },
            parameters=parameters(*ENTRY, *matching), requestBody=body(f"{kind}Change"),
        )  # fmt: skip
    if each.delete:
        made["delete"] = operation(
            f"delete{kind}", tag, f"Remove one of {each.name}", each.writes,
            {
                "200": {"description": "It is gone."},
                **refusals("400", "401", "404"), **failed, **refusals("default"),
            },
            parameters=parameters("format", *matching),
        )  # fmt: skip
    return made

"""The report: what was inferred of a document, and what was not understood."""

from __future__ import annotations

from typing import Any

from crossdock_mocks.inference.lists import uses
from crossdock_mocks.inference.model import Model


def report(model: Model) -> dict[str, Any]:
    """What was inferred, as plain data."""
    inference = model.inference
    operations = []
    for binding in inference.bindings.values():
        entry: dict[str, Any] = {
            "operation": binding.op.id,
            "request": binding.op.title,
            "does": binding.role,
            "resource": binding.resource.name,
        }
        if binding.effect:
            entry["sets"] = dict(binding.effect)
        if binding.role == "list":
            known = uses(binding.op, model.schemas, binding.resource.schema)
            entry["parameters"] = {name: use.role for name, use in known.items()}
        operations.append(entry)
    return {
        "title": model.document["info"]["title"],
        "resources": [
            {
                "name": each.name,
                "path": each.place.path,
                "key": each.key,
                "parameter": each.param,
                "within": list(each.scope),
                "schema": each.component,
                "single": each.singleton,
                "relations": dict(each.relations),
            }
            for each in model.resources.values()
        ],
        "operations": operations,
        "not_understood": [
            {
                "operation": each.op.id,
                "request": each.op.title,
                "reason": each.reason,
                "on_purpose": each.wanted,
            }
            for each in inference.unknown.values()
        ],
    }


def as_text(said: dict[str, Any]) -> str:
    """The report for a person."""
    lines = [
        f"{said['title']}: {len(said['resources'])} resources, {len(said['operations'])} "
        f"operations understood, {len(said['not_understood'])} not"
    ]
    for each in said["resources"]:
        key = f"by {each['key'] or each['parameter']}" if not each["single"] else "one"
        within = f" in {', '.join(each['within'])}" if each["within"] else ""
        refers = ", ".join(f"{name} -> {to}" for name, to in each["relations"].items())
        lines.append(f"  {each['name']} ({key}{within}){': ' + refers if refers else ''}")
        for op in said["operations"]:
            if op["resource"] != each["name"]:
                continue
            lines.append(f"      {op['does']:<8} {op['request']}")
            doubtful = [n for n, role in op.get("parameters", {}).items() if role == "unknown"]
            if doubtful:
                lines.append(f"               not understood: {', '.join(doubtful)}")
    if said["not_understood"]:
        lines.append("  not understood")
        lines += [f"      {e['request']}: {e['reason']}" for e in said["not_understood"]]
    return "\n".join(lines)

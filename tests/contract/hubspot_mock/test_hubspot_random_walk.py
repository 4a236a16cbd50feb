"""Whatever is done to a portal, in whatever order, it stays sound.

Links lead both ways between records that are there, nobody shares what is unique, a record has one
primary company at most, and quotes come to the sum of their lines.
"""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal

import pytest

KINDS = {
    "companies": "0-2", "contacts": "0-1", "deals": "0-3", "line_items": "0-8", "quotes": "0-14",
    "orders": "0-123", "notes": "0-46",
}  # fmt: skip
NEEDED = {
    "deals": {"dealname": "Deal"}, "notes": {"hs_timestamp": "2026-01-01"},
    "quotes": {"hs_title": "Quote", "hs_expiration_date": "2027-01-01"},
}  # fmt: skip
VALUES = {
    "companies": {"name": ["One", "Two", ""], "city": ["Linz", "Graz", ""]},
    "contacts": {"email": ["a@b.example", "A@b.example", "c@d.example", ""], "city": ["Wels"]},
    "deals": {"amount": ["1", "2.50", "many", ""], "dealstage": ["won", "lost", "initiate", "x"]},
    "line_items": {"price": ["9.99", "0", "-5"], "quantity": ["1", "3"], "discount": ["1", ""]},
    "quotes": {"hs_status": ["DRAFT", "APPROVED", "REJECTED"], "hs_title": ["Other", ""]},
    "orders": {"crossdock_erp_order": ["main:1", "MAIN:1", "main:2", ""]},
    "notes": {"hs_note_body": ["x", ""]},
}
UNIQUE = {"0-1": "email", "0-123": "crossdock_erp_order"}
PRIMARY = (1, 5, 14)


class Walk:
    """Steps at random, right and wrong ones."""

    def __init__(self, client, world, seed):
        self.client, self.chance = client, random.Random(seed)
        types = world.table("hubspot_association_types").find()
        self.types = {}
        for row in types:
            self.types.setdefault((row["from_type"], row["to_type"]), []).append(row)
        self.pairs = [
            (one, other) for one in KINDS for other in KINDS
            if (KINDS[one], KINDS[other]) in self.types
        ]  # fmt: skip
        self.ids = {
            kind: [row["id"] for row in world.table("hubspot_records").find({"type": type_id})][-8:]
            for kind, type_id in KINDS.items()
        }

    def some(self, kind):
        return self.chance.choice(self.ids[kind])

    def properties(self, kind):
        known = VALUES[kind]
        chosen = self.chance.sample(sorted(known), self.chance.randint(1, len(known)))
        return {name: self.chance.choice(known[name]) for name in chosen}

    def step(self):
        kind = self.chance.choice(sorted(KINDS))
        one, other = self.chance.choice(self.pairs)
        objects = f"/crm/v3/objects/{kind}"
        link = f"/crm/v4/objects/{one}/{self.some(one)}/associations"
        row = self.chance.choice(self.types[KINDS[one], KINDS[other]])
        spec = {"associationCategory": row["category"], "associationTypeId": row["id"]}
        end = {"id": self.some(kind)}, {"id": self.some(kind)}
        match self.chance.randrange(8):
            case 0:
                given = {"properties": {**NEEDED.get(kind, {}), **self.properties(kind)}}
                answer = self.client.post(objects, json=given)
                if answer.status_code == 201:
                    self.ids[kind].append(answer.json()["id"])
                return answer
            case 1:
                body = {"properties": self.properties(kind)}
                return self.client.patch(f"{objects}/{end[0]['id']}", json=body)
            case 2:
                return self.client.delete(f"{objects}/{end[0]['id']}")
            case 3:
                body = {"primaryObjectId": end[0]["id"], "objectIdToMerge": end[1]["id"]}
                return self.client.post(f"{objects}/merge", json=body)
            case 4:
                return self.client.put(f"{link}/default/{other}/{self.some(other)}")
            case 5:
                return self.client.put(f"{link}/{other}/{self.some(other)}", json=[spec])
            case 6:
                return self.client.delete(f"{link}/{other}/{self.some(other)}")
            case _:
                inputs = [
                    {
                        "from": {"id": self.some(one)},
                        "to": {"id": self.some(other)},
                        "types": [spec],
                    }
                    for _ in range(2)
                ]
                path = f"/crm/v4/associations/{one}/{other}/batch/labels/archive"
                return self.client.post(path, json={"inputs": inputs})


def sound(world):
    """Check the raw state."""
    records = {(row["type"], row["id"]): row for row in world.table("hubspot_records").find()}
    kinds = {row["id"]: row for row in world.table("hubspot_association_types").find()}
    links = {
        (row["from_type"], row["from"], row["to_type"], row["to"], row["typeId"])
        for row in world.table("hubspot_associations").find()
    }
    for from_type, start, to_type, end, type_id in links:
        assert (to_type, end, from_type, start, kinds[type_id]["inverse"]) in links
        assert not records[from_type, start]["archived"]
        plain = [row for row in kinds.values() if row["label"] is None
                 and (row["from_type"], row["to_type"]) == (from_type, to_type)]  # fmt: skip
        assert (from_type, start, to_type, end, plain[0]["id"]) in links
    exclusive = Counter((each[0], each[1], each[4]) for each in links if each[4] in PRIMARY)
    assert all(count == 1 for count in exclusive.values())
    for type_id, name in UNIQUE.items():
        held = [
            row["properties"][name].lower()
            for row in records.values()
            if row["type"] == type_id and not row["archived"] and name in row["properties"]
        ]
        assert len(held) == len(set(held))
        taken = world.table("hubspot_unique").find({"type": type_id, "property": name})
        assert sorted(row["value"] for row in taken) == sorted(held)
    for (type_id, key), row in records.items():
        if type_id == "0-14" and not row["archived"]:
            lines = [each[3] for each in links if each[:3] == ("0-14", key, "0-8")]
            amounts = [records["0-8", each]["properties"].get("amount", "0") for each in lines]
            assert Decimal(row["properties"]["hs_quote_amount"]) == sum(map(Decimal, amounts))


def walk(client, world, seed, steps):
    statuses = Counter()
    one = Walk(client, world, seed)
    for _ in range(steps):
        answer = one.step()
        statuses[answer.status_code] += 1
        assert answer.status_code < 500, answer.text
    sound(world)
    assert {200, 201, 204, 400, 404, 409} <= set(statuses), statuses


def test_a_portal_stays_sound_whatever_is_done(hubspot, world):
    walk(hubspot, world, 1, 500)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(2, 12))
def test_a_portal_stays_sound_on_long_ways(hubspot, world, seed):
    walk(hubspot, world, seed, 3000)

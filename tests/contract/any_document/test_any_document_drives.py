"""Create, read back, list, change, delete over every resource of documents not made for it."""

import json
import re
from pathlib import Path

import pytest

from crossdock_mocks.engine import Request
from crossdock_mocks.inference import open_document

RESOURCES = {
    "forge.openapi.yaml": 40,
    "helpdesk.openapi.yaml": 15,
    "ledger-odata.openapi.yaml": 7,
    "payments.openapi.yaml": 12,
    "pets.openapi.yaml": 3,
    "planner-jsonapi.openapi.yaml": 4,
    "shop.openapi.yaml": 13,
}
DOCUMENTS = sorted(each.name for each in Path(__file__).with_name("documents").glob("*.yaml"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nine_of_ten_resources_keep_what_is_done_to_them(drive, refused, name, record_property):
    driver = drive(name)
    failed, passed = {}, {}
    for resource in list(driver.model.resources.values()):
        mark = driver.world.snapshot()
        try:
            passed[resource.name] = driver.walk(resource)
            driver.need_all(resource, passed[resource.name])
        except refused as reason:
            passed.pop(resource.name, None)
            failed[resource.name] = str(reason)
        driver.world.restore(mark)
    share = 100 * len(passed) / (len(passed) + len(failed))
    record_property("resources", len(passed) + len(failed))
    record_property("share", share)
    operations = len(driver.app.operations)
    unknown = [each.op.title for each in driver.model.inference.unknown.values()]
    print(f"\n{name}: {len(passed) + len(failed)} resources, {operations} operations, "
          f"{share:.0f} % pass, not understood: {unknown}")  # fmt: skip
    for resource, reason in failed.items():
        print(f"  {resource}: {reason}")
    assert share >= 90, failed
    assert len(passed) + len(failed) == RESOURCES[name]
    defects = [entry for entry in driver.world.journal if entry.verdict == "defect"]
    assert not defects


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_path_of_items_belongs_to_a_resource(drive, name):
    driver = drive(name)
    items = {
        op.path for op in driver.app.operations.values()
        if re.search(r"\}['\")]*(\.json)?$", op.path)
    }  # fmt: skip
    bound = {each.op.place.path for each in driver.model.inference.bindings.values()}
    assert items <= bound


@pytest.mark.parametrize("name", DOCUMENTS)
def test_pages_of_any_size_give_the_whole_list(drive, name):
    driver = drive(name)
    walked = 0
    for binding in driver.model.inference.bindings.values():
        if binding.role == "list" and binding.resource.key:
            whole = driver.pages(binding, 100)
            if whole is not None:
                assert driver.pages(binding, 2) == whole, binding.op.title
                assert len(set(whole)) == len(whole) or binding.resource.scope
                walked += len(whole) > 2
    assert walked or name == "pets.openapi.yaml"


def test_a_refusal_says_in_the_documents_own_words_what_is_wrong():
    shop = open_document(Path(__file__).with_name("documents") / "shop.openapi.yaml", unknown="501")
    world = shop.app.open_world(None)
    asked = Request("GET", "/admin/api/2024-10/products.json", "", {}, b"")

    answer = shop.app.exchange(world, asked)

    assert answer.status == 401
    assert "X-Shop-Access-Token" in json.loads(answer.body)["errors"]

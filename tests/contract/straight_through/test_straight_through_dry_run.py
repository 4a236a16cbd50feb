"""The plugin rehearsed on mocks: their journals show that nothing was written."""

import pytest

WRITES = {"POST", "PUT", "PATCH", "DELETE"}


def written(world, since=0):
    return [
        entry.operation_id
        for entry in list(world.journal)[since:]
        if entry.method in WRITES and "imulat" not in entry.operation_id
        and "oken" not in entry.operation_id
    ]  # fmt: skip


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_nothing_is_sent_in_a_dry_run_and_the_one_order_after_it(scene, promoted):
    before = len(list(scene.crm.journal)), len(list(scene.erp.journal))

    with scene.host.rehearsal():
        scene.deliver(promoted)

    assert written(scene.crm, before[0]) == []
    assert written(scene.erp, before[1]) == []
    assert len(list(scene.erp.journal)) > before[1], "reads went through"
    assert scene.erp_orders(promoted.order.id) == []
    rehearsed = scene.host.rehearsed.list(plugin_id="straight-through")
    assert [(each.system, each.method) for each in rehearsed] == [
        ("main", "place_order"),
        ("crm", "update_order"),
        ("crm", "add_order_event"),
    ]
    assert rehearsed[1].arguments["order"].erp_order_id == "dry-run-1"
    assert scene.host.crm.order(promoted.order.id).erp_order_id == ""

    for _ in range(2):
        scene.deliver(promoted)

    (placed,) = scene.erp_orders(promoted.order.id)
    assert scene.host.crm.order(promoted.order.id).erp_order_id == placed["id"]

"""A dry run: reads go through, writes are recorded and answered, and nothing is sent."""

import pytest

from crossdock.records import Acknowledgement, Order, OrderPromoted, QuoteSaved

PLACE = """
@hookimpl
def order_promoted(ctx, order):
    customer = ctx.erp.customer("C-1")
    acknowledgement = ctx.step("place", lambda: ctx.erp.place_order(
        customer, evolve(order, reference=order.id), idempotency_key=ctx.idempotency_key
    ))
    placed = acknowledgement.order
    again = ctx.erp.order(placed.id)
    found = ctx.erp.orders_by_reference(order.id) if placed.id.startswith("dry") else (placed,)
    assert acknowledgement.reference == order.id
    assert [again.id, found[0].id] == [placed.id, placed.id], (again, found)
    ctx.step("link", lambda: ctx.crm.update_order(
        evolve(ctx.crm.order(order.id), erp_system=placed.system, erp_order_id=placed.id)
    ))
    ctx.crm.add_order_event(order.id, OrderEvent(key="k", at=ctx.now, kind="note", title=placed.id))
    linked = ctx.crm.order(order.id)
    assert linked.erp_order_id == placed.id
    assert [each.title for each in ctx.crm.order_events(order.id)][-1] == placed.id
"""


class Recorded:
    """Steps of a delivery, remembered as a worker does."""

    def __init__(self):
        self.done = {}

    def __call__(self, name, fn, *args):
        if name not in self.done:
            self.done[name] = fn(*args)
        return self.done[name]


@pytest.fixture
def event(world):
    return OrderPromoted(order=world.crm.all_orders["R-1"])


def test_a_plugin_in_dry_run_writes_nothing_and_says_what_it_would_have(world, event):
    world.plugin("spy", PLACE, points=["order_promoted"])
    world.dry_run = ("spy",)
    steps = Recorded()

    rehearsed = world.host.deliver("spy", event, step=steps, idempotency_key="key")

    assert rehearsed is True
    assert (world.erp.placed, world.crm.saved, world.crm.events) == ([], [], [])
    assert steps.done == {}, "what was rehearsed does not count as done"
    placed, linked, told = world.host.rehearsed.list(plugin_id="spy")
    assert (placed.system, placed.method, placed.point) == ("main", "place_order", "order_promoted")
    assert placed.arguments["idempotency_key"] == "key"
    assert placed.arguments["order"].reference == "R-1"
    assert isinstance(placed.answer, Acknowledgement)
    assert placed.answer.order.id == "dry-run-1"
    assert (linked.method, linked.answer.erp_order_id) == ("update_order", "dry-run-1")
    assert (told.method, told.answer) == ("add_order_event", None)


def test_the_same_event_is_done_once_the_dry_run_is_off(world, event):
    world.plugin("spy", PLACE.replace("ctx.erp.order(placed.id)", "placed"),
                 points=["order_promoted"])  # fmt: skip
    steps = Recorded()

    with world.host.rehearsal():
        world.host.deliver("spy", event, step=steps, idempotency_key="key")
    assert world.erp.placed == []
    for _ in range(2):
        assert not world.host.deliver("spy", event, step=steps, idempotency_key="key")

    (placed,) = world.erp.placed
    assert placed.reference == "R-1"
    assert list(steps.done) == ["place", "link"]


def test_one_call_is_rehearsed_and_the_next_is_not(world):
    world.guard('return Warn(ctx.crm.save_contact(evolve(ctx.crm.contact("P-1"))).version)')

    with world.host.rehearsal():
        assert world.said("ada") == "dry-run-1"
    assert world.crm.saved == []

    assert world.said("ada") == "2"
    assert len(world.crm.saved) == 1


def test_only_the_plugin_that_is_named_is_rehearsed(world):
    body = """
    @hookimpl
    def before_quote_save(ctx, quote, before):
        ctx.crm.save_contact(ctx.crm.contact("P-1"))
    """
    import textwrap

    world.plugin("dry", textwrap.dedent(body))
    world.plugin("wet", textwrap.dedent(body))
    world.dry_run = ("dry",)

    world.ask("ada")

    assert len(world.crm.saved) == 1
    (write,) = world.host.rehearsed.list()
    assert (write.plugin_id, write.user_id, write.method) == ("dry", "U-ada", "save_contact")


def test_new_records_get_marked_ids_and_can_be_read_again_in_the_same_call(world):
    world.guard(
        """
        saved = ctx.crm.save_quote(evolve(quote, id="", version=None))
        order = ctx.crm.order_from_quote(saved.id)
        again = ctx.crm.order_from_quote(saved.id)
        read = ctx.crm.quote(saved.id)
        return Warn(" ".join([saved.id, order.id, again.id, read.status, read.order_id,
                              str(len(order.lines))]))
        """
    )

    with world.host.rehearsal():
        assert world.said("ada") == "dry-run-1 dry-run-2 dry-run-2 ordered dry-run-2 2"
    assert world.crm.saved == []


def test_what_another_call_rehearsed_is_not_there(world):
    world.guard('ctx.crm.order("dry-run-1")')

    with world.host.rehearsal():
        assert "it was only rehearsed" in world.said("ada")


def test_the_same_key_gives_the_same_acknowledgement(world):
    world.guard(
        """
        customer, order = ctx.erp.customer("C-1"), ctx.crm.order("R-1")
        answers = [ctx.erp.place_order(customer, order, idempotency_key="k") for _ in range(2)]
        return Warn(repr([(answer.order.id, answer.replayed) for answer in answers]))
        """
    )

    with world.host.rehearsal():
        assert world.said("ada") == "[('dry-run-1', False), ('dry-run-1', True)]"


def test_a_dry_run_needs_the_same_rights(world):
    world.guard('ctx.crm.save_contact(ctx.crm.contact("P-1"))', scopes=["crm.contacts:read"])

    with world.host.rehearsal():
        assert "crm.contacts:write" in world.said("ada")
    assert world.refused() == {"crm.contacts:write"}


def test_what_is_recorded_is_whole_and_what_is_answered_is_masked(world, secrets):
    world.guard('return Warn(repr(ctx.crm.save_quote(ctx.crm.quote("Q-1"))))')

    with world.host.rehearsal():
        said = world.said("kim")

    (write,) = world.host.rehearsed.list()
    assert secrets(said) == set()
    assert secrets(write.arguments["quote"]) == {"cost", "limit"}


def test_an_account_is_not_linked_in_a_dry_run(world):
    world.guard('return Warn(ctx.trading_accounts(ctx.crm.account("A-1"))[0].ref)')

    with world.host.rehearsal():
        assert world.said("ada") == "main:C-1"
    assert world.host.store.links.of_account("crm", "A-1") == ()


def test_the_host_itself_saves_and_publishes_nothing_in_a_rehearsal(world):
    world.guard("return Warn('seen')")
    quote = world.crm.all_quotes["Q-1"]

    with world.host.rehearsal():
        saved = world.host.save_quote(quote, user="ada")
        promoted = world.host.promote_quote("Q-1", user="ada")
        world.host.publish(QuoteSaved(quote=quote))

    assert [warning.message for warning in saved.verdict.warnings] == ["seen"]
    assert (saved.quote, promoted.order, world.crm.saved) == (None, None, [])


def test_old_rehearsals_make_room(world, monkeypatch):
    from crossdock.host.store import rehearsed

    monkeypatch.setattr(rehearsed, "KEPT", 2)
    world.guard('ctx.crm.save_contact(ctx.crm.contact("P-1"))')

    with world.host.rehearsal():
        for _ in range(4):
            world.ask("ada")

    assert [write.number for write in world.host.rehearsed.list()] == [3, 4]
    world.host.rehearsed.clear(plugin_id="spy")
    assert world.host.rehearsed.list() == ()


def test_steps_of_a_dry_run_need_names_of_their_own(world, event):
    world.plugin(
        "spy",
        """
        @hookimpl
        def order_promoted(ctx, order):
            ctx.step("one", lambda: order)
            ctx.step("one", lambda: order)
        """,
        points=["order_promoted"],
    )

    with (
        world.host.rehearsal(),
        pytest.raises(Exception, match="two steps are called 'one'"),
    ):
        world.host.deliver("spy", event, step=Recorded(), idempotency_key="k")
    assert isinstance(event.order, Order)

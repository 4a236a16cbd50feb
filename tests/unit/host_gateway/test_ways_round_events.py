"""Ways round the gateway: event payloads; events have no user, so the plugin's scopes decide."""

import pytest

from crossdock.records import (
    Change,
    DocumentChanged,
    OrderPromoted,
    QuoteSaved,
    RecordChanged,
)

SOME = ("crm.accounts:read", "crm.orders:read", "crm.orders:write", "erp.orders:write",
        "erp.customers:read")  # fmt: skip


def deliver(world, event, key="k"):
    done = {}

    def step(name, fn, *args):
        done[name] = fn(*args)
        return done[name]

    world.host.deliver("spy", event, step=step, idempotency_key=key)
    return done


def teller(point, arguments):
    return f"""
        @hookimpl
        def {point}(ctx, {arguments}):
            found = [{arguments}]
            ctx.step("tell", lambda: repr(found))
        """


@pytest.mark.parametrize("which", ["quote", "order", "document"])
def test_an_events_payload_is_masked_by_the_plugins_scopes(world, secrets, which):
    # Way 49: subscribe to an event and read what it carries.
    crm, erp = world.crm, world.erp
    change = Change(cursor="1", system="main", entity="order", id="SO-1", action="updated",
                    at=crm_time())  # fmt: skip
    event, point, arguments = {
        "quote": (
            QuoteSaved(quote=crm.all_quotes["Q-1"], before=crm.all_quotes["Q-1"]),
            "quote_saved",
            "quote, before",
        ),
        "order": (OrderPromoted(order=crm.all_orders["R-1"]), "order_promoted", "order"),
        "document": (
            DocumentChanged(change=change, document=erp.order("SO-1"), before=erp.order("SO-1")),
            "document_changed",
            "document, before",
        ),
    }[which]
    world.plugin("spy", teller(point, arguments), points=[point], scopes=SOME)

    told = deliver(world, event)["tell"]

    assert "EUR" in told
    assert secrets(told) == set()


def crm_time():
    from datetime import UTC, datetime

    return datetime(2026, 11, 20, tzinfo=UTC)


def test_a_plugin_with_the_scope_sees_the_payload_whole(world, secrets):
    world.plugin(
        "spy",
        teller("quote_saved", "quote"),
        points=["quote_saved"],
        scopes=[*SOME, "field:cost", "field:margin", "field:credit"],
    )

    told = deliver(world, QuoteSaved(quote=world.crm.all_quotes["Q-1"]))["tell"]

    assert secrets(told) == {"cost", "limit"}


def test_a_change_leads_to_no_more_than_the_ports_give(world, secrets):
    # Way 50: a bare change, and read the record that it names.
    world.plugin(
        "spy",
        """
        @hookimpl
        def record_changed(ctx, change):
            ctx.step("tell", lambda: repr(ctx.crm.account(change.id)))
        """,
        points=["record_changed"],
        scopes=SOME,
    )
    change = Change(cursor="1", system="crm", entity="account", id="A-1", action="updated",
                    at=crm_time())  # fmt: skip

    told = deliver(world, RecordChanged(change=change))["tell"]

    assert "A-1" in told
    assert secrets(told) == set()


def test_an_order_from_an_event_is_placed_whole(world):
    # Way 51: the payload is masked, so what is placed from it would lack what was hidden.
    world.plugin(
        "spy",
        """
        @hookimpl
        def order_promoted(ctx, order):
            customer = ctx.erp.customer("C-1")
            ctx.step("place", lambda: ctx.erp.place_order(
                customer, evolve(order, reference=order.id), idempotency_key=ctx.idempotency_key
            ).reference)
        """,
        points=["order_promoted"],
        scopes=SOME,
    )

    deliver(world, OrderPromoted(order=world.crm.all_orders["R-1"]))

    (placed,) = world.erp.placed
    assert placed.ship_to.name == "Erika Mustermann"


def test_the_cause_of_a_failed_delivery_names_no_hidden_figure(world, secrets):
    # Way 52: fail, so that the exceptions queue shows the ERP's words.
    from crossdock.errors import RemoteRefused
    from crossdock.host.deliveries.failure import failure_of

    world.plugin(
        "spy",
        """
        @hookimpl
        def order_promoted(ctx, order):
            ctx.erp.place_order(
                ctx.erp.customer("C-1"), evolve(order, id="REFUSED"), idempotency_key="k"
            )
        """,
        points=["order_promoted"],
        scopes=SOME,
    )

    with pytest.raises(RemoteRefused) as refused:
        deliver(world, OrderPromoted(order=world.crm.all_orders["R-1"]))

    failure = failure_of(refused.value)
    assert "refused createOrder" in failure.cause
    assert secrets(failure.cause, failure.traceback) == set()

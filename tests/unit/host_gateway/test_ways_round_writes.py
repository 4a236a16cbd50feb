"""Ways round the gateway: amendments, and writes through a port."""

import pytest


def lines_of(record):
    return [(line.number, line.item_id, str(line.unit_cost)) for line in record.lines]


COST = "731.19 EUR"


@pytest.mark.parametrize(
    ("change", "after"),
    [
        # Way 37: hand back the masked record, so that the true value is overwritten.
        ("quote.lines", [(1, "BRG-1", COST), (2, "BRG-2", COST)]),
        ("quote.lines[::-1]", [(2, "BRG-2", COST), (1, "BRG-1", COST)]),
        ("quote.lines[1:]", [(2, "BRG-2", COST)]),
        (
            "(QuoteLine(number=3, item_id='BRG-3', quantity=Decimal(1)), *quote.lines)",
            [(3, "BRG-3", "None"), (1, "BRG-1", COST), (2, "BRG-2", COST)],
        ),
        (
            "tuple(evolve(line, quantity=Decimal(7)) for line in quote.lines)",
            [(1, "BRG-1", COST), (2, "BRG-2", COST)],
        ),
        # A line that holds another item now does not keep the old one's cost.
        (
            "(evolve(quote.lines[0], item_id='BRG-7'), quote.lines[1])",
            [(1, "BRG-7", "None"), (2, "BRG-2", COST)],
        ),
    ],
)
def test_what_was_hidden_is_there_again_after_an_amendment(world, change, after):
    world.guard(f"return Amend(evolve(quote, lines={change}, valid_until=ctx.now.date()))")

    verdict = world.ask("kim")

    assert verdict.faults == ()
    assert lines_of(verdict.record) == after
    assert verdict.record.checks == world.crm.all_quotes["Q-1"].checks, "words are whole again"


def test_an_amendment_that_sets_a_hidden_field_is_refused(world):
    # Way 38: write a cost that one may not see.
    world.guard(
        """
        line = evolve(quote.lines[0], unit_cost=Money("1", "EUR"))
        return Amend(evolve(quote, lines=(line, *quote.lines[1:])))
        """
    )

    verdict = world.ask("kim")

    assert verdict.record is world.crm.all_quotes["Q-1"]
    assert not verdict.allowed
    assert "lines.0.unit_cost" in verdict.faults[0].message
    ((actor, subject, detail),) = world.refusals()
    assert (actor, subject) == ("plugin:spy", "field:cost")
    assert detail["reason"] == "before_quote_save: lines.0.unit_cost"
    assert detail["user"] == "U-kim"


def test_a_guess_that_is_right_is_refused_as_well(world):
    # Way 39: an oracle: hand back guesses until one is let through.
    world.guard(
        """
        line = evolve(quote.lines[0], unit_cost=Money("731.19", "EUR"))
        return Amend(evolve(quote, lines=(line, *quote.lines[1:])))
        """
    )

    verdict = world.ask("kim")

    assert "AccessDenied" in verdict.faults[0].message
    assert verdict.amendments == ()


def test_a_line_that_is_taken_out_does_not_show_its_cost_to_the_user(world, secrets):
    # Way 40: the verdict tells the user what changed: a whole line with its cost.
    world.guard("return Amend(evolve(quote, lines=quote.lines[1:]), reason='too many')")

    assert secrets(world.ask("kim").amendments) == set()


def test_the_next_guard_sees_no_more_than_its_own_rights(world):
    # Way 41: a plugin that may see the cost hands it on in an amendment.
    world.plugin(
        "pricer",
        """
        @hookimpl
        def before_quote_save(ctx, quote, before):
            lines = tuple(evolve(each, unit_cost=Money("5", "EUR")) for each in quote.lines)
            return Amend(evolve(quote, lines=lines))
        """,
    )
    world.guard(
        "return Warn(repr([line.unit_cost for line in quote.lines]))",
        scopes=["crm.quotes:read"],
    )

    verdict = world.ask("ada")

    assert [w.message for w in verdict.warnings] == ["[None, None]"]
    assert [str(line.unit_cost) for line in verdict.record.lines] == ["5 EUR", "5 EUR"]


def test_a_save_through_the_port_does_not_blank_what_it_did_not_see(world):
    # Way 42: read a masked record and save it.
    world.guard(
        """
        read = ctx.crm.quote("Q-1")
        ctx.crm.save_quote(evolve(read, valid_until=ctx.now.date()))
        contact = ctx.crm.contacts("A-1")[0]
        ctx.crm.save_contact(evolve(contact, job_title="Buyer"))
        """
    )

    verdict = world.ask("kim")

    assert verdict.faults == ()
    quote, contact = world.crm.saved
    assert lines_of(quote) == [(1, "BRG-1", COST), (2, "BRG-2", COST)]
    assert "54321.09" in quote.checks[0].message
    assert (contact.job_title, contact.phone) == ("Buyer", "+49 170 5550199")


def test_a_save_of_what_was_not_read_does_not_blank_it_either(world):
    # Way 43: make the record up, so that the host has nothing to compare with.
    world.guard(
        """
        ctx.crm.save_contact(
            Contact(id="P-1", account_id="A-1", last_name="Max", job_title="Boss", version="1")
        )
        """
    )

    verdict = world.ask("kim")

    assert verdict.faults == ()
    (contact,) = world.crm.saved
    assert (contact.job_title, contact.phone) == ("Boss", "+49 170 5550199")


def test_a_save_that_sets_a_hidden_field_is_refused(world):
    # Way 44: write a phone number that one may not see; of a record that is there, and a new one.
    world.guard(
        """
        read = ctx.crm.contacts("A-1")[0]
        said = []
        for contact in (evolve(read, phone="+1"), Contact(id="", account_id="A-1", last_name="N",
                        email="n@example")):
            try:
                ctx.crm.save_contact(contact)
            except AccessDenied as denied:
                said.append(denied.scope)
        return Warn(repr(said))
        """
    )

    assert world.said("kim") == "['field:personal', 'field:personal']"
    assert world.crm.saved == []
    assert {detail["reason"] for _, _, detail in world.refusals()} == {
        "save_contact: phone",
        "save_contact: email",
    }


def test_an_order_is_placed_with_what_the_plugin_could_not_see(world):
    # Way 45: who the goods are for is hidden from the plugin, and must be on the parcel.
    world.guard(
        """
        order = ctx.crm.order("R-1")
        ctx.erp.place_order(
            ctx.erp.customer("C-1"), evolve(order, reference=order.id), idempotency_key="k"
        )
        return Warn(repr(order.ship_to.name))
        """
    )

    assert world.said("kim") == "''"
    (placed,) = world.erp.placed
    assert placed.ship_to.name == "Erika Mustermann"


def test_what_was_hidden_of_one_record_is_not_put_into_another(world):
    # Way 46: hand in a record under another's id, so that hidden fields move over.
    world.guard(
        """
        read = ctx.crm.account("A-1")
        saved = ctx.crm.save_account(evolve(read, id="A-2"))
        return Warn(repr(saved))
        """
    )

    world.said("kim")

    (saved,) = world.crm.saved
    assert saved.email == "info@adler.example"
    assert saved.phone is None


def test_a_write_answers_with_a_masked_record(world, secrets):
    # Way 47: the answer of a write instead of a read.
    world.guard('return Warn(repr(ctx.crm.save_quote(ctx.crm.quote("Q-1"))))')

    assert secrets(world.said("kim")) == set()


def test_identical_refusals_in_a_loop_are_counted_and_not_each_written(world):
    # Way 48: flood the trail, so that nobody finds anything in it.
    world.guard(
        """
        for _ in range(500):
            try:
                ctx.erp.stock("BRG-1")
            except AccessDenied:
                pass
        """
    )

    world.ask("kim")
    before = world.refusals()
    world.host._calls.services.refusals.flush()

    assert len(before) == 1
    assert [detail.get("times") for _, _, detail in world.refusals()] == [None, 499]

"""Ways round the gateway: sorting, filtering and searching by what is hidden, and export."""


def test_a_plugin_cannot_sort_by_a_hidden_figure(world, secrets):
    # Way 8: order says what value does not.
    world.guard(
        """
        items = sorted(ctx.erp.items().items, key=lambda item: item.cost.amount)
        return Warn([item.id for item in items])
        """
    )

    assert "AttributeError: 'NoneType' object has no attribute 'amount'" in world.said("kim")


def test_a_plugin_cannot_filter_by_a_hidden_figure(world, secrets):
    # Way 9: which customers have more than so much left? The page of standings answers nothing.
    world.guard(
        """
        page = ctx.erp.credit_list()
        rich = [s.customer_id for s in page.items if s.available and s.available.amount > 4000]
        return Warn(repr(rich))
        """
    )

    assert world.said("kim") == "[]"
    assert world.said("ada") == "['C-1']"


def test_a_search_for_a_phone_number_finds_nobody(world, secrets):
    # Way 10: a hit would say that the number is somebody's, digit by digit.
    world.guard(
        """
        found = [ctx.crm.accounts(digits) for digits in ("+49 170 5550199", "555", "5550199")]
        return Warn(repr([(len(page.items), page.next, page.total) for page in found]))
        """
    )

    assert world.said("kim") == "[(0, None, None), (0, None, None), (0, None, None)]"
    assert world.said("ada") == "[(1, None, 1), (1, None, 1), (1, None, 1)]"


def test_a_search_for_a_tax_number_or_an_address_finds_nobody(world, secrets):
    # Way 11: the ERP's customers and the CRM's accounts, by tax number and by e-mail address.
    world.guard(
        """
        pages = [
            ctx.crm.accounts("DE811569869"), ctx.crm.accounts("max.private@"),
            ctx.erp.customers("DE8115"), ctx.erp.using("main").customers("max.private"),
        ]
        return Warn(repr([len(page.items) for page in pages]))
        """
    )

    assert world.said("kim") == "[0, 0, 0, 0]"
    assert world.said("ada") == "[1, 1, 1, 1]"


def test_a_search_for_what_may_be_seen_still_finds(world, secrets):
    world.guard(
        """
        page = ctx.crm.accounts("müller ulm")
        return Warn(repr([account.id for account in page.items]))
        """
    )

    assert world.said("kim") == "['A-1']"


def test_a_cursor_does_not_tell_of_hidden_hits(world, secrets):
    # Way 12: one word for a name and somebody's e-mail address, one hit a page.
    world.guard(
        """
        page = ctx.crm.accounts("adler", limit=1)
        other = ctx.crm.accounts("example", limit=1)
        return Warn(repr([[a.id for a in page.items], page.next, len(other.items), other.next]))
        """
    )

    assert world.said("kim") == "[['A-2'], None, 0, None]"


def test_an_exported_record_has_nothing_in_it(world, secrets):
    # Way 13: every way in which a record can be written out.
    world.guard(
        """
        import attrs, copy, json, pickle
        account = ctx.crm.account("A-1")
        item = ctx.erp.item("BRG-1")
        ways = [
            repr(account), str(attrs.asdict(account)), str(attrs.astuple(item)),
            json.dumps(to_plain([account, item, quote])), repr(copy.deepcopy(item)),
            pickle.dumps([account, item, quote], protocol=0).decode("latin-1"),
            repr([getattr(item, name) for name in item.__slots__ if name != "__weakref__"]),
            repr(item.__getstate__()),
        ]
        return Warn(" ".join(ways))
        """
    )

    assert secrets(world.said("kim")) == set()
    assert secrets(world.said("ada")) >= {"cost", "phone"}


def test_the_user_is_as_masked_as_every_other_record(world, secrets):
    # Way 14: the colleague behind the call, and all others.
    world.guard("return Warn(repr([ctx.user, ctx.crm.users()]))")

    assert "us.example" not in world.said("kim")
    assert "ada@us.example" in world.said("ada")

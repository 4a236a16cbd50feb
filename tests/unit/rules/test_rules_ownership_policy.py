"""What a written policy says of each field, with what holds where it says nothing.

Each was found by changing the code on purpose: docs/mutation.md.
"""

from crossdock.rules.ownership import EntityPolicy, FieldPolicy, Limit, policy_from


def test_a_field_says_for_itself_what_its_table_and_the_defaults_say_for_all():
    document = {
        "defaults": {
            "others": "ask", "in_crm": "route", "may_change": ["sales"], "decides": ["accounting"],
            "clock_tolerance_seconds": 5,
        },
        "account": {
            "entered_in": "crm", "kinds": ["customer", "partner"], "deleted_in_crm": "ask",
            "deleted_in_erp": "inactivate", "merged": "ask", "inactivated": "both",
            "decides": ["manager"], "in_crm": "refuse",
            "fields": {
                "name": {
                    "owner": "newest", "form": "title", "others": "overwrite", "in_crm": "route",
                    "may_change": ["manager", "admin"], "decides": ["admin"],
                    "crm": {"longest": 60, "cut": "truncate"}, "erp": {"longest": 35},
                },
                "phone": "crm",
                "email": {"owner": "crm", "erp": {"cut": "truncate"}},
            },
        },
        "address": {"others": "overwrite", "fields": {"city": "crm", "country": "erp"}},
        "shipping_address": {"fields": {"country": {"owner": "crm", "form": "exact"}}},
    }  # fmt: skip

    found = policy_from(document, "ownership.toml")

    assert (found.source, found.document) == ("ownership.toml", document)
    assert found.entities == {
        "account": EntityPolicy(
            entity="account", entered_in="crm", kinds=("customer", "partner"),
            deleted_in_crm="ask", deleted_in_erp="inactivate", merged="ask", inactivated="both",
            clock_tolerance_seconds=5,
            fields={
                "name": FieldPolicy(
                    name="name", owner="newest", form="title", others="overwrite", in_crm="route",
                    may_change=("manager", "admin"), decides=("admin",),
                    crm=Limit(longest=60, cut="truncate"), erp=Limit(longest=35, cut="refuse"),
                ),
                "phone": FieldPolicy(
                    name="phone", owner="crm", form="phone", others="ask", in_crm="refuse",
                    may_change=("sales",), decides=("manager",),
                ),
                "email": FieldPolicy(
                    name="email", owner="crm", form="email", others="ask", in_crm="refuse",
                    may_change=("sales",), decides=("manager",), erp=Limit(cut="truncate"),
                ),
                "address.city": FieldPolicy(
                    name="address.city", owner="crm", others="overwrite", in_crm="route",
                    may_change=("sales",), decides=("accounting",),
                ),
                "address.country": FieldPolicy(
                    name="address.country", owner="erp", form="country", others="ask",
                    in_crm="route", may_change=("sales",), decides=("accounting",),
                ),
                "shipping_address.country": FieldPolicy(
                    name="shipping_address.country", owner="crm", form="exact", others="ask",
                    in_crm="route", may_change=("sales",), decides=("accounting",),
                ),
                "active": FieldPolicy(name="active", owner="newest", form="exact"),
            },
        )
    }  # fmt: skip


def test_what_nobody_says_is_refused_in_the_crm_and_written_over_by_its_owner():
    fields = {"fields": {"name": "erp"}}
    kinds = ("account", "contact", "item", "price_list", "price")
    found = policy_from(dict.fromkeys(kinds, fields))

    name = FieldPolicy(
        name="name", owner="erp", form="text", others="overwrite", in_crm="refuse", may_change=(),
        decides=(), crm=Limit(longest=None, cut="refuse"), erp=Limit(longest=None, cut="refuse"),
    )  # fmt: skip
    active = FieldPolicy(name="active", owner="ask", form="exact")
    assert found.source == ""
    assert found.entities == {
        kind: EntityPolicy(
            entity=kind, fields={"name": name, "active": active}, entered_in="both",
            kinds=("customer",) if kind == "account" else (), deleted_in_crm="keep",
            deleted_in_erp="ask", merged="follow", inactivated="ask", clock_tolerance_seconds=60,
        )
        for kind in kinds
    }  # fmt: skip
    assert policy_from({"account": fields}).of("item") is None


def test_a_persons_word_is_asked_for_only_what_the_crm_lets_through_of_the_erps():
    def others(owner, in_crm):
        field = {"owner": owner, "in_crm": in_crm}
        return policy_from({"account": {"fields": {"name": field}}}).entities["account"].fields[
            "name"
        ].others  # fmt: skip

    assert others("erp", "route") == "ask"
    assert others("erp", "refuse") == others("crm", "route") == others("newest", "route") == (
        "overwrite"
    )  # fmt: skip


def test_where_putting_out_of_use_is_left_to_each_nobody_owns_it():
    def owner(meaning):
        account = {"inactivated": meaning, "fields": {"name": "crm"}}
        active = policy_from({"account": account}).entities["account"].fields.get("active")
        return active and active.owner

    meanings = ("both", "crm", "erp", "ask", "keep")
    assert [owner(each) for each in meanings] == ["newest", "crm", "erp", "ask", None]


def test_the_stricter_of_two_limits_holds():
    limit = Limit(longest=30, cut="truncate")
    assert [limit.within(each).longest for each in (None, 29, 30, 31)] == [30, 29, 30, 30]
    assert limit.within(29) == Limit(longest=29, cut="truncate")
    assert Limit(cut="truncate").within(12) == Limit(longest=12, cut="truncate")

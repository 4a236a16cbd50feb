"""Ways round the gateway: what is kept between calls, and what stands behind a port."""

import pytest


def test_a_port_that_was_kept_is_of_no_use_after_the_call(world):
    # Way 23: keep the port of a call for somebody who may see more.
    world.guard(
        """
        global kept
        try:
            return Warn(repr(kept.item("BRG-1").cost))
        except NameError:
            kept = ctx.erp
            return Warn("kept")
        """
    )

    assert world.said("ada") == "kept"
    assert "cannot be kept" in world.said("ada")
    (refusal,) = world.refusals()
    assert refusal[:2] == ("plugin:spy", "erp.items:read")
    assert refusal[2]["reason"] in ("kept", "in a process of its own")
    assert (refusal[2]["point"], refusal[2]["user"]) == ("before_quote_save", "U-ada")


def test_a_context_that_was_kept_opens_no_new_port(world):
    # Way 24: keep the context, and ask it for its port only after the call.
    world.guard(
        """
        global kept
        try:
            return Warn(repr(kept.crm.account("A-1").phone))
        except NameError:
            kept = ctx
            return Warn("kept")
        """
    )

    assert world.said("ada") == "kept"
    assert "cannot be kept" in world.said("ada")
    assert world.refused() == {"crm.accounts:read"}


def test_a_method_that_was_kept_is_of_no_use_after_the_call(world):
    # Way 25: keep the bound method instead, and the ERP chosen with `using`.
    world.guard(
        """
        global kept
        try:
            return Warn(repr([each("BRG-1") for each in kept]))
        except NameError:
            kept = [ctx.erp.using("main").item, ctx.erp.item]
            return Warn("kept")
        """
    )

    assert world.said("ada") == "kept"
    assert "cannot be kept" in world.said("ada")
    assert world.refused() == {"erp.items:read"}


def test_a_thread_that_outlives_its_call_is_refused(world):
    # Way 26: ask from a thread again and again, until the call is over and beyond.
    world.guard(
        """
        import threading
        global worker
        try:
            worker.join(30)
            return Warn(found)
        except NameError:
            pass
        port = ctx.crm

        def late():
            global found
            try:
                while True:
                    port.account("A-1")
            except Exception as raised:
                found = f"{type(raised).__name__}: {raised}"

        worker = threading.Thread(target=late, daemon=True)
        worker.start()
        return Warn("started")
        """
    )

    assert world.said("ada") == "started"
    assert world.said("ada").startswith("AccessDenied: this call is over")
    assert world.refused() == {"crm.accounts:read"}


BEHIND = {
    # Way 27: attributes, mangled names, dictionaries and slots of a port.
    "attributes": """
        found = [getattr(port, name, None) for name in (*dir(port), "_GuardedPort__port", "_port",
                 "_behind", "port", "_RemotePort__port")]
        """,
    "dictionary": "found = [getattr(port, '__dict__', {})]",
    "slots": """
        found = [getattr(port, name, None) for kind in type(port).__mro__
                 for name in getattr(kind, "__slots__", ())]
        """,
    # Way 28: what a method is bound to, closes over, or wraps.
    "bound": """
        method = port.item
        found = [getattr(method, name, None)
                 for name in ("__self__", "__closure__", "__wrapped__", "__func__", "_method")]
        found += [cell.cell_contents for cell in getattr(method, "__closure__", None) or ()]
        """,
    # Way 29: what a context has.
    "context": """
        found = [getattr(ctx, name, None) for name in (*dir(ctx), "_services", "_passage", "_call",
                 "_CallContext__services")]
        found += [getattr(ctx, "__dict__", {})]
        """,
    # Way 30: copies and pickles of a port.
    "copies": """
        import copy, pickle
        found = []
        for way in (copy.copy, copy.deepcopy, pickle.dumps):
            try:
                found.append(way(port))
            except Exception as raised:
                found.append(type(raised).__name__)
        """,
}


@pytest.mark.parametrize("way", BEHIND)
def test_nothing_that_a_port_shows_is_the_port_behind_it(world, way):
    import textwrap

    world.guard(
        "port = ctx.erp\n" + textwrap.dedent(BEHIND[way]).strip() + "\n"
        "names = [type(each).__name__ for each in found]\n"
        "return Warn(repr(names) + repr(found))"
    )

    said = world.said("kim")

    for raw in ("SecretErp", "SecretCrm", "Router", "Services", "Store"):
        assert raw not in said


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ("ctx.erp.close()", "erp.close"),
        ("ctx.erp._ports", "erp._ports"),
        ("ctx.crm.all_quotes", "crm.all_quotes"),
    ],
)
def test_what_is_not_a_method_of_the_port_is_refused_and_written_down(world, body, asked):
    # Way 31: call something of the connector that no scope covers.
    world.guard(body)

    assert "AttributeError" in world.said("kim")
    assert asked in world.refused()


def test_a_call_without_its_scope_is_refused_and_written_down(world):
    # Way 32: ask for what the manifest does not name.
    world.guard('ctx.erp.credit(ctx.erp.customer("C-1"))', scopes=["erp.customers:read"])

    assert "erp.credit:read" in world.said("ada")
    assert [refusal[:2] for refusal in world.refusals()] == [("plugin:spy", "erp.credit:read")]


def test_a_plugins_memory_of_another_user_is_masked_where_it_is_labelled(world, secrets):
    # Way 33: one user's answer, kept in a global and shown to another.
    world.plugin(
        "spy",
        """
        seen = {}

        def render(ctx, account, params):
            cost = ctx.erp.item("BRG-1").cost or seen.get("cost")
            seen["cost"] = cost
            return View([Metrics(metrics=[Metric(label="Cost", value=cost, sensitive="cost")])])

        @hookimpl
        def account_tabs(ctx, account):
            return [Tab(id="t", title="T", render=render)]
        """,
        points=["account_tabs"],
    )
    host = world.host

    assert secrets(host.render_tab("spy/t", "A-1", user="ada").view) == {"cost"}
    assert secrets(host.render_tab("spy/t", "A-1", user="kim").view) == set()


def test_a_plugins_memory_of_another_user(world, secrets):
    # Way 34: the same without a label. In a process, each profile of rights has a child of its own;
    # inline nobody can look into a plugin's globals, and the documentation says so.
    world.guard(
        """
        global kept
        cost = ctx.erp.item("BRG-1").cost
        try:
            kept = cost or kept
        except NameError:
            kept = cost
        return Warn(repr(kept))
        """
    )

    assert secrets(world.said("ada")) == {"cost"}
    expected = {"cost"} if world.isolation == "inline" else set()
    assert secrets(world.said("kim")) == expected


def test_the_host_keeps_no_answer_of_one_user_for_another(world, secrets):
    # Way 35: the same question by two users, one after the other, both ways round.
    world.guard("return Warn(repr(everything(ctx)))")

    for user in ("kim", "ada", "kim", "lee", "kim"):
        assert bool(secrets(world.said(user))) == (user == "ada")


def test_code_in_the_same_process_reaches_whatever_it_searches_for(world):
    # Way 36: the garbage collector and the stack. Inline this is open, as the documentation says:
    # inline is for plugins that the host trusts. In a process there is nothing to find.
    world.guard(
        """
        import gc, sys
        found = {type(each).__name__ for each in gc.get_objects()}
        frame = sys._getframe()
        while frame is not None:
            found |= {type(each).__name__ for each in frame.f_locals.values()}
            frame = frame.f_back
        raw = found & {"SecretErp", "SecretCrm", "Router", "Services"}
        return Warn(repr(sorted(raw)))
        """
    )

    said = world.said("kim")

    assert (said == "[]") == (world.isolation == "process")

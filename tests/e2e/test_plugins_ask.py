"""`crossdock plugins ask`: one call told plugin by plugin, without a trace in the systems."""

import json


def test_it_tells_who_changed_what_and_why_and_writes_nothing(stage, crossdock):
    quote = stage.save("A-1001", ("BRG-1001", "2"))
    before = stage.host.crm.quote(quote.id)

    told = crossdock(
        "plugins", "ask", "before_quote_save", quote.id, "--user", "kim", "--config", stage.config
    )

    assert told.returncode == 0, told.stderr
    assert f"before_quote_save of {quote.id} for kim" in told.stdout
    assert "straight-through" in told.stdout
    assert "because: Priced by main" in told.stdout
    assert "Nothing stands against it" in told.stdout
    assert stage.host.crm.quote(quote.id) == before


def test_a_machine_may_read_it(stage, crossdock):
    quote = stage.save("A-1001", ("BRG-1001", "2"))
    told = crossdock(
        "plugins", "ask", "before_order_promote", quote.id,
        "--user", "kim", "--config", stage.config, "--json",
    )  # fmt: skip

    document = json.loads(told.stdout)
    assert (document["point"], document["allowed"]) == ("before_order_promote", True)
    step, *others = document["steps"]
    assert (step["plugin"], step["outcome"]) == ("straight-through", "agreed")
    assert {each["plugin"] for each in others} == {"stock-promise", "credit-policy"}
    assert 0 < step["seconds"] <= document["seconds"] + 1e-9
    assert stage.host.crm.quote(quote.id).order_id is None


def test_what_cannot_be_asked_is_said(stage, refused):
    refused(
        "plugins", "ask", "before_lunch", "Q-1", "--user", "kim", "--config", stage.config,
        says=["'before_lunch' is no extension point with guards", "before_quote_save"],
    )  # fmt: skip
    refused(
        "plugins", "ask", "before_quote_save", "Q-none", "--user", "kim", "--config", stage.config,
        says=["There is no quote 'Q-none'"],
    )  # fmt: skip

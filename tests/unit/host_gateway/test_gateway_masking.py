"""Records without what is hidden, and made whole again: each rule on records of its own."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import attrs
import pytest

from crossdock.host.gateway.arguments import Arguments
from crossdock.host.gateway.masking import Shape, mask, shape_of
from crossdock.host.gateway.restoring import HiddenFieldSet, restored
from crossdock.records._fields import sensitive, told

T = TypeVar("T")
COST = frozenset({"cost"})


@attrs.frozen
class Part:
    id: str | None = None
    cost: int | None = sensitive("cost")
    name: str = ""


@attrs.frozen
class Spare(Part):
    """A part that may have the number of another."""


@attrs.frozen
class Line:
    number: int
    item_id: str = "BRG-1"
    cost: int | None = sensitive("cost")
    quantity: int = 1


@attrs.frozen
class Step:
    """Numbered, and of no item."""

    number: int
    cost: int | None = sensitive("cost")
    name: str = ""


@attrs.frozen
class Priced:
    price: str = sensitive("cost", masked="n/a")


@attrs.frozen
class Bare:
    """Neither a number nor an id."""

    name: str
    cost: int | None = sensitive("cost")


@attrs.frozen
class Note:
    code: str = ""
    words: str = told("cost", "credit", subject="code", default="")


@attrs.frozen
class Plain:
    name: str


@attrs.frozen
class Chain:
    """A record that holds others of its kind."""

    following: Chain | None = None
    notes: tuple[Note, ...] = ()
    plain: Plain | None = None


@attrs.frozen
class Folder:
    """What holds something only some levels down."""

    chains: tuple[Chain, ...] = ()


@attrs.frozen
class Left:
    """One of two that hold each other."""

    right: Right | None = None


@attrs.frozen
class Right:
    left: Left | None = None
    line: Line | None = None


@attrs.frozen
class Anything:
    what: Any = None


@attrs.frozen
class Holder(Generic[T]):
    held: T


@attrs.frozen
class Document:
    lines: tuple[Line, ...] = ()
    parts: list[Part] = attrs.field(factory=list)
    bare: tuple[Bare, ...] = ()
    note: Note | None = None
    remark: str = told("cost", default="")
    cost: int | None = sensitive("cost")
    margin: str = sensitive("margin", masked="")


def test_the_shape_of_a_record_is_what_has_to_be_looked_at():
    assert shape_of(Document, COST) == Shape(
        sensitive=(("cost", "cost", None),),
        told=(("remark", attrs.fields(Document).remark.metadata["crossdock.told"]),),
        nested=("lines", "parts", "bare", "note"),
    )
    assert shape_of(Document, frozenset({"margin"})) == Shape((("margin", "margin", ""),), (), ())
    assert shape_of(Document, frozenset({"credit"})).nested == ("note",)
    assert not shape_of(Plain, COST)
    assert not shape_of(Chain, frozenset({"bank"}))


@pytest.mark.parametrize(
    ("record", "nested"),
    [
        (Chain, ("following", "notes")),
        (Folder, ("chains",)),
        (Left, ("right",)),
        (Right, ("left", "line")),
        (Anything, ("what",)),
        (Holder, ("held",)),
        (Plain, ()),
    ],
)
def test_what_may_hold_something_hidden_is_looked_into(record, nested):
    assert shape_of(record, COST).nested == nested
    assert bool(shape_of(record, COST)) == bool(nested)


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (Line(1, cost=7), Line(1)),
        ((Line(1, cost=7), Line(2)), (Line(1), Line(2))),
        ([Line(1), Line(2, cost=7)], [Line(1), Line(2)]),
        ({"a": Line(1, cost=7), "b": 7}, {"a": Line(1), "b": 7}),
        (Document(remark="cost 7.10 EUR"), Document(remark="cost [hidden]")),
        (Note("cost.rise", "up to 9.00"), Note("cost.rise", "up to [hidden]")),
        (Note("cost.rise.much", "up to 9.00"), Note("cost.rise.much", "up to [hidden]")),
        (Document(note=Note("", "up to 9.00")), Document(note=Note("", "up to [hidden]"))),
        (
            Document((Line(1, cost=7),), [Part("p", 8)], (Bare("b", 9),), cost=10, margin="3"),
            Document((Line(1),), [Part("p")], (Bare("b"),), margin="3"),
        ),
        (Anything((Line(1, cost=7),)), Anything((Line(1),))),
        (Holder(Line(1, cost=7)), Holder(Line(1))),
        (Chain(notes=(Note("", "9.00"),)), Chain(notes=(Note("", "[hidden]"),))),
        (Chain(Chain(notes=(Note("", "9.00"),))), Chain(Chain(notes=(Note("", "[hidden]"),)))),
        (Right(Left(Right(line=Line(1, cost=7)))), Right(Left(Right(line=Line(1))))),
    ],
)  # fmt: skip
def test_what_is_hidden_is_taken_out_wherever_it_is(value, seen):
    assert mask(value, COST) == seen
    assert type(mask(value, COST)) is type(value)


@pytest.mark.parametrize(
    "value",
    [
        None, 7, "7.10", Plain("x"), Line(1), (Line(1),), [Line(1)], Note("credit.over", "9.00"),
        Document(note=Note("stock.short", "3 of 5.5 are free")), Chain(Chain()), Anything(7),
        Document(margin="3"), (), [],
    ],
)  # fmt: skip
def test_what_holds_nothing_hidden_is_the_very_same_object(value):
    assert mask(value, COST) is value
    assert mask(Line(1, cost=7), frozenset()) == Line(1, cost=7)


def test_a_blank_that_was_made_anew_is_a_blank_as_well():
    blank = Priced("/".join("na"))

    assert mask(blank, COST) is blank
    assert restored(Priced("7.10"), blank, COST) == Priced("7.10")


def test_words_about_something_that_they_are_not_declared_for_stay():
    assert mask(Note("margin.low", "9.00"), frozenset({"margin", "cost"})).words == "9.00"


def test_a_list_of_a_class_of_its_own_is_walked_as_well():
    class Rows(list):
        """As a library may hand out."""

    assert mask(Rows([Line(1, cost=7)]), COST) == (Line(1),)


def test_the_arguments_of_a_call_are_masked_once_for_the_same_rights():
    arguments = Arguments({"quote": Line(1, cost=7), "user": Plain("Kim")})

    seen = arguments.see(frozenset({"a"}), COST)

    assert seen == {"quote": Line(1), "user": Plain("Kim")}
    assert arguments.see(frozenset({"b"}), COST) is seen
    assert arguments.seen == {frozenset({"a"}): seen, frozenset({"b"}): seen}
    assert arguments.see(frozenset({"c"}), frozenset())["quote"] == Line(1, cost=7)


def test_an_amended_argument_is_masked_anew_and_the_others_stay():
    arguments = Arguments({"quote": Line(1, cost=7), "user": Plain("Kim")})
    before = arguments.see(frozenset(), COST)

    arguments.replace("quote", Line(2, cost=8))

    assert arguments.whole == {"quote": Line(2, cost=8), "user": Plain("Kim")}
    assert arguments.seen == {}
    assert arguments.see(frozenset(), COST) == {"quote": Line(2), "user": Plain("Kim")}
    assert before == {"quote": Line(1), "user": Plain("Kim")}


WHOLE = Document(
    lines=(Line(1, cost=7), Line(2, "BRG-2", cost=8)),
    parts=[Part("p", 9)],
    bare=(Bare("b", 10), Bare("b", 11)),
    note=Note("", "up to 9.00"),
    remark="cost 7.10 EUR",
    cost=12,
    margin="3",
)


def test_a_record_that_comes_back_as_it_was_seen_is_whole_again():
    assert restored(WHOLE, mask(WHOLE, COST), COST) == WHOLE
    assert restored(WHOLE, WHOLE, COST) is WHOLE
    assert restored(WHOLE, Document(), frozenset()) == Document()


@pytest.mark.parametrize(
    ("change", "after"),
    [
        # Lines are found again by number and item, in whatever order they come back.
        (
            {"lines": (Line(2, "BRG-2"), Line(1))},
            {"lines": (Line(2, "BRG-2", cost=8), Line(1, cost=7))},
        ),
        (
            {"lines": (Line(1, quantity=5), Line(2, "BRG-2"))},
            {"lines": (Line(1, cost=7, quantity=5), Line(2, "BRG-2", cost=8))},
        ),
        ({"lines": (Line(1, "BRG-9"),)}, {"lines": (Line(1, "BRG-9"),)}),
        ({"lines": ()}, {"lines": ()}),
        ({"parts": [Part("q"), Part("p")]}, {"parts": [Part("q"), Part("p", 9)]}),
        ({"parts": [Part("p", name="x")]}, {"parts": [Part("p", 9, "x")]}),
        ({"parts": [Part()]}, {"parts": [Part()]}),
        # What has neither is the same if it is as it was, once for each that there was.
        ({"bare": (Bare("b"),)}, {"bare": (Bare("b", 10),)}),
        ({"bare": (Bare("b"),) * 3}, {"bare": (Bare("b", 10), Bare("b", 11), Bare("b"))}),
        ({"bare": (Bare("c"),)}, {"bare": (Bare("c"),)}),
        # Words that somebody changed are his own.
        ({"remark": "cost [hidden], too much"}, {"remark": "cost [hidden], too much"}),
        ({"note": Note("", "fine")}, {"note": Note("", "fine")}),
        ({"note": None}, {"note": None}),
        ({"margin": ""}, {"margin": ""}),
    ],
)
def test_what_was_hidden_is_put_back_into_what_became_of_the_record(change, after):
    assert restored(WHOLE, attrs.evolve(mask(WHOLE, COST), **change), COST) == attrs.evolve(
        WHOLE, **after
    )


def test_nothing_is_put_back_where_there_was_nothing_or_something_else():
    given = mask(WHOLE, COST)

    assert restored(None, given, COST) is given
    assert restored(Line(1, cost=7), Part("1"), COST) == Part("1")
    assert restored(Line(1, cost=7), "words", COST) == "words"
    assert restored(Document(cost=None), Document(), COST) == Document()
    assert restored((Line(1, cost=7),), [Line(1)], COST) == [Line(1, cost=7)]
    assert restored("words", (Line(1),), COST) == (Line(1),)


def test_a_part_of_another_class_is_another_part():
    true = Anything((Part("1", 7), Line(1, cost=8)))

    assert restored(true, Anything((Line(1), Part("1"))), COST) == Anything(
        (Line(1, cost=8), Part("1", 7))
    )
    parts = (Part("1", 7), Spare("1", 8), Step(1, 9), Line(1, "", 10))
    changed = (Part("1", name="x"), Spare("1"), Step(1, name="x"), Line(1, "", quantity=2))
    assert restored(parts, changed, COST) == (
        Part("1", 7, "x"), Spare("1", 8), Step(1, 9, "x"), Line(1, "", 10, 2),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Document(cost=0), "cost"),
        (Document(cost=12), "cost"),  # a guess that is right is one as well
        (Document(lines=(Line(1), Line(3, cost=1))), "lines.1.cost"),
        (Document(parts=[Part("x", 1)]), "parts.0.cost"),
        ((Bare("b"), Bare("b", 10)), "1.cost"),
        (Anything(Document(lines=(Line(1, cost=7),))), "what.lines.0.cost"),
    ],
)
def test_a_hidden_field_with_a_value_is_named_by_its_place(given, field):
    with pytest.raises(HiddenFieldSet) as refused:
        restored(WHOLE, given, COST)

    assert (refused.value.field, refused.value.kind) == (field, "cost")
    assert refused.value.args == (field, "cost")

"""Whatever a text says, it stays a text: in HTML, SVG, embedded JSON, JSON and a terminal."""

import json
import re
import unicodedata
from html.parser import HTMLParser
from typing import Literal, get_args, get_origin, get_type_hints

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock import Action, Link, Notice, View, views
from crossdock.render.addresses import safe_address
from crossdock.render.characters import cleaned, legible, one_line
from crossdock.render.html import render_html
from crossdock.render.json import script_json, view_document
from crossdock.render.text import render_text

_HARMLESS = "quite harmless words"
_COLOUR = re.compile(r"\x1b\[\d+m")
_any_text = st.text(st.characters(exclude_categories=()))
_one_example_is_one_page = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Skeleton(HTMLParser):
    """The elements of a page with the names of their attributes, and the words between them."""

    def __init__(self, markup):
        super().__init__()
        self.elements = []
        self.words = []
        self.addresses = []
        self.feed(str(markup))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, *(name for name, _ in attrs)))
        self.addresses += [value for name, value in attrs if name in ("href", "src", "action")]

    def handle_endtag(self, tag):
        self.elements.append(f"/{tag}")

    def handle_data(self, data):
        self.words.append(data)

    def handle_comment(self, data):
        self.elements.append("comment")

    def handle_decl(self, decl):
        self.elements.append("declaration")

    handle_pi = unknown_decl = handle_decl


def to_the_desk(target, params):
    return "/somewhere"


def skeleton(view):
    return Skeleton(render_html(view, href=to_the_desk))


def _is_unwanted(character):
    return unicodedata.category(character) in {"Cc", "Cs"} or character in "\u202a\u202e\u2066"


@pytest.fixture(scope="session")
def harmless(view_of):
    return skeleton(view_of(_HARMLESS))


def test_a_text_changes_nothing_but_the_text_of_a_page(hostile_texts, view_of, harmless):
    for name, text in hostile_texts.items():
        if not text.strip():
            continue
        page = skeleton(view_of(text))
        assert page.elements == harmless.elements, name
        assert legible(text) in "".join(page.words), name


@given(text=_any_text.filter(str.strip))
@_one_example_is_one_page
def test_no_text_at_all_changes_more_than_the_text_of_a_page(text, view_of, harmless):
    page = render_html(view_of(text), href=to_the_desk)

    assert Skeleton(page).elements == harmless.elements
    page.encode()


def test_no_character_that_html_refuses_reaches_a_page(hostile_texts, view_of):
    for name, text in hostile_texts.items():
        page = str(render_html(view_of(text), href=to_the_desk))
        assert not [each for each in page if _is_unwanted(each) and each not in "\t\n"], name


def test_a_very_long_text_is_still_only_a_text(view_of, harmless):
    text = "<b>" * 50_000
    page = skeleton(View([Notice(text=text, title=text)]))

    assert text in page.words
    assert skeleton(view_of("<b>" * 2000)).elements == harmless.elements


def test_an_address_that_a_host_echoes_cannot_run_or_leave_the_site(hostile_texts):
    for name, text in hostile_texts.items():
        view = View([Notice(text="x"), Action(label="go", target=text)])
        page = Skeleton(render_html(view, href=lambda target, params: target))
        for address in page.addresses:
            assert safe_address(address, plain_http=True) == address, name
            assert not address.lower().startswith(("javascript", "data", "vbscript", "//")), name


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "blob:https://crm.example/x",
        "file:///etc/passwd",
        "//evil.example/x",
        "/\\evil.example",
        "\\\\evil.example",
        "https://",
        "https:/x",
        "http://crm.example/x",
        "https://[broken",
        "https://crm.example/\ud800",
        "https://crm.example/\u202egpj.exe",
        "",
        None,
    ],
)
def test_an_address_that_is_not_plainly_harmless_is_no_address(address):
    assert safe_address(address) is None


@pytest.mark.parametrize(
    "address",
    ["/x?y=1#z", "x/y", "?show=all", "https://crm.example/x", "http://127.0.0.1:8600/x"],
)
def test_paths_and_secure_addresses_are_kept_as_they_are(address):
    assert safe_address(address) == address


def test_embedded_json_never_ends_its_element_and_loses_nothing(hostile_texts, view_of):
    for name, text in hostile_texts.items():
        document = view_document(view_of(text))
        embedded = str(script_json(document))
        assert not set("<>&\u2028\u2029") & set(embedded), name
        assert json.loads(embedded) == document, name
        embedded.encode()


def test_a_document_for_programs_keeps_every_character_that_can_be_sent(hostile_texts):
    for name, text in hostile_texts.items():
        (notice,) = view_document(View([Notice(text=text)]))["components"]
        if name != "half a surrogate pair":
            assert notice["text"] == text, name
    (notice,) = view_document(View([Notice(text=hostile_texts["half a surrogate pair"])]))[
        "components"
    ]
    assert notice["text"] == "a\ufffdb\ufffdc"


@pytest.mark.parametrize("color", [False, True])
def test_no_text_drives_the_terminal(hostile_texts, view_of, color):
    for name, text in hostile_texts.items():
        written = render_text(view_of(text), color=color)
        ours = _COLOUR.sub("", written) if color else written
        assert not [each for each in ours if _is_unwanted(each) and each != "\n"], name
        assert "\u2028" not in ours, name
        written.encode()


@given(text=_any_text)
@_one_example_is_one_page
def test_no_text_at_all_drives_the_terminal(text, view_of):
    written = render_text(view_of(text))

    assert not [each for each in written if _is_unwanted(each) and each != "\n"]
    written.encode()


def test_what_was_taken_out_leaves_a_mark():
    assert one_line("\x1b[31mred\x00\x7f\x9b\ud800") == "␛[31mred␀␡��"
    assert one_line("a\r\nb\tc\u2028d") == "a b c d"
    assert legible("a\r\nb\rc\td") == "a\nb\nc\td"
    assert legible("invoice \u202eexe.fdp\u202c") == "invoice exe.fdp"


def test_a_view_without_anything_to_clean_is_not_copied(view_of):
    view = view_of(_HARMLESS)

    assert cleaned(view) is view


def test_right_to_left_texts_and_their_marks_are_kept(hostile_texts):
    for name in ("right to left", "direction marks", "combining marks", "look-alikes"):
        assert legible(hostile_texts[name]) == hostile_texts[name]


def test_a_word_from_a_fixed_list_takes_no_other_word():
    for kind in (*get_args(views.Component), *get_args(views.Value), views.Column, views.Metric):
        hints = get_type_hints(kind) if attrs.has(kind) else {}
        for name, hint in hints.items():
            if get_origin(hint) is Literal:
                field = getattr(attrs.fields(kind), name)
                with pytest.raises(ValueError, match=name):
                    field.validator(None, field, 'bad" onclick="x')


def test_the_corpus_reaches_every_place_for_a_text(view_of):
    told = json.dumps(view_document(view_of("\u2603")), ensure_ascii=False)
    places = sum(
        1
        for kind in (*get_args(views.Component), views.Metric, views.Column, views.Series, Link)
        for hint in get_type_hints(kind).values()
        if hint is str
    )

    assert places >= 20
    assert told.count("\u2603") > places

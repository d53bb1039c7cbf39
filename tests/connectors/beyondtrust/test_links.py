"""Links, pages and command lines that start a session: what they hold, what is refused, what cannot break out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.starting import links, portal, windows
from connectors.platforms.beyondtrust.starting.links import (
    LOCALES,
    ByIssue,
    ByKey,
    ByRepresentative,
    Customer,
    Wishes,
    link,
)
from connectors.platforms.beyondtrust.starting.portal import ByForm, StartType, embedded, snippet

SITE = "https://support.example.com"
KEY = ByKey("1234567")
REP = ByRepresentative(1, "Admin")
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
CUSTOMER = Customer("John Doe", "Company Name", "1234", "I need support")


def pairs(url: str) -> dict[str, str]:
    told = parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)
    assert len(dict(told)) == len(told)
    return dict(told)


@pytest.mark.parametrize(
    ("start", "wishes", "query"),
    [
        (REP, Wishes(), "id=1&name=Admin"),
        (KEY, Wishes(external_key="1234"), "short_key=1234567&session.custom.external_key=1234"),
        (
            ByIssue(id=1),
            Wishes(CUSTOMER, "1234", {"custom_field1": "Custom Value"}),
            "issue_menu=1&id=1&customer.name=John%20Doe&customer.company=Company%20Name&customer.company_code=1234"
            "&customer.details=I%20need%20support&session.custom.external_key=1234"
            "&session.custom.custom_field1=Custom%20Value",
        ),
        (ByIssue("issue_code_name"), Wishes(), "issue_menu=1&codeName=issue_code_name"),
        (
            ByIssue(id=1),
            Wishes(priority=1, skills=("codename1", "codename2")),
            "issue_menu=1&id=1&session.priority=1&session.skills=codename1%2Ccodename2",
        ),
        (REP, Wishes(locale="en-us"), "id=1&name=Admin&locale=en-us"),
        (KEY, Wishes(locale="de", chat_locale="cs-cs"), "short_key=1234567&locale=de&chat_locale=cs-cs"),
        (REP, Wishes(platform="winNT-32"), "id=1&name=Admin&platform=winNT-32"),
        (REP, Wishes(timezone_offset=-300), "id=1&name=Admin&timezone_offset=-300"),
        (REP, Wishes(click_to_chat=True), "id=1&name=Admin&c2cjs=1"),
    ],
)
def test_the_guides_links(start: links.Start, wishes: Wishes, query: str) -> None:
    assert link(SITE, start, wishes) == f"{SITE}/api/start_session?{query}"


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: link(SITE, ByIssue("a", 1)), "code name or its id, and not both"),
        (lambda: link(SITE, ByIssue()), "code name or its id, and not both"),
        (lambda: link(SITE, ByIssue("two words")), "codeName"),
        (lambda: link(SITE, ByKey("12&c2cjs=1")), "short_key"),
        (lambda: link(SITE, ByRepresentative(1, "")), "name is needed"),
        (lambda: link(SITE, ByRepresentative(-1, "Admin")), "id must be at least 0"),
        (lambda: link(SITE, KEY, Wishes(Customer(name="x" * 101))), "customer.name has 101"),
        (lambda: link(SITE, KEY, Wishes(Customer(company="x" * 101))), "customer.company has 101"),
        (lambda: link(SITE, KEY, Wishes(Customer(company_code="x" * 101))), "customer.company_code has 101"),
        (lambda: link(SITE, KEY, Wishes(Customer(details="ä" * 513))), "customer.details has 1026 bytes"),
        (lambda: link(SITE, KEY, Wishes(external_key="x" * 1025)), "external_key has 1025"),
        (lambda: link(SITE, KEY, Wishes(attributes={"a": "x" * 1025})), "session.custom.a has 1025"),
        (lambda: link(SITE, KEY, Wishes(attributes={f"a{n}": "x" * 1023 for n in range(11)})), "at most 10000"),
        (lambda: link(SITE, KEY, Wishes(attributes={"a b": "x"})), "the name of a custom field"),
        (lambda: link(SITE, KEY, Wishes(external_key="1", attributes={"external_key": "2"})), "given twice"),
        (lambda: link(SITE, KEY, Wishes(locale="xx")), "en-us, de, es, es-sp, fi, fr"),
        (lambda: link(SITE, KEY, Wishes(platform="mac")), "platform must be one of winNT-32, winNT-64"),
        (lambda: link(SITE, KEY, Wishes(priority=4)), "session.priority must be from 1 to 3"),
        (lambda: link(SITE, KEY, Wishes(skills=("a,b",))), "session.skills"),
        (lambda: link(SITE, KEY, Wishes(timezone_offset=1000)), "timezone_offset must be from -720 to 840"),
        (lambda: link(SITE, KEY, Wishes(external_key="\ud800")), "cannot be sent"),
        (lambda: link("ftp://support.example.com", KEY), "the site"),
        (lambda: link("https://support.example.com:x", KEY), "the site"),
        (lambda: link("https://u:p@support.example.com", KEY), "the site"),
    ],
)
def test_what_beyondtrust_would_not_take_is_named(make: Callable[[], object], named: str) -> None:
    with pytest.raises(WrongInput) as refused:
        make()
    assert named in str(refused.value)


def test_the_locales_are_those_of_the_guide() -> None:
    assert len(LOCALES) == 16
    for locale in LOCALES:
        assert pairs(link(SITE, KEY, Wishes(locale=locale)))["locale"] == locale


@given(TEXT, TEXT)
def test_what_was_typed_comes_back_out_of_a_link(name: str, key: str) -> None:
    told = pairs(link(SITE, KEY, Wishes(Customer(name=name), key)))
    assert told.get("customer.name", "") == name
    assert told.get("session.custom.external_key", "") == key


# -- 2008 ------------------------------------------------------------------------------------------------------


def test_the_links_of_2008() -> None:
    path = f"{SITE}/download_customer_connector.ns"
    assert link(SITE, REP, api="2008") == f"{path}?id=1&name=Admin"
    assert link(SITE, ByIssue(), api="2008") == f"{path}?issue_menu=1"
    assert pairs(link(SITE, ByIssue(id=3), Wishes(CUSTOMER, "77"), api="2008")) == {
        "issue_menu": "1",
        "id": "3",
        "customer_name": "John Doe",
        "customer_company": "Company Name",
        "customer_company_code": "1234",
        "customer_desc": "I need support",
        "external_key": "77",
    }


def test_the_description_of_2008_is_measured_in_characters() -> None:
    assert pairs(link(SITE, ByIssue(), Wishes(Customer(details="ä" * 1024)), api="2008"))["customer_desc"]
    with pytest.raises(WrongInput, match=r"customer\.details has 1025 characters"):
        link(SITE, ByIssue(), Wishes(Customer(details="x" * 1025)), api="2008")


@pytest.mark.parametrize(
    ("start", "wishes", "named"),
    [
        (KEY, Wishes(), "short_key"),
        (ByIssue("other"), Wishes(), "codeName"),
        (REP, Wishes(external_key="1"), "with an issue only"),
        (ByIssue(), Wishes(locale="de"), "locale"),
        (ByIssue(), Wishes(priority=1), "session.priority"),
        (ByIssue(), Wishes(attributes={"asset": "1"}), "session.custom.asset"),
        (ByIssue(), Wishes(click_to_chat=True), "c2cjs"),
    ],
)
def test_what_2008_does_not_know_is_named(start: links.Start, wishes: Wishes, named: str) -> None:
    with pytest.raises(WrongInput, match=named):
        link(SITE, start, wishes, api="2008")


# -- pages -----------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """What a browser would see of a page: tags with their attributes, and the text of scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] == "script":
            self.scripts.append(data)

    @property
    def names(self) -> list[str]:
        return [tag for tag, _ in self.found]


def options_of(made: portal.Snippet) -> dict[str, str]:
    """Property name to what is written behind it."""
    return dict(re.findall(r"^    (\w+): (.*?),?$", made.body, re.M))


def test_a_snippet_loads_the_sites_script_and_starts_with_the_key() -> None:
    made = snippet(SITE, KEY, Wishes(external_key="abc123", attributes={"custom_field1": "x"}, locale="en-us"))
    seen = Tags(made.page)
    assert ("script", {"src": f"{SITE}/api/start_session.js"}) in seen.found
    assert 'BG.setSite("support.example.com");' in made.head
    assert "BG.start(BG.START_TYPE.FULL, {" in made.body
    assert made.page.startswith("<!doctype html>")
    told = options_of(made)
    assert {name: json.loads(value) for name, value in told.items()} == {
        "sessionKey": "1234567",
        "locale": "en-us",
        "attributes": {"external_key": "abc123", "custom_field1": "x"},
    }


@pytest.mark.parametrize(
    ("start", "written"),
    [
        (REP, {"rep": {"id": 1, "name": "Admin"}}),
        (ByIssue(id=12), {"issue": {"id": 12}}),
        (ByIssue("Other"), {"issue": {"codeName": "Other"}}),
    ],
)
def test_the_other_ways_to_start_from_a_page(start: links.Start, written: object) -> None:
    assert {name: json.loads(value) for name, value in options_of(snippet(SITE, start)).items()} == written


def test_a_chat_may_fall_back_to_a_full_window() -> None:
    made = snippet(
        SITE, ByIssue("Other"), Wishes(CUSTOMER, skills=("a", "b")), kind=StartType.CHAT, fallback_to_full_window=False
    )
    told = options_of(made)
    assert "BG.START_TYPE.CHAT" in made.body
    assert json.loads(told["uiOptions"]) == {"fallbackToFullWindow": False}
    assert json.loads(told["skills"]) == ["a", "b"]
    assert json.loads(told["customer"])["details"] == "I need support"
    with pytest.raises(WrongInput, match="fallbackToFullWindow"):
        snippet(SITE, KEY, fallback_to_full_window=True)


def test_an_issue_can_be_read_from_a_form_of_the_page() -> None:
    form = Tags(portal.issue_form("help", ByIssue("Other"), Wishes(Customer(name='"><b>'), "7", skills=("a", "b"))))
    assert form.found[0] == ("form", {"id": "help"})
    assert {tag[1]["name"]: tag[1]["value"] for tag in form.found[1:]} == {
        "codeName": "Other",
        "skills": "a,b",
        "customer.name": '"><b>',
        "session.custom.external_key": "7",
    }
    assert options_of(snippet(SITE, ByForm("help")))["issue"] == 'document.getElementById("help")'
    with pytest.raises(WrongInput, match="HTML id"):
        snippet(SITE, ByForm("two words"))


def test_everything_that_a_form_of_the_page_can_tell() -> None:
    wishes = Wishes(CUSTOMER, "77", {"asset": "PC-7"}, skills=("a", "b"))
    told = {
        "skills": "a,b",
        "customer.name": "John Doe",
        "customer.company": "Company Name",
        "customer.company_code": "1234",
        "customer.details": "I need support",
        "session.custom.external_key": "77",
        "session.custom.asset": "PC-7",
    }
    for issue, named in ((ByIssue(id=12), {"id": "12"}), (ByIssue("Other"), {"codeName": "Other"})):
        fields = Tags(portal.issue_form("help", issue, wishes)).found[1:]
        assert {tag[1]["name"]: tag[1]["value"] for tag in fields} == {**named, **told}


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(click_to_chat=True),
        Wishes(chat_locale="cs-cs"),
        Wishes(platform="winNT-64"),
        Wishes(priority=1),
        Wishes(timezone_offset=0),
    ],
)
def test_what_a_page_cannot_tell_is_refused(wishes: Wishes) -> None:
    with pytest.raises(WrongInput, match="not in a page"):
        snippet(SITE, KEY, wishes)


@given(TEXT | st.sampled_from(["</script><script>alert(1)</script>", "<!--<script>", "\u2028\u2029", "'\"\\", "]]>"]))
def test_nothing_that_was_typed_leaves_its_place(typed: str) -> None:
    made = snippet(SITE, KEY, Wishes(Customer(name=typed)), button=typed)
    assert Tags(made.page).names == ["html", "head", "script", "script", "body", "button", "script"]
    assert not set("<>&'\u2028\u2029") & set(embedded(typed))
    assert json.loads(options_of(made).get("customer", '{"name": ""}'))["name"] == typed


def test_the_form_for_session_keys() -> None:
    seen = Tags(portal.key_form(SITE, external_key=True, label="<Key>"))
    assert seen.found[0] == ("form", {"action": f"{SITE}/api/start_session", "method": "post"})
    names = [found[1].get("name") for found in seen.found if found[0] == "input"]
    assert names == ["short_key", "session.custom.external_key"]
    assert len(Tags(portal.key_form(SITE)).found) < len(seen.found)


# -- the Support Button ----------------------------------------------------------------------------------------


def test_the_line_of_the_support_button() -> None:
    folder = r"C:\Users\admin\AppData\Local\bomgar-scc-cb\support.example.com"
    line = portal.button_line(
        f"{folder}\\bomgar-cb.exe",
        folder + "\\",
        external_key="abc 123",
        issue_code_name="install_update",
        survey=True,
    )
    assert line == (
        rf"{folder}\bomgar-cb.exe --cbdir {folder}\ --session-value session.custom.external_key "
        '"abc 123" --issue-code-name install_update --present-front-end-survey'
    )


@pytest.mark.parametrize(
    ("given_", "named"),
    [
        ({"survey": True}, "needs --issue-code-name"),
        ({"issue_code_name": "two words"}, "--issue-code-name"),
        ({"issue_code_name": "-x"}, "must not begin like an option"),
        ({"external_key": "--cbdir"}, "must not begin like an option"),
        ({"external_key": "a\nb"}, "line breaks"),
        ({"external_key": "x" * 1025}, "external_key has 1025"),
    ],
)
def test_what_the_support_button_would_misread_is_refused(given_: dict[str, str], named: str) -> None:
    with pytest.raises(WrongInput, match=named):
        portal.button_line("cb.exe", "C:\\cb\\", **given_)  # type: ignore[arg-type]  # texts and a flag together


def read_as_windows_does(line: str) -> list[str]:
    """CommandLineToArgvW, by its documentation: 2n backslashes before a quotation mark are n, one more escapes it."""
    found, word, quoted, slashes, begun = list[str](), "", False, 0, False
    for sign in f"{line} ":
        if sign == '"':
            word += "\\" * (slashes // 2)
            if slashes % 2:
                word += sign
            else:
                quoted = not quoted
            slashes, begun = 0, True
            continue
        if sign == "\\":
            slashes, begun = slashes + 1, True
            continue
        word, slashes = word + "\\" * slashes, 0
        if sign in " \t" and not quoted:
            found, word, begun = ([*found, word], "", False) if begun else (found, "", False)
        else:
            word, begun = word + sign, True
    return found


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        ("plain", "plain"),
        ("", '""'),
        ("two words", '"two words"'),
        ("C:\\a b\\", '"C:\\a b\\\\"'),
        ('say "hi"', '"say \\"hi\\""'),
        ('\\"', '"\\\\\\""'),
        ("a&b", '"a&b"'),
        ("a\\\\b", "a\\\\b"),
    ],
)
def test_quoting_for_windows(argument: str, written: str) -> None:
    assert windows.command_line("cb.exe", argument) == f"cb.exe {written}"


@given(st.lists(st.text(st.sampled_from('ab "\\&%^-'), max_size=12), max_size=4))
def test_windows_reads_back_what_was_meant(arguments: list[str]) -> None:
    assert read_as_windows_does(windows.command_line("cb.exe", *arguments)) == ["cb.exe", *arguments]


def test_a_program_is_quoted_and_never_escaped() -> None:
    assert windows.command_line("C:\\Program Files\\cb.exe") == '"C:\\Program Files\\cb.exe"'
    with pytest.raises(WrongInput, match="the program"):
        windows.command_line('a"b.exe')


def test_what_a_prompt_would_change_is_told() -> None:
    assert windows.unsafe_at_a_prompt(windows.command_line("cb.exe", "100%"))
    assert windows.unsafe_at_a_prompt(windows.command_line("cb.exe", 'a "b"'))
    assert not windows.unsafe_at_a_prompt(windows.command_line("cb.exe", "a & b"))

"""Comments with their files, worklogs, and what a cut in between leaves of them, against the strict fake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from bridge.document import Lines
from bridge.errors import ChangedMeanwhile, NotFound, Rejected, Unavailable, UnknownOutcome
from bridge.model import Attachment
from connectors.tickets.jira.client import JiraClient
from connectors.tickets.jira.mapping import file_name, reference
from tests.connectors.jira.desk import JiraDesk
from tests.connectors.jira.site import AGENT, CUSTOMER, Comment, paragraph, text_of
from tests.contract.desk import Entry
from tests.contract.tickets import MARK, OTHER_MARK, TONGUES, note, spent
from tests.contract.workshop import workshop

FILE = Attachment("report.txt", "text/plain; charset=utf-8", b"\x00\xffall of it")
OTHER = Attachment("report.txt", "text/plain; charset=utf-8", b"\x00\xffbut anew!")

BEGINS = ("POST", "*/request/*/attachment")
FINISHES = ("PUT", "*/comment/*")


@contextmanager
def answering(*answers: httpx.Response) -> Iterator[JiraClient]:
    """A client whose requests are answered by these, one after the other."""
    left = iter(answers)
    keys = {"email": "bridge@example.com", "api_token": "made-up", "account_id": AGENT}
    with workshop("https://acme.atlassian.net", lambda request: next(left)) as given:
        yield JiraClient(given.transport, keys)


def outside_the_portal(desk: JiraDesk) -> None:
    desk.issue.is_request = False


# -- comments --------------------------------------------------------------------------------------------------


def test_nobody_who_reads_the_ticket_sees_the_mark(desk: JiraDesk) -> None:
    desk.jira().add_note(desk.ticket_id, note())
    [comment] = desk.issue.comments
    assert MARK not in json.dumps(comment.body)
    assert comment.properties == {"sd.public.comment": {"internal": True}, "deskbridge": {"mark": MARK}}


def test_a_mark_may_be_long_and_odd(desk: JiraDesk) -> None:
    mark = f'note:jira:DESK-1:1:{"é" * 150}"\\'
    desk.jira().add_note(desk.ticket_id, note(mark=mark))
    assert desk.jira().find_note(desk.ticket_id, mark)


@pytest.mark.parametrize("newer", [0, 2, 3, 11])
def test_marks_are_looked_for_on_every_page(desk: JiraDesk, newer: int) -> None:
    desk.jira().add_note(desk.ticket_id, note())
    desk.issue.comments += [Comment(f"9{number}", CUSTOMER, paragraph("Hello?")) for number in range(newer)]
    found = desk.jira().find_note(desk.ticket_id, MARK)
    assert found is not None
    assert found.id == desk.issue.comments[0].id
    assert len(desk.faults.requests("*/comment", method="GET")) == newer // 3 + 1


def test_a_list_without_properties_hides_no_mark(desk: JiraDesk) -> None:
    jira = desk.jira()
    jira.add_note(desk.ticket_id, note())
    desk.issue.comments += [Comment("97", CUSTOMER, paragraph("Hello?")), Comment("98", AGENT, paragraph("By hand"))]
    desk.site.lists_properties = False
    found = jira.find_note(desk.ticket_id, MARK)
    assert found is not None
    assert found.id == desk.issue.comments[0].id
    assert jira.find_note(desk.ticket_id, OTHER_MARK) is None
    assert not desk.faults.requests("*/comment/97/*"), "which is not ours"


def test_too_many_comments_are_never_taken_for_none() -> None:
    page = {"comments": [{"id": "1", "properties": []}], "total": 1_000_000}
    keys = {"email": "bridge@example.com", "api_token": "made-up"}
    with (
        workshop("https://acme.atlassian.net", lambda request: httpx.Response(200, json=page)) as given,
        pytest.raises(Rejected, match="too many"),
    ):
        JiraClient(given.transport, keys).find_note("DESK-1", MARK)


def test_a_comment_whose_answer_lacks_its_id_is_an_unknown_outcome() -> None:
    with answering(httpx.Response(201, json={})) as client, pytest.raises(UnknownOutcome):
        client.add_note("DESK-1", note())


# -- files that a customer must not see ------------------------------------------------------------------------


def test_a_file_of_an_internal_note_stays_internal(desk: JiraDesk) -> None:
    written = desk.jira().add_note(desk.ticket_id, replace(note(), attachments=(FILE,)))
    [comment], [file] = desk.issue.comments, desk.files()
    assert (file.name, file.content, file.public) == ("report.txt", FILE.content, False)
    assert written.id == comment.id
    assert not comment.public
    assert "123456" in text_of(comment.body)
    assert comment.media() == {"report.txt"}
    assert not desk.faults.requests("*/attachments"), "whose visibility Jira's documentation does not promise"


def test_a_file_of_a_public_note_is_the_customers_too(desk: JiraDesk) -> None:
    desk.jira().add_note(desk.ticket_id, replace(note(public=True), attachments=(FILE,)))
    assert [file.public for file in desk.files()] == [True]
    assert [shown.public for shown in desk.notes()] == [True]


@pytest.mark.parametrize(
    ("comment", "error"), [({"id": "7", "public": True}, Rejected), ({"public": False}, UnknownOutcome)]
)
def test_files_that_got_another_visibility_are_told(comment: object, error: type[Exception]) -> None:
    answers = (
        httpx.Response(200, json={"id": "1", "key": "DESK-1", "fields": {}}),
        httpx.Response(200, json={"serviceDeskId": "3"}),
        httpx.Response(200, json={"comments": [], "total": 0}),
        httpx.Response(201, json={"temporaryAttachments": [{"temporaryAttachmentId": "temp1", "fileName": "x"}]}),
        httpx.Response(201, json={"comment": comment}),
        httpx.Response(200, json={"fields": {"summary": {}}}),
    )
    with answering(*answers) as client, pytest.raises(error):
        client.add_note("DESK-1", replace(note(), attachments=(FILE,)))


def test_without_a_right_to_the_request_nothing_is_attached_at_all(desk: JiraDesk) -> None:
    desk.faults.fail("*/request/*", status=403)
    with pytest.raises(Rejected):
        desk.jira().add_note(desk.ticket_id, replace(note(), attachments=(FILE,)))
    assert desk.files() == []
    assert desk.notes() == []


@pytest.mark.parametrize("write", [BEGINS, FINISHES])
@pytest.mark.parametrize("public", [False, True])
def test_a_note_with_a_file_that_was_cut_anywhere_stands_once(
    desk: JiraDesk, write: tuple[str, str], public: bool
) -> None:
    jira, wanted = desk.jira(), replace(note(public=public), attachments=(FILE,))
    desk.cut_after(write)
    with pytest.raises(UnknownOutcome):
        jira.add_note(desk.ticket_id, wanted)
    if write == BEGINS:
        assert jira.find_note(desk.ticket_id, MARK) is None, "it is not finished"
        jira.add_note(desk.ticket_id, wanted)
    assert jira.find_note(desk.ticket_id, MARK)
    [shown], [file] = desk.notes(), desk.files()
    assert "123456" in shown.text
    assert shown.public is file.public is public


def test_a_note_that_is_finished_is_not_begun_again(desk: JiraDesk) -> None:
    jira = desk.jira()
    jira.add_note(desk.ticket_id, replace(note(), attachments=(FILE,)))
    jira.add_note(desk.ticket_id, replace(note(mark=OTHER_MARK), attachments=(OTHER,)))
    assert len(desk.notes()) == len(desk.files()) == 2


def test_somebody_elses_words_are_never_overwritten(desk: JiraDesk) -> None:
    theirs = Comment("99", CUSTOMER, paragraph(f"You wrote: {reference(MARK)}"))
    desk.issue.comments.append(theirs)
    desk.jira().add_note(desk.ticket_id, replace(note(), attachments=(FILE,)))
    assert len(desk.notes()) == 2
    assert text_of(theirs.body).startswith("You wrote")


def test_an_upload_that_fails_leaves_nothing(desk: JiraDesk) -> None:
    desk.faults.cut_after("*/attachTemporaryFile", method="POST")
    with pytest.raises(Unavailable) as failed:
        desk.jira().add_note(desk.ticket_id, replace(note(), attachments=(FILE,)))
    assert not isinstance(failed.value, UnknownOutcome)
    assert desk.notes() == []
    assert desk.files() == []


def test_a_service_desk_without_files_is_no_missing_ticket(desk: JiraDesk) -> None:
    """A missing ticket would get a follow-up."""
    desk.faults.fail("*/attachTemporaryFile", status=404)
    with pytest.raises(Rejected, match="takes no files"):
        desk.jira().add_note(desk.ticket_id, replace(note(), attachments=(FILE,)))


def test_a_comment_that_somebody_deleted_in_between_is_begun_again(desk: JiraDesk) -> None:
    jira, wanted = desk.jira(), replace(note(), attachments=(FILE,))
    desk.faults.fail("*/comment/*", method="PUT", status=404)
    with pytest.raises(ChangedMeanwhile):
        jira.add_note(desk.ticket_id, wanted)
    desk.issue.comments.clear()
    jira.add_note(desk.ticket_id, wanted)
    assert len(desk.notes()) == 1


def test_a_ticket_that_is_gone_is_missing_with_files_too(desk: JiraDesk) -> None:
    with pytest.raises(NotFound):
        desk.jira().add_note(desk.missing_id, replace(note(), attachments=(FILE,)))


def test_a_long_note_with_files_keeps_the_limit(desk: JiraDesk) -> None:
    """The fake refuses a character too many; what shows the files counts, too."""
    lines = tuple(f"{number:05} {TONGUES}" for number in range(3_000))
    files = tuple(replace(FILE, filename=f"{number} {'ä' * 100}.txt") for number in range(15))
    desk.jira().add_note(desk.ticket_id, replace(note(Lines("transcript", lines)), attachments=files))
    [comment] = desk.issue.comments
    assert len(comment.media()) == len(desk.files()) == 16
    assert f"00000 {TONGUES}" in text_of(comment.body)


# -- files of an issue in no portal ----------------------------------------------------------------------------


def test_an_issue_in_no_portal_takes_files_too(desk: JiraDesk) -> None:
    outside_the_portal(desk)
    desk.jira().add_note(desk.ticket_id, replace(note(), attachments=(FILE,)))
    assert [(file.content, file.public) for file in desk.files()] == [(FILE.content, False)]
    assert len(desk.notes()) == 1


@pytest.mark.parametrize("write", [("POST", "*/attachments"), ("POST", "*/comment")])
def test_there_a_cut_doubles_nothing_either(desk: JiraDesk, write: tuple[str, str]) -> None:
    outside_the_portal(desk)
    jira, wanted = desk.jira(), replace(note(), attachments=(FILE,))
    desk.cut_after(write)
    with pytest.raises(UnknownOutcome):
        jira.add_note(desk.ticket_id, wanted)
    if not jira.find_note(desk.ticket_id, MARK):
        jira.add_note(desk.ticket_id, wanted)
    assert len(desk.notes()) == len(desk.files()) == 1


def test_a_file_that_was_deleted_since_it_was_listed_is_attached_again(desk: JiraDesk) -> None:
    outside_the_portal(desk)
    desk.jira().add_note(desk.ticket_id, replace(note(), attachments=(FILE,)))
    desk.faults.fail("*/attachment/content/*", status=404)
    desk.jira().add_note(desk.ticket_id, replace(note(mark=OTHER_MARK), attachments=(FILE,)))
    assert len(desk.files()) == 2


def test_another_file_of_the_same_name_and_size_is_no_repetition(desk: JiraDesk) -> None:
    outside_the_portal(desk)
    assert len(FILE.content) == len(OTHER.content)
    for number, file in enumerate((FILE, OTHER, FILE)):
        desk.jira().add_note(desk.ticket_id, replace(note(mark=f"{MARK}-{number}"), attachments=(file,)))
    assert [file.content for file in desk.files()] == [FILE.content, OTHER.content]


# -- names of files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("report.txt", "report.txt"),
        ("Gespräch 日本 👨‍👩‍👧.txt", "Gespräch 日本 👨‍👩‍👧.txt"),
        ('a "b" c/d\\e:f*g?h<i>j|k%l$m.txt', "a _b_ c_d_e_f_g_h_i_j_k_l_m.txt"),
        ("two\r\nlines.txt", "two__lines.txt"),
        ("", "file"),
        ("lone \ud800 half.txt", "lone _ half.txt"),
    ],
)
def test_a_file_name_that_jira_takes(desk: JiraDesk, name: str, kept: str) -> None:
    assert file_name(name) == kept
    desk.jira().add_note(desk.ticket_id, replace(note(), attachments=(replace(FILE, filename=name),)))
    assert [file.name for file in desk.files()] == [kept]


@pytest.mark.parametrize("name", [f"{'日本' * 200}.txt", "x" * 500, f"a.{'b' * 400}"])
def test_a_long_file_name_is_cut_between_characters(desk: JiraDesk, name: str) -> None:
    desk.jira().add_note(desk.ticket_id, replace(note(), attachments=(replace(FILE, filename=name),)))
    [file] = desk.files()
    assert 200 < len(file.name.encode()) <= 255
    assert file.name.endswith(".txt") == name.endswith(".txt")


# -- time ------------------------------------------------------------------------------------------------------


def test_time_says_who_worked_since_jira_lets_only_us_log_it(desk: JiraDesk) -> None:
    desk.jira().add_time(desk.ticket_id, spent())
    [worklog] = desk.issue.worklogs
    assert text_of(worklog.comment).strip() == "Remote support session 7 (Alex Agent)"
    assert desk.times() == [Entry(45)]
    [seen] = desk.faults.requests("*/worklog", method="POST")
    assert set(seen.query.split("&")) == {"notifyUsers=false", "adjustEstimate=leave"}


def test_time_is_found_on_every_page(desk: JiraDesk) -> None:
    jira = desk.jira()
    for number in range(7):
        jira.add_time(desk.ticket_id, replace(spent(), mark=f"{MARK}-{number}"))
    assert jira.find_time(desk.ticket_id, f"{MARK}-6")
    assert jira.find_time(desk.ticket_id, MARK) is None


def test_less_than_a_minute_is_refused_by_jira(desk: JiraDesk) -> None:
    with pytest.raises(Rejected):
        desk.jira().add_time(desk.ticket_id, replace(spent(), minutes=0))

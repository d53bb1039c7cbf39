"""The same lists, searches and stories on PostgreSQL."""

from __future__ import annotations

import pytest

from bridge.model import ChatLine, ChatPart, Person, Session, Ticket
from store.database import Database
from store.migrate import migrate
from tests.web.conftest import MakeDesk
from tests.web.desk import Desk

ADA = Person("Ada", "ada@example.com")


@pytest.fixture
def desk(make_desk: MakeDesk, postgres_url: str) -> Desk:
    database = Database(postgres_url)
    migrate(database)
    database.close()
    return make_desk(database_url=postgres_url)


def test_the_whole_way_on_postgresql(desk: Desk) -> None:
    desk.ask(Ticket("7", "Printer", tags=frozenset({"remote"}), requester=ADA))
    desk.work()
    for number in range(5):
        chat = (ChatPart(1, (ChatLine(f"a\0b {number}"),)),)
        desk.tell(Session(f"s{number}", "" if number else desk.reference("7"), customer=ADA, chat=chat, ended=True))
    desk.tell(Session("s9"))
    desk.work()

    def items(path: str) -> list[dict[str, object]]:
        return list(desk.api(path).json["items"])

    page = desk.api("/deliveries?limit=4&since=2026-03-01").json
    rest = desk.api(f"/deliveries?limit=4&cursor={page['next_cursor']}").json
    assert [item["id"] for item in page["items"] + rest["items"]] == ["7", "6", "5", "4", "3", "2", "1"]
    assert [item["session_id"] for item in items("/sessions?state=started")] == ["s9"]
    assert len(items("/sessions?state=ended")) == 5
    assert len(items("/invitations?connection=desk&state=used")) == 1
    (card,) = items("/effects?q=card:remote:s0")
    assert items(f"/deliveries?q={desk.api('/deliveries/1').json['delivery']['key'][:12]}")
    assert items("/effects?q=%F4%8F%BF%BFxxxxxx") == []
    assert len(items("/deliveries?q=%00")) == 7
    suggestions = {s["ticket"]["ticket_id"] for o in desk.api("/orphans").json["items"] for s in o["suggestions"]}
    assert suggestions == {"7"}

    browser = desk.browser()
    browser.sign_in()
    found = items("/sessions?q=s0")[0]["id"]
    paths = ["/", "/tickets", "/tickets/desk/7", f"/sessions/{found}", f"/effects/{card['id']}", "/deliveries/2"]
    paths += ["/search?q=7", "/orphans", "/connections", "/effects?state=parked", "/tickets/desk/%00"]
    assert [browser.get(path).status_code for path in paths] == [200] * 10 + [404]

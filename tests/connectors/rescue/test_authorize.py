"""`deskbridge rescue authorize` against the simulated Rescue: a browser that comes back, and all that may fail."""

from __future__ import annotations

import json
import socket
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from click.testing import CliRunner, Result

from bridge.errors import AccessDenied
from config.ports import free_port
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Transport, new_client
from connectors.platforms.rescue import Rescue, signin
from connectors.platforms.rescue.command_line import commands
from connectors.platforms.rescue.command_line.callback import Answer, Asking, answer_of, listening
from connectors.platforms.rescue.schema import KeysSchema
from sandbox.serve import Sandbox
from tests.contract.workshop import MemoryVault

Browser = Callable[[str], None]


class Office:
    """An operator at the command line, with a browser that follows every redirect."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.settings = sandbox.settings.rescue
        self.port = free_port()
        self.back = f"http://127.0.0.1:{self.port}/callback"
        self.settings.redirect_uris = (self.back, "https://bridge.example.com/callback")
        self.vault = MemoryVault()
        self.keys: dict[str, Any] = {
            "auth": "oauth",
            "client_id": self.settings.public_client_id,
            "redirect_uri": self.back,
        }
        self.pages: list[httpx.Response] = []
        self.renewed: list[str] = []

    def run(self, *arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(commands, arguments, obj=self._opener, input=typed, catch_exceptions=False)

    @contextmanager
    def _opener(self, name: str | None) -> Iterator[tuple[ConnectionConfig, Workshop]]:
        with self.workshop() as given:
            yield given

    @contextmanager
    def workshop(self) -> Iterator[tuple[ConnectionConfig, Workshop]]:
        config = ConnectionConfig("emea", "rescue", self.sandbox.rescue_url, (), KeysSchema().load(self.keys))
        with new_client() as client:
            transport = Transport("emea", config.base_url, client=client)
            yield config, Workshop(transport, self.vault, renewed=lambda: self.renewed.append("emea"))

    def browse(self, address: str, answer: str = "allow") -> httpx.Response:
        """Sign in, answer the consent page, and go wherever one is sent."""
        with httpx.Client(trust_env=False, follow_redirects=True) as browser:
            page = browser.get(address)
            query = dict(parse_qsl(page.url.query.decode()))
            person = {"email": self.settings.email, "password": self.settings.password}
            page = browser.post(str(page.url.copy_with(query=None)), data={**query, **person})
            if page.url.path.endswith("/consent"):
                query = dict(parse_qsl(page.url.query.decode()))
                page = browser.post(str(page.url.copy_with(query=None)), data={**query, "answer": answer})
        self.pages.append(page)
        return page


@pytest.fixture
def office() -> Iterator[Office]:
    with Sandbox() as sandbox:
        yield Office(sandbox)


@pytest.fixture
def browser(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Browser]]:
    """What the operator's browser does with the address that is opened; to be replaced."""
    does: list[Browser] = [lambda address: (office.browse(address), None)[1]]
    threads: list[Thread] = []

    def opened(address: str) -> bool:
        threads.append(Thread(target=does[-1], args=(address,)))
        threads[-1].start()
        return True

    monkeypatch.setattr(webbrowser, "open", opened)
    yield does
    for thread in threads:
        thread.join(30)


def probe(office: Office) -> str:
    with office.workshop() as given:
        return Rescue(*given).probe()


def kept(office: Office, what: str) -> list[str]:
    return [value for name, value in office.vault.kept.items() if name.startswith(f"{what}:")]


@pytest.mark.usefixtures("browser")
@pytest.mark.parametrize("client", ["public", "confidential"])
def test_a_person_authorizes_and_the_bridge_works_as_them(office: Office, client: str) -> None:
    if client == "confidential":
        secret = {"client_id": office.settings.client_id, "client_secret": office.settings.client_secret}
        office.keys |= {**secret, "grant": "authorization_code"}
    done = office.run("authorize")
    assert (done.exit_code, done.stdout) == (0, "Authorized (Technician 1, technician@example.com)\n"), done.stderr
    assert "You may close this page" in office.pages[0].text
    assert office.renewed == ["emea"]
    [refresh] = kept(office, "refresh")
    [access] = kept(office, "oauth")
    assert refresh not in done.output
    assert access not in done.output
    assert probe(office) == "account 560961, Example Company"
    office.sandbox.rescue.accounts.log_everybody_out()
    assert probe(office) == "account 560961, Example Company"
    assert kept(office, "refresh") != [refresh]


@pytest.mark.usefixtures("browser")
def test_for_machines_it_says_who_it_is(office: Office) -> None:
    done = office.run("--json", "authorize")
    assert json.loads(done.stdout)["email"] == "technician@example.com"


@pytest.mark.usefixtures("browser")
def test_the_challenge_may_be_written_as_in_the_example(office: Office) -> None:
    office.settings.pkce_challenge = "hex"
    assert office.run("authorize").exit_code == 1
    assert office.renewed == []
    assert office.run("authorize", "--hex-challenge").exit_code == 0


def test_without_a_browser_the_address_is_printed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda address: pytest.fail("opened"))
    done = office.run("authorize", "--no-browser", "--timeout", "1")
    assert done.exit_code == 1
    assert f"{office.sandbox.rescue_url}/id-srv-api/api/oauth/code?" in done.stderr
    assert "No answer came within 1 seconds" in done.stderr


def test_a_machine_without_any_browser_is_no_failure(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(address: str) -> bool:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "open", none)
    assert "No answer came" in office.run("authorize", "--timeout", "1").stderr


def test_where_nothing_can_come_back_the_address_is_pasted(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a platform, where the command runs far from the browser."""
    office.keys["redirect_uri"] = "https://bridge.example.com/callback"
    monkeypatch.setattr(webbrowser, "open", lambda address: True)
    asking = Asking()
    monkeypatch.setattr("connectors.platforms.rescue.command_line.authorize.Asking", lambda: asking)
    service, person = office.sandbox.rescue.accounts.identity, office.sandbox.rescue.owner
    asked = service.asked(
        {
            "client_id": "12",
            "redirect_uri": office.keys["redirect_uri"],
            "state": asking.state,
            "code_challenge": asking.challenge(),
        }
    )
    code = httpx.URL("https://bridge.example.com/callback", params={"code": service.code(asked, person)})
    done = office.run("authorize", "--paste", typed=f"{code}&state={asking.state}\n")
    assert (done.exit_code, "Technician 1" in done.stdout) == (0, True), done.output
    assert str(code) not in done.output


def test_an_address_elsewhere_must_be_led_here_or_pasted(office: Office) -> None:
    office.keys["redirect_uri"] = "https://bridge.example.com/callback"
    done = office.run("authorize")
    assert (done.exit_code, "--paste" in done.stderr) == (2, True)


def test_an_address_elsewhere_may_be_led_here(office: Office, browser: list[Browser]) -> None:
    office.keys["redirect_uri"] = "https://bridge.example.com/callback"

    def led_here(address: str) -> None:
        with pytest.raises(httpx.ConnectError) as nowhere:
            office.browse(address)
        with httpx.Client(trust_env=False) as proxy:
            there = nowhere.value.request.url
            proxy.get(there.copy_with(scheme="http", host="127.0.0.1", port=office.port))

    browser.append(led_here)
    assert office.run("authorize", "--port", str(office.port)).exit_code == 0


def test_a_refusal_says_why(office: Office, browser: list[Browser]) -> None:
    browser.append(lambda address: (office.browse(address, "deny"), None)[1])
    done = office.run("authorize")
    assert (done.exit_code, "access_denied" in done.stderr) == (1, True)
    assert kept(office, "refresh") == []


def test_another_state_is_refused(office: Office, browser: list[Browser]) -> None:
    browser.append(lambda address: (httpx.get(f"{office.back}?code=stolen&state=x", trust_env=False), None)[1])
    done = office.run("authorize")
    assert (done.exit_code, "wrong state" in done.stderr) == (1, True)
    assert not any(seen.path.endswith("/token") for seen in office.sandbox.faults.rescue.requests())


def test_a_port_that_is_taken_is_told(office: Office) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", office.port))
        taken.listen()
        done = office.run("authorize", "--no-browser")
    assert (done.exit_code, str(office.port) in done.stderr) == (1, True)


def test_only_a_connection_that_wants_it_is_authorized(office: Office) -> None:
    office.keys = {"authcode": "c"}
    done = office.run("authorize")
    assert (done.exit_code, "[connections.emea] needs" in done.stderr) == (1, True)


def test_a_code_that_is_refused_keeps_nothing(office: Office, browser: list[Browser]) -> None:
    office.settings.verifier_name = "code_verifier"
    office.settings.redirect_name = "redirect_url"
    assert office.run("authorize").exit_code == 0, "all names are sent"
    office.vault.kept.clear()
    office.sandbox.settings.rescue.code_seconds = 0
    done = office.run("authorize")
    assert (done.exit_code, "invalid_grant" in done.stderr) == (1, True)
    assert kept(office, "refresh") == []


# the page that waits


def test_the_page_takes_its_own_address_only() -> None:
    port = free_port()
    with listening(port, "/callback") as callback, httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
        assert browser.get("/favicon.ico").status_code == 404
        assert callback.wait(0.05) is None
        page = browser.get("/callback?code=a%2Bb%2Fc%3D%3D&state=s+t")
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
        assert callback.wait(5) == Answer("a+b/c==", "s+t")
        assert "a+b" not in page.text
    with pytest.raises(httpx.ConnectError), httpx.Client(trust_env=False) as browser:
        browser.get(f"http://127.0.0.1:{port}/callback")


def test_a_connection_that_never_asks_stops_nobody() -> None:
    port = free_port()
    with listening(port, "/callback") as callback, socket.create_connection(("127.0.0.1", port)):
        httpx.get(f"http://127.0.0.1:{port}/callback?code=c&state=s", trust_env=False)
        assert callback.wait(5) == Answer("c", "s")


def test_an_error_comes_without_a_state() -> None:
    answer = answer_of("https://my.example.com/redirect?error=invalid_scope&error_description=scope_not_found")
    with pytest.raises(AccessDenied, match="invalid_scope scope_not_found"):
        Asking().code_of(answer)


def test_an_answer_without_a_code_is_refused() -> None:
    asking = Asking()
    with pytest.raises(AccessDenied, match="no authorization code"):
        asking.code_of(Answer(state=asking.state))


def test_nothing_that_proves_anything_is_shown() -> None:
    asking, answer = Asking(), Answer("made-up-code", "made-up-state")
    assert asking.state not in repr(asking)
    assert asking.verifier not in repr(asking)
    assert "made-up" not in repr(answer)
    assert len(asking.verifier) >= 43
    assert asking != Asking()


# logging out


@pytest.mark.usefixtures("browser")
def test_logout_forgets_an_authorization(office: Office) -> None:
    office.run("authorize")
    assert office.run("logout").exit_code == 0
    assert kept(office, "refresh") + kept(office, "oauth") == []
    with pytest.raises(AccessDenied, match="authorize`"):
        probe(office)


def test_logout_logs_out_of_a_login(office: Office) -> None:
    office.keys = {"auth": "login", "email": office.settings.email, "password": office.settings.password}
    probe(office)
    [cookie] = kept(office, "login")
    office.run("logout")
    assert kept(office, "login") == []
    with office.workshop() as (_, workshop):
        headers = {"Cookie": f"ASP.NET_SessionId={cookie}"}
        assert workshop.transport.read("POST", "/API/getAccount.aspx", headers=headers).text == "NOTLOGGEDIN"
    assert office.run("logout").exit_code == 0, "there is nothing left to end"
    probe(office)
    office.sandbox.rescue.accounts.log_everybody_out()
    assert office.run("logout").exit_code == 0, "a login that is over already is no failure"
    assert kept(office, "login") == []


def test_logout_ends_the_login_for_reports_too(office: Office) -> None:
    account = office.settings
    office.keys = {"authcode": account.authcode, "email": account.email, "password": account.password}
    with office.workshop() as given:
        cookie = signin.by_login(*given, signin.REPORTS).current()
        assert office.run("logout").exit_code == 0
        assert kept(office, "login") == []
        said = given[1].transport.read("POST", "/API/getAccount.aspx", headers=cookie.headers).text
    assert said == "NOTLOGGEDIN"

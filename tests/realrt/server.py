"""Request Tracker 5 itself, in a folder of its own: configured, its database made and seeded, served on loopback.

Debian's packages are needed (scripts/need-request-tracker). Nothing of /etc is read, nothing written elsewhere.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from config.ports import free_port

SEED = Path(__file__).with_name("seed.pl")
DOCUMENT = Path(__file__).parents[2] / "docs" / "request-tracker.md"
SETUP = Path("/usr/sbin/rt-setup-database-5")
SERVER = Path("/usr/share/request-tracker5/libexec/rt-server")
STARMAN = Path("/usr/bin/starman")
READY_SECONDS = 60.0
WORKERS = 3

PASSWORD = "made-up-password"
"""Of those who sign in on pages."""
HOOK_SECRET = "whsec_bWFkZS11cC1zZWNyZXQtb2YtcmVxdWVzdC10cmFja2Vy"


def missing() -> str:
    """Why there can be no Request Tracker on this machine; empty when there can."""
    lacking = [str(path) for path in (SETUP, SERVER, STARMAN) if not path.exists()]
    return f"no Request Tracker 5 of Debian's packages on this machine: {', '.join(lacking)}" if lacking else ""


def perl(title: str) -> str:
    """The Perl below a heading of docs/request-tracker.md, as an administrator would paste it."""
    [found] = re.findall(rf"^#+ {title}\n.*?^```perl\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.M | re.S)
    return str(found)


class RequestTracker:
    """In the block it is prepared, so that its address and tokens are known; `start` serves it until the block ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tokens: Mapping[str, str] = {}
        self.ids: Mapping[str, str] = {}
        """Users' numbers by their names."""
        self.agents_group = ""
        """The number of the group of agents."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._prepare()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # before it runs

    def _prepare(self) -> None:
        """The database, with people, queues, fields, rights, and the Scrip of our document."""
        for name in ("mason", "session", "nothing"):
            (self.folder / name).mkdir(parents=True)
        self._configure()
        self._setup("--action", "init", "--skip-create")
        seed = self.folder / "seed.pl"
        seed.write_text(f"{SEED.read_text(encoding='utf-8')}\n{self._scrip()}", encoding="utf-8")
        said = self._setup("--action", "insert", "--datafile", str(seed))
        self.tokens = dict(re.findall(r"^TOKEN (\S+) (\S+)$", said, re.M))
        self.agents_group = re.findall(r"^GROUP Agents (\d+)$", said, re.M)[0]
        self.ids = {name: token.split("-")[1] for name, token in self.tokens.items()}

    def _configure(self, hook: str = "") -> None:
        own = f"""
            $RT::VarPath = '{self.folder}';
            $RT::MasonDataDir = '{self.folder}/mason';
            $RT::MasonSessionDir = '{self.folder}/session';
            Set($rtname, 'example.com');
            Set($Organization, 'example.com');
            Set($WebDomain, '127.0.0.1');
            Set($WebPort, {self.port});
            Set($DatabaseType, 'SQLite');
            Set($DatabaseName, '{self.folder}/rt.sqlite3');
            Set($BcryptCost, 4);
            Set($MailCommand, 'mbox');
            Set($RTAddressRegexp, '^rt\\@example\\.com$');
            Set($Timezone, 'UTC');
            Set($LogToSyslog, undef);
            Set($LogToSTDERR, 'warning');
            Set(%GnuPG, Enable => 0);
            Set(%SMIME, Enable => 0);
        """
        pasted = perl("The configuration").replace("https://bridge.example.com/hooks/rt", hook)
        pasted = re.sub(r"whsec_[^']+", HOOK_SECRET, pasted)
        (self.folder / "RT_SiteConfig.pm").write_text(f"{own}\n{pasted}\n1;\n", encoding="utf-8")

    @staticmethod
    def _scrip() -> str:
        """The Scrip of the document, as the page for a new Scrip would save it."""
        condition, commit = perl("Custom condition"), perl("Custom action commit code")
        assert "RT_END" not in condition + commit
        lines = (
            "@Scrips = ({ Queue => 0, Description => 'Tell Deskbridge', Stage => 'TransactionBatch',",
            "Template => 'Blank', ScripCondition => 'User Defined', ScripAction => 'User Defined',",
            f"CustomIsApplicableCode => <<'RT_END',\n{condition}RT_END",
            "CustomPrepareCode => 'return 1;',",
            f"CustomCommitCode => <<'RT_END' }});\n{commit}RT_END\n",
        )
        return "\n".join(lines)

    def _setup(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(SETUP), *arguments, "--dba", "root", "--force"],
            env=self._environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        assert "error" not in said.lower(), said
        return said

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "RT_SITE_CONFIG": str(self.folder / "RT_SiteConfig.pm"),
            "RT_SITE_CONFIG_DIR": str(self.folder / "nothing"),
            "TZ": "UTC",
        }

    # while it runs

    def start(self, hook: str) -> None:
        """Serve it, its Scrip posting to that address."""
        self._configure(hook)
        log = self.folder / "server.log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [
                    str(STARMAN),
                    "--preload-app",
                    "--listen",
                    f"127.0.0.1:{self.port}",
                    "--workers",
                    str(WORKERS),
                    str(SERVER),
                ],
                env=self._environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_SECONDS
        with self.client("deskbridge") as asking:
            while time.monotonic() < deadline and self._process.poll() is None:
                with suppress(httpx.TransportError):
                    if asking.get("REST/2.0/rt").status_code == 200:
                        return
                time.sleep(0.1)
        raise AssertionError(f"Request Tracker does not answer:\n{log.read_text(errors='replace')[-3000:]}")

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait(20)

    def client(self, user: str) -> httpx.Client:
        """Speaks REST 2.0 as that user, without our connector."""
        headers = {"Authorization": f"token {self.tokens[user]}"}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=30)

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")

    @property
    def mails(self) -> str:
        """All mail that was sent."""
        return "".join(path.read_text(encoding="utf-8", errors="replace") for path in self.folder.glob("*.mbox"))

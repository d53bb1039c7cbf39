"""Who took part: `<representative>` and `<customer>` of the reports, and what they are to the bridge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bridge.model import Participant, Person
from connectors.platforms.beyondtrust.wire.elements import known, number, part
from connectors.xml import Element, by_name


@dataclass(frozen=True, slots=True)
class Representative:
    """One connection of a representative; who signed in again within a session stands there again."""

    gsnumber: str
    """Names somebody within one session only: the appliance uses it again."""
    id: str
    username: str
    name: str
    """The private display name, else the public one."""
    public_name: str
    owner: bool
    primary: bool
    """The last owner of the session."""
    seconds: int | None
    invited: bool
    hostname: str
    os: str
    public_ip: str
    """With a port; an IPv6 address stands in brackets."""
    private_ip: str

    @property
    def key(self) -> str:
        """The same for every connection of one representative."""
        return self.id or self.username or f"gsnumber {self.gsnumber}"

    @property
    def person(self) -> Person:
        return Person(name=self.name, email=address(self.username), id=self.id, username=self.username)


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer, or an attendee of a presentation."""

    gsnumber: str
    username: str
    hostname: str
    os: str
    public_ip: str
    private_ip: str
    name: str
    """As typed into the portal's form, or given by whoever made the link."""
    company: str
    company_code: str
    issue: str
    details: str

    @property
    def person(self) -> Person:
        shown = self.name or self.username
        company = f"{self.company} ({self.company_code})" if self.company and self.company_code else ""
        return Person(
            name=shown,
            email=address(self.name) or address(self.username),
            description=company or self.company or self.company_code,
            username=self.username if self.username != shown else "",
        )

    @property
    def device(self) -> str:
        return f"{self.hostname} ({self.os})" if self.hostname and self.os else self.hostname or self.os


def representative(element: Element) -> Representative:
    parts = by_name(element)
    public = part(parts, "public_display_name")
    return Representative(
        gsnumber=element.get("gsnumber", ""),
        id=element.get("id", ""),
        username=part(parts, "username"),
        name=part(parts, "private_display_name") or part(parts, "display_name") or public,
        public_name=public,
        owner=part(parts, "session_owner") == "1",
        primary=part(parts, "primary_rep") == "1",
        seconds=number(part(parts, "seconds_involved")),
        invited=part(parts, "invited") == "1",
        hostname=known(part(parts, "hostname")),
        os=known(part(parts, "os")),
        public_ip=known(part(parts, "public_ip")),
        private_ip=known(part(parts, "private_ip")),
    )


def customer(element: Element) -> Customer:
    parts = by_name(element)
    info = by_name(parts["info"]) if "info" in parts else {}
    return Customer(
        gsnumber=element.get("gsnumber", ""),
        username=part(parts, "username"),
        hostname=known(part(parts, "hostname")),
        os=known(part(parts, "os")),
        public_ip=known(part(parts, "public_ip")),
        private_ip=known(part(parts, "private_ip")),
        name=part(info, "name"),
        company=part(info, "company"),
        company_code=part(info, "company_code"),
        issue=part(info, "issue"),
        details=part(info, "details"),
    )


def participants(representatives: Iterable[Representative]) -> tuple[Participant, ...]:
    """Everybody once, in the order of joining: seconds summed, an owner who ever was one."""
    joined: dict[str, list[Representative]] = {}
    for one in representatives:
        joined.setdefault(one.key, []).append(one)
    return tuple(
        Participant(same[0].person, any(one.owner for one in same), total(one.seconds for one in same))
        for same in joined.values()
    )


def primary(representatives: Sequence[Representative], element: Element | None) -> Person:
    """The last owner: whom `<primary_rep>` names, else who is marked so; nobody when there was none."""
    if element is None:
        return next((one.person for one in representatives if one.primary), Person())
    gsnumber, its_id = element.get("gsnumber", ""), element.get("id", "")
    for one in representatives:
        if (gsnumber and one.gsnumber == gsnumber) or (its_id and one.id == its_id):
            return one.person
    return Person(name=(element.text or "").strip(), id=its_id)


def total(numbers: Iterable[int | None]) -> int | None:
    """The sum of those that are known; None when none is."""
    told = [one for one in numbers if one is not None]
    return sum(told) if told else None


def address(name: str) -> str:
    """The name itself if it is an e-mail address, as user names often are."""
    local, at, domain = name.partition("@")
    return name if at and local and "." in domain and " " not in name else ""

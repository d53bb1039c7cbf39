"""The answers of the commands, from XML to values. Pure; elements that are missing or empty are nothing told."""

from __future__ import annotations

import re
from datetime import datetime

from bridge.errors import Unavailable
from connectors.platforms.beyondtrust.commands.values import (
    ApiInfo,
    Appliance,
    CustomAttribute,
    Health,
    Issue,
    LoggedInRep,
    SessionKey,
    SupportTeam,
    TeamMember,
    VirtualCustomer,
)
from connectors.platforms.beyondtrust.wire.elements import instant
from connectors.xml import Element, child, children, local, text


def said(element: Element, name: str | None = None) -> str:
    return text(element, name).strip()


def attribute(element: Element | None, name: str) -> str:
    """An XML attribute; empty where it, or the element, is missing."""
    return "" if element is None else (element.get(name) or "").strip()


def number(told: str) -> int | None:
    return int(told) if re.fullmatch(r"-?[0-9]{1,18}", told, re.ASCII) else None


def flag(told: str) -> bool | None:
    """The vendor's 1 and 0."""
    return {"1": True, "0": False}.get(told)


def moment_in(element: Element, name: str) -> datetime | None:
    """The time that an element tells: by its attribute `ts`, in UNIX seconds, else by its text."""
    inside = child(element, name)
    return None if inside is None else instant(attribute(inside, "ts")) or instant(said(inside))


def inside(element: Element, *names: str) -> list[Element]:
    """The elements at the end of a path of local names."""
    found = [element]
    for name in names:
        found = [under for parent in found for under in children(parent, name)]
    return found


def within(element: Element, name: str) -> list[Element]:
    """The elements of that local name at any depth, in their order."""
    return [under for under in element.iter("{*}*") if under is not element and local(under) == name]


def expect(root: Element, name: str, error: type[Unavailable] = Unavailable) -> Element:
    """The root, if it has that local name. Another one settles nothing: raises the error."""
    if local(root) != name:
        raise error(f"the appliance answered with something else than {name}", code="unreadable")
    return root


def logged_in_reps(root: Element) -> tuple[LoggedInRep, ...]:
    return tuple(
        LoggedInRep(
            id=attribute(rep, "id"),
            public_display_name=said(rep, "public_display_name"),
            private_display_name=said(rep, "private_display_name"),
            display_name=said(rep, "display_name"),
            type=said(rep, "type"),
            direct_link=_direct_link(rep),
            logged_in_since=moment_in(rep, "logged_in_since"),
            presentation_count=number(said(rep, "presentation_count")),
            support_session_count=number(said(rep, "support_session_count")),
            showing_on_rep_list=flag(said(rep, "showing_on_rep_list")),
        )
        for rep in children(expect(root, "logged_in_reps"), "rep")
    )


def _direct_link(rep: Element) -> str:
    """Its anchor as text; where it stands there as an element, the address takes the anchor's form."""
    anchors = inside(rep, "direct_link", "a")
    return f'<a href="{attribute(anchors[0], "href")}">' if anchors else said(rep, "direct_link")


def support_teams(root: Element) -> tuple[SupportTeam, ...]:
    return tuple(
        SupportTeam(
            id=attribute(team, "id"),
            name=said(team, "name"),
            issues=tuple(Issue(attribute(one, "id"), said(one, "title")) for one in inside(team, "issues", "issue")),
            support_session_count=number(said(team, "support_session_count")),
            members=None if child(team, "members") is None else _members(team),
        )
        for team in children(expect(root, "support_teams"), "support_team")
    )


def _members(team: Element) -> tuple[TeamMember, ...]:
    return tuple(
        TeamMember(
            id=attribute(rep, "id"),
            username=said(rep, "username"),
            public_display_name=said(rep, "public_display_name"),
            private_display_name=said(rep, "private_display_name"),
            display_name=said(rep, "display_name"),
        )
        for rep in inside(team, "members", "representative")
    )


def session_key(root: Element, cut: tuple[str, ...], error: type[Unavailable]) -> SessionKey:
    """Raises the error for an answer without a key."""
    expect(root, "session_key", error)
    queue = child(root, "queue")
    key = SessionKey(
        short_key=said(root, "short_key"),
        key_url=said(root, "key_url"),
        type=said(root, "type"),
        ttl=number(said(root, "ttl")),
        expires=moment_in(root, "expires"),
        queue=said(root, "queue"),
        queue_available=flag(attribute(queue, "available")),
        queue_id=said(root, "queue_id"),
        external_key=said(root, "external_key"),
        mail_subject=said(root, "mail_subject"),
        mail_body=said(root, "mail_body"),
        cut=cut,
    )
    if not key.short_key and not key.key_url:
        raise error("the appliance answered without a session key", code="unreadable")
    return key


def virtual_customer(root: Element, error: type[Unavailable]) -> VirtualCustomer:
    """The guide names no root element here. Raises the error for an answer without any address."""
    if not said(root, "download_url") and not said(root, "chat_url"):
        raise error("the appliance answered without the addresses of a virtual customer", code="unreadable")
    return VirtualCustomer(said(root, "download_url"), said(root, "chat_url"), said(root, "lsid"))


def custom_attributes(root: Element) -> tuple[CustomAttribute, ...]:
    return tuple(
        CustomAttribute(attribute(one, "code_name"), attribute(one, "display_name"), text(one))
        for one in children(expect(root, "custom_attributes"), "custom_attribute")
    )


def appliances(root: Element) -> tuple[Appliance, ...]:
    return tuple(
        Appliance(
            id=attribute(one, "id"),
            name=said(one, "name"),
            public_hostname=said(one, "public_hostname"),
            cluster_role=said(one, "cluster_role"),
            failover_role=said(one, "failover_role"),
            accepting_connections=flag(said(one, "accepting_connections")),
            timezone_offset=number(said(one, "timezone_offset")),
        )
        for one in children(expect(root, "appliances"), "appliance")
    )


def health(root: Element) -> Health:
    """The guide names no root element here. Raises Unavailable for an answer that says neither 1 nor 0."""
    success = flag(said(root, "success"))
    if success is None:
        raise Unavailable("the appliance did not say whether it is well", code="unreadable")
    return Health(
        success=success,
        appliance=said(root, "appliance"),
        appliance_id=attribute(child(root, "appliance"), "id"),
        version=said(root, "version"),
        error_message=said(root, "error_message"),
        failover_role=said(root, "failover_role"),
        enabled_shared_ips=tuple(said(one) for one in inside(root, "enabled_shared_ips", "ip")),
        last_data_sync_time=moment_in(root, "last_data_sync_time"),
        last_data_sync_status=said(root, "last_data_sync_status"),
    )


def api_info(root: Element) -> ApiInfo:
    """Raises Unavailable for an answer without a version."""
    if child(root, "api_version") is None:
        raise Unavailable("the appliance answered without its API's version", code="unreadable")
    return ApiInfo(
        api_version=said(root, "api_version"),
        company_name=said(root, "company_name"),
        timestamp=moment_in(root, "timestamp"),
        permissions={name: value for one in inside(root, "permissions") for name, value in _permissions(one)},
    )


def _permissions(element: Element) -> list[tuple[str, str]]:
    """Each `perm_…` below it, whether an element has that name or has it in an attribute."""
    named: list[tuple[str, str]] = []
    for one in element.iter("{*}*"):
        name = next(
            (name for name in (attribute(one, "name"), attribute(one, "id"), local(one)) if "perm_" in name), ""
        )
        if name:
            named.append((name, said(one)))
    return named


def done(root: Element, error: type[Unavailable]) -> str:
    """What `<success>` says, at the root or below. Raises the error where there is none."""
    if local(root) == "success":
        return said(root)
    if child(root, "success") is None:
        raise error("the appliance answered with neither success nor error", code="unreadable")
    return said(root, "success")

"""A SupportSession report of any length: made-up sessions in the appliance's shape, none like the one before.

A session is about 47 KB: up to 90 minutes of help with chat, foreground windows, a few files, a note, a survey and the
system information of a machine with some programs and services.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<session_list xmlns="https://www.beyondtrust.com/namespaces/API/reporting"'
    b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
)
TAIL = b"</session_list>\n\n"
KINDS = 64
"""Different sessions; they come again with another lsid."""
WORDS = tuple(
    re.findall(
        r"\S+",
        "printer driver paper jam restart window please thank you click the icon on left now again it works error"
        " network cable office login password none blue screen update version Grüße café folder copied share &amp;"
        " drive &lt;C&gt;",
    )
)


def write(path: Path, megabytes: int, services: int = 60) -> int:
    """Write a report of that size, of machines with so many services; tells how many sessions it has."""
    chance = random.Random(3)
    kinds = [session(chance, services).encode() for _ in range(KINDS)]
    left, count = megabytes * 1024 * 1024, 0
    with path.open("wb") as file:
        file.write(HEAD)
        while left > 0:
            left -= file.write(kinds[count % KINDS].replace(b"LSID", b"%032x" % count))
            count += 1
        file.write(TAIL)
    return count


def session(chance: random.Random, services: int) -> str:
    """One `<session>`; its lsid reads LSID."""
    started = 1767603600 + chance.randrange(10_000_000)
    lasted = chance.randrange(600, 5400)
    people = "".join(_representative(number, chance) for number in range(chance.choice((1, 1, 2, 3))))
    return f"""<session lsid="LSID">
    <session_type>support</session_type>
    <lseq>{chance.randrange(100_000)}</lseq>
    <start_time timestamp="{started}">2026-01-05T10:00:00+01:00</start_time>
    <end_time timestamp="{started + lasted}">2026-01-05T10:30:30+01:00</end_time>
    <duration>00:30:30</duration>
    <public_site id="1">Default</public_site>
    <jumpoint></jumpoint>
    <external_key>{chance.randrange(100_000)}</external_key>
    <custom_attributes>
        <custom_attribute display_name="Asset" code_name="asset">LT-{chance.randrange(10_000)}</custom_attribute>
    </custom_attributes>
    <session_chat_view_url>https://appliance.example.com/session_download?lsid=l%3DLSID&amp;view=1</session_chat_view_url>
    <session_recording_view_url>https://appliance.example.com/session_download?lsid=v%3DLSID</session_recording_view_url>
    <file_transfer_count>2</file_transfer_count>
    <primary_customer gsnumber="22">Nora Quist</primary_customer>
    <primary_rep gsnumber="30" id="5">Representative 0</primary_rep>
    <primary_team id="3">Second Line</primary_team>
    <customer_list>
        <customer gsnumber="22">
            <username>Nora Quist</username>
            <public_ip>[2001:db8:85a3::8a2e:370:7334]:61606</public_ip>
            <private_ip>10.20.0.4</private_ip>
            <hostname>LT-{chance.randrange(10_000)}</hostname>
            <os>Windows 11 Pro (23H2)</os>
            <primary_cust>1</primary_cust>
            <info><name>Nora Quist</name><company>Acme Paper</company><details>{_say(chance, 12)}</details></info>
        </customer>
    </customer_list>
    <rep_list>
{people}    </rep_list>
    <team_list><team id="3" primary_team="1">Second Line</team></team_list>
    <cust_survey_list><cust_exit_survey gsnumber="22">
        <value name="rating" value="{chance.randrange(1, 6)}" /><value name="comments" value="{_say(chance, 15)}" />
    </cust_exit_survey></cust_survey_list>
    <session_details>
{_events(chance, started, lasted, services)}    </session_details>
</session>
"""


def _representative(number: int, chance: random.Random) -> str:
    return f"""        <representative gsnumber="{30 + number}" id="{5 + number}">
            <username>rep{number}@acme.example</username>
            <display_name>Representative {number}</display_name>
            <public_display_name>Rep {number}</public_display_name>
            <private_display_name>Representative {number}</private_display_name>
            <display_number>{5 + number}</display_number>
            <public_ip>192.0.2.19:50122</public_ip>
            <private_ip>10.20.0.{number}</private_ip>
            <hostname>DESK-{number}</hostname>
            <os>Windows 11</os>
            <session_owner>1</session_owner>
            <primary_rep>{int(number == 0)}</primary_rep>
            <seconds_involved>{chance.randrange(3600)}</seconds_involved>
        </representative>
"""


def _events(chance: random.Random, started: int, lasted: int, services: int) -> str:
    told = [_event("Session Start", started, "", ""), _event("Conference Member Added", started + 40, REP, MEMBER)]
    told.append(_event("System Information Retrieved", started + 50, REP, _system(chance, services)))
    for at in sorted(chance.randrange(60, lasted) for _ in range(chance.randrange(30, 70))):
        told.append(_anything(chance, started + at))
    told.append(_event("Session Note Added", started + lasted, REP, f"<body>{_say(chance, 40)}</body>"))
    told.append(_event("Session End", started + lasted, "", ""))
    return "".join(told)


REP = '<performed_by type="representative" gsnumber="30">Representative 0</performed_by>'
CUSTOMER = '<performed_by type="customer" gsnumber="22">Nora Quist</performed_by>'
MEMBER = "\n".join(
    ["<data>"]
    + [
        f'            <value name="{name}" value="{value}" />'
        for name, value in (
            ("name", "Representative 0"),
            ("username", "rep0@acme.example"),
            ("private_ip", "10.20.0.9"),
            ("public_ip", "192.0.2.19:50122"),
            ("hostname", "DESK-0"),
            ("os", "Windows 11"),
            ("support_teams", ";First Line;Second Line"),
            ("user_id", "5"),
        )
    ]
    + ["        </data>"]
)


def _anything(chance: random.Random, at: int) -> str:
    pick = chance.random()
    if pick < 0.5:
        who, whom = (REP, CUSTOMER) if chance.random() < 0.5 else (CUSTOMER, REP)
        whom = whom.replace("performed_by", "destination")
        return _event("Chat Message", at, who, f"{whom}\n    <body>{_say(chance, chance.randrange(2, 40))}</body>")
    if pick < 0.9:
        data = f"""<data>
            <value name="exe_name" value="C:\\Windows\\explorer.exe" />
            <value name="window_name" value="{_say(chance, 5)}" />
        </data>"""
        return _event("Session Foreground Window Changed", at, "", data)
    if pick < 0.96:
        file = f"<filename>{chance.choice(WORDS)}.zip</filename>\n    <filesize>{chance.randrange(10**7)}</filesize>"
        return _event("File Upload", at, REP, f"{CUSTOMER.replace('performed_by', 'destination')}\n    {file}")
    return _event("Conference Member State Changed", at, REP, MEMBER)


def _event(kind: str, at: int, who: str, inside: str) -> str:
    return f'<event timestamp="{at}" event_type="{kind}" >\n    {who}\n    {inside}\n</event>\n'


def _system(chance: random.Random, services: int) -> str:
    tables = (("System", 12, 1), ("Drives", 4, 3), ("Network", 6, 2), ("Programs", 3, 40), ("Services", 3, services))
    return f"<system_information>{''.join(_category(chance, *table) for table in tables)}</system_information>"


def _category(chance: random.Random, name: str, columns: int, rows: int) -> str:
    head = "".join(f'\n                <field id="c{n}">{name} column {n}</field>' for n in range(columns))
    body = "".join(
        "\n                <row>"
        + "".join(f'\n                    <field id="c{n}">{_say(chance, 2)}</field>' for n in range(columns))
        + "\n                </row>"
        for _ in range(rows)
    )
    return f"""
        <category name="{name}">
            <description>{head}
            </description>
            <data>{body}
            </data>
        </category>"""


def _say(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(words))

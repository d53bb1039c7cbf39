"""What the pages and hooks of one web process share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from web.writer import InboxWriter
from workers.bell import Bell, Ringer
from workers.house import House


@dataclass(frozen=True)
class Services:
    house: House
    bell: Bell
    ringer: Ringer
    writer: InboxWriter

    def close(self) -> None:
        self.writer.stop()
        self.ringer.stop()
        self.bell.close()
        self.house.close()


def open_services(house: House) -> Services:
    bell = Bell(house.settings.redis_url)
    return Services(house, bell, Ringer(bell), InboxWriter(house.database))


def services() -> Services:
    """The services of the application that answers the request."""
    return cast(Services, current_app.extensions["deskbridge"])

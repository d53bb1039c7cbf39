"""PIN codes: their fields, their pace, how long they live.

Source: Rescue API Reference Guide, chapter requestPINCode.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sandbox.clock import Clock
from sandbox.rescue.model import FIELD_LENGTHS, TRACKING_LENGTH, Code, NotAllowed, Pin, Technician
from sandbox.settings import RescueSettings


class PinDesk:
    """Every PIN that was ever given out. Not locked: RescueState does that."""

    def __init__(self, settings: RescueSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._granted: datetime | None = None
        self.pins: dict[str, Pin] = {}

    def issue(self, technician: Technician, values: Mapping[str, str], *, notechconsole: bool, lens: bool) -> Pin:
        """A new PIN for this technician."""
        fields = tuple(values.get(name, "") for name in FIELD_LENGTHS)
        tracking = values.get("tracking0", "")
        if len(tracking) > TRACKING_LENGTH or any(
            len(value) > limit for value, limit in zip(fields, FIELD_LENGTHS.values(), strict=True)
        ):
            raise Code("ERROR")
        now = self._clock.now()
        if self._granted and now - self._granted < timedelta(seconds=self._settings.pin_interval_seconds):
            raise Code("POLLRATEEXCEEDED")
        if not (technician.console_open or notechconsole):
            raise Code("NOTECHCONSOLERUNNING")
        pin = Pin(self._free_code(), fields, tracking, technician, now, lens=lens)
        self._granted = now
        self.pins[pin.code] = pin
        return pin

    def usable(self, code: str) -> Pin:
        pin = self.pins.get(code.strip())
        if pin is None or pin.used or not self._alive(pin):
            raise NotAllowed("This PIN is not valid, or no longer.")
        return pin

    def _alive(self, pin: Pin) -> bool:
        age = self._clock.now() - pin.issued_at
        return age < timedelta(seconds=self._settings.pin_lifetime_seconds)

    def _free_code(self) -> str:
        pool = self._settings.pin_pool
        if pool and sum(not pin.used and self._alive(pin) for pin in self.pins.values()) >= pool:
            raise Code("OUTOFPINCODES")
        if self._settings.next_pins:
            return self._settings.next_pins.pop(0)
        while (code := f"{secrets.randbelow(1_000_000):06}") in self.pins:
            pass
        return code

"""The reports that are files: recordings, archives, lists of licenses; and the backup. All written piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, BinaryIO

from connectors.http import Stream
from connectors.platforms.beyondtrust.live.tables import Tables
from connectors.platforms.beyondtrust.reports import archive
from connectors.platforms.beyondtrust.reports.downloads import ZIP, Download, Progress, save
from connectors.platforms.beyondtrust.reports.reading import Reader, Rows
from connectors.platforms.beyondtrust.reports.selection import lsid, one_of, whole


class Files(Reader):
    """What the appliance answers as a file.

    Every method raises NotFound where there is no such file, Rejected with the code `oversize` for one that is too
    large, Unavailable for what is no such file or breaks off. `max_bytes` bounds what is written; None is no bound.
    """

    def session_recording(self, session_id: str, into: BinaryIO, *, max_bytes: int | None = None) -> Download:
        """SupportSessionRecording: the video of a session's screen sharing."""
        return self._save("SupportSessionRecording", {"lsid": lsid(session_id)}, into, max_bytes)

    def screen_recording(
        self, session_id: str, instance: int, into: BinaryIO, *, max_bytes: int | None = None
    ) -> Download:
        """ShowMyScreenRecording: the representative's own screen; instances from 0."""
        return self._save("ShowMyScreenRecording", _instance(session_id, instance), into, max_bytes)

    def shell_recording(
        self, session_id: str, instance: int, into: BinaryIO, *, max_bytes: int | None = None
    ) -> Download:
        """CommandShellRecording; instances from 0, one less than the SupportSession report says."""
        return self._save("CommandShellRecording", _instance(session_id, instance), into, max_bytes)

    def presentation_recording(self, session_id: str, into: BinaryIO, *, max_bytes: int | None = None) -> Download:
        """PresentationSessionRecording."""
        return self._save("PresentationSessionRecording", {"lsid": lsid(session_id)}, into, max_bytes)

    def endpoint_license_usage(self, into: BinaryIO, *, max_bytes: int | None = None) -> Download:
        """EndpointLicenseUsage: a ZIP file with lists, in English only."""
        return self._save("EndpointLicenseUsage", {}, into, max_bytes, ZIP)

    def backup(self, into: BinaryIO, *, progress: Progress | None = None) -> Download:
        """The Backup API: settings and logged data without recordings and large files (guide, Backup API)."""
        with self._api.download(self._api.dialect.backup) as stream:
            return save(stream, into, progress=progress)

    def archive(self, kind: str, day: date, index: int, into: BinaryIO, *, progress: Progress | None = None) -> int:
        """Archive (`state` or `event`), unpacked; tells its bytes, which are at most `archive.MAX_BYTES`."""
        with self._archive(kind, day, index) as stream:
            return archive.unpack(stream, into, progress=progress)

    def state_archive(self, day: date, index: int) -> Tables:
        """Archive `state`: the state model as it was then; at most `archive.MAX_STATE_BYTES` unpacked."""
        with self._archive("state", day, index) as stream:
            return archive.state_in(stream)

    def event_archive(self, day: date, index: int) -> Rows[Mapping[str, Any]]:
        """Archive `event`: its events, oldest first, for `archive.replay`."""
        return _events(self._archive("event", day, index))

    def _archive(self, kind: str, day: date, index: int) -> AbstractContextManager[Stream]:
        chosen = one_of(kind, "type", "state", "event")
        params = {"type": chosen, "date": day.isoformat(), "index": whole(index, "index")}
        return self._api.report("Archive", params)

    def _save(
        self,
        report: str,
        params: Mapping[str, str],
        into: BinaryIO,
        max_bytes: int | None,
        magic: tuple[bytes, ...] = (),
    ) -> Download:
        with self._api.report(report, params) as stream:
            return save(stream, into, max_bytes=max_bytes, magic=magic)


def _instance(session_id: str, instance: int) -> dict[str, str]:
    return {"lsid": lsid(session_id), "instance": whole(instance, "instance")}


def _events(opened: AbstractContextManager[Stream]) -> Rows[Mapping[str, Any]]:
    with opened as stream:
        events: Iterator[Mapping[str, Any]] = archive.events_in(stream)
        yield from events

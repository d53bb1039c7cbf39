"""Files that the appliance answers: written piece by piece, bounded, and told from a document that came instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from bridge.errors import Rejected
from connectors.http import Stream

PIECE = 256 * 1024
MAGIC_LENGTH = 64
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
GZIP = (b"\x1f\x8b",)

Progress = Callable[[int, int | None], None]
"""Called with the bytes that were written and, where the appliance tells it, how many there will be."""

_DOCUMENT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<[?!a-zA-Z]|\{)")
_FILENAME = re.compile(r"filename=\"?([^\";]+)\"?", re.I)


@dataclass(frozen=True, slots=True)
class Download:
    size: int
    media_type: str
    """As the appliance calls it, without parameters, in lower case; may be empty."""
    filename: str
    """The appliance's own name for it, without any folder; may be empty."""


def save(
    stream: Stream,
    into: BinaryIO,
    *,
    max_bytes: int | None = None,
    magic: tuple[bytes, ...] = (),
    progress: Progress | None = None,
) -> Download:
    """Write the whole stream into a file.

    Raises Rejected with the code `oversize` when it is larger than `max_bytes`, Unavailable when it is no such file:
    `magic` are the beginnings that one may have; without them anything goes but XML, HTML and JSON.
    """
    told = _length(stream)
    if max_bytes is not None and told is not None and told > max_bytes:
        raise oversize(stream, max_bytes)
    check_beginning(stream, magic)
    written = 0
    while piece := stream.read(PIECE):
        written += len(piece)
        if max_bytes is not None and written > max_bytes:
            raise oversize(stream, max_bytes)
        into.write(piece)
        if progress is not None:
            progress(written, told)
    return Download(written, _media_type(stream), _filename(stream))


def check_beginning(stream: Stream, magic: tuple[bytes, ...]) -> None:
    """Raise Unavailable unless the stream begins like the file that was asked for."""
    head = stream.begins_with(MAGIC_LENGTH)
    if not head:
        raise stream.head.unclear("answered an empty file", code="no-file")
    if _DOCUMENT.match(head) if not magic else not head.startswith(magic):
        raise stream.head.unclear("answered something else than the file", code="no-file")


def oversize(stream: Stream, max_bytes: int) -> Rejected:
    return Rejected(f"{stream.head.where} is larger than {max_bytes} bytes", code="oversize")


def _length(stream: Stream) -> int | None:
    """The file's length, unless the server packs it on the way."""
    said = stream.head.headers.get("content-length", "")
    packed = stream.head.headers.get("content-encoding", "identity") != "identity"
    return int(said) if said.isdecimal() and not packed and len(said) < 20 else None


def _media_type(stream: Stream) -> str:
    return stream.head.headers.get("content-type", "").partition(";")[0].strip().lower()


def _filename(stream: Stream) -> str:
    found = _FILENAME.search(stream.head.headers.get("content-disposition", ""))
    name = re.split(r"[/\\]", found[1])[-1].strip() if found else ""
    return "".join(mark for mark in name if mark.isprintable())[:120]

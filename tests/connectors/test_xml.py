"""XML from strangers: what is read, what is refused, and that no refusal quotes the document."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import MalformedPayload
from connectors import xml
from connectors.xml import by_name, child, children, local, parse, records, text


def laughs(tail: str) -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE a [<!ENTITY l0 "ha">{levels}]>{tail}'.encode()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text("Hunter2", encoding="utf-8")
    return path


@pytest.mark.parametrize("tail", ["<a>&l11;</a>", '<a b="&l11;"/>', "<a/>"])
def test_a_billion_laughs_are_not_laughed(tail: str) -> None:
    began = time.monotonic()
    with pytest.raises(MalformedPayload):
        parse(laughs(tail))
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "dtd",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file://{}">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "file://{}"><a/>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "file://{}"> %x;]><a/>',
        '<!DOCTYPE a [<!ENTITY x "hello">]><a>&x;</a>',
        "<!DOCTYPE a><a/>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(secret: Path, dtd: str, encoding: str) -> None:
    document = dtd.format(secret).encode(encoding)
    with pytest.raises(MalformedPayload, match="document type"):
        parse(document)
    with pytest.raises(MalformedPayload, match="document type"):
        list(records(io.BytesIO(document), "a"))
    with pytest.raises(MalformedPayload, match="document type"):
        list(records(io.BytesIO(document), "nothing"))


def test_an_included_file_stays_where_it_is(secret: Path) -> None:
    document = f'<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{secret}" parse="text"/></a>'
    assert text(parse(document.encode())) == ""


def nested(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


def test_deep_nesting_is_refused() -> None:
    assert local(parse(nested(100))) == "a"
    for depth in (101, 250, 300, 100_000):
        with pytest.raises(MalformedPayload, match=r"nested|limit"):
            parse(nested(depth))
    with pytest.raises(MalformedPayload, match="more than 2 deep"):
        parse(nested(3), max_depth=2)


def test_large_documents_are_refused() -> None:
    assert local(parse(b"<a>123</a>", max_bytes=10)) == "a"
    with pytest.raises(MalformedPayload, match="larger than 9 bytes"):
        parse(b"<a>123</a>", max_bytes=9)


def test_a_crowd_of_tags_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_TAGS", 4)
    assert len(parse(b"<a><b/><b/></a>")) == 2
    with pytest.raises(MalformedPayload, match="more than 4 tags"):
        parse(b"<a><b/><b/><b/></a>")


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("<a>ä€</a>".encode(), id="nothing declared"),
        pytest.param("<a>ä€</a>".encode("utf-8-sig"), id="utf-8 with a BOM"),
        pytest.param("<a>ä€</a>".encode("utf-16"), id="utf-16 with a BOM"),
        pytest.param('<?xml version="1.0" encoding="utf-16"?><a>ä€</a>'.encode("utf-16"), id="utf-16"),
        pytest.param('<?xml version="1.0" encoding="UTF-16"?><a>ä€</a>'.encode("utf-16-be"), id="utf-16 without a BOM"),
        pytest.param("<?xml version='1.0' encoding='utf-16'?><a>ä€</a>".encode(), id="utf-16 in name only"),
        pytest.param('<?xml version="1.0" encoding="windows-1252"?><a>ä€</a>'.encode("cp1252"), id="windows-1252"),
        pytest.param('<?xml version="1.0" encoding="iso-8859-15"?><a>ä€</a>'.encode("iso-8859-15"), id="iso-8859-15"),
        pytest.param("\r\n\n<?xml version='1.0'?><a>ä€</a>".encode(), id="blank lines before"),
        pytest.param("<a>ä€</a>\r\n\n \n".encode(), id="blank lines after"),
        pytest.param("<a>ä<!-- no --><?no no?><![CDATA[€]]></a>".encode(), id="in pieces"),
        pytest.param(b"<a>&#228;&#x20AC;</a>", id="by number"),
    ],
)
def test_text_survives_its_encoding(document: bytes) -> None:
    assert text(parse(document)) == "ä€"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "document empty"),
        (b" \n ", "document empty"),
        (b"OK", "document empty"),
        (b'{"json": true}', "document empty"),
        (b"<a>\n<Hunter2></a>", "line 2, column 14: tag name mismatch"),
        (b"<a>&Hunter2;</a>", "undeclared entity"),
        (b"<a my Hunter2>", "attribute without value"),
        (b"<a>Hunter2", "tag not finished"),
        (b"<a/>Hunter2", "document end"),
        (b"<a>\xe4</a>", "invalid encoding"),
        (b"<a>\x00</a>", "invalid char"),
        (b'<?xml version="1.0" encoding="x-klingon"?><a/>', "unsupported encoding"),
    ],
)
def test_a_broken_document_is_told_but_not_quoted(document: bytes, reason: str) -> None:
    with pytest.raises(MalformedPayload, match=reason) as caught:
        parse(document)
    assert "Hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        parse(data)
    except MalformedPayload:
        return


def test_names_go_without_their_namespaces() -> None:
    root = parse(
        b'<r xmlns="http://old/" xmlns:n="https://new/"><n:id>1</n:id><!-- no --><?no no?>'
        b"<id>2</id><name/><body>a<b>c</b>d</body></r>"
    )
    assert local(root) == "r"
    assert [local(one) for one in children(root)] == ["id", "id", "name", "body"]
    assert [one.text for one in children(root, "id")] == ["1", "2"]
    assert text(root, "id") == "1"
    assert text(root, "name") == text(root, "nobody") == ""
    assert text(root, "body") == "acd"
    assert child(root, "nobody") is None


def test_text_keeps_its_blanks() -> None:
    assert text(parse(b"<a><b>  x\r\n y </b></a>"), "b") == "  x\n y "


def test_records_come_one_at_a_time_and_are_forgotten() -> None:
    document = b'<r xmlns="http://x/">' + b"<s><id>7</id></s>\n<t/>" * 9 + b"</r>\n\n"
    seen = [
        (text(one, "id"), sum(1 for _ in one.itersiblings(preceding=True)))
        for one in records(io.BytesIO(document), "s", "error")
    ]
    assert seen == [("7", 0)] + [("7", 2)] * 8


def test_a_record_inside_a_record_stays_a_part_of_it() -> None:
    document = io.BytesIO(b"<r><s><a/><error><s/></error>after</s>" + b"<error>no</error></r>")
    assert [(local(one), [local(part) for part in children(one)]) for one in records(document, "s", "error")] == [
        ("s", ["a", "error"]),
        ("error", []),
    ]


def test_children_by_their_names() -> None:
    parts = by_name(parse(b'<r xmlns="http://x/"><a>1</a><b/><a>2</a></r>'))
    assert {name: part.text for name, part in parts.items()} == {"a": "1", "b": None}


def test_an_error_in_place_of_records_is_one() -> None:
    document = io.BytesIO(b'<error xmlns="http://x/">Report not found.</error>\n\n')
    assert [(local(one), text(one)) for one in records(document, "session", "error")] == [
        ("error", "Report not found.")
    ]


def test_records_before_the_break_are_had() -> None:
    one_by_one = records(io.BytesIO(b"<r>" + b"<s/>" * 3 + b"</Hunter2>"), "s")
    assert [local(next(one_by_one)) for _ in range(3)] == ["s"] * 3
    with pytest.raises(MalformedPayload, match="tag name mismatch"):
        next(one_by_one)


def test_no_records_in_nothing() -> None:
    with pytest.raises(MalformedPayload, match="broken"):
        list(records(io.BytesIO(b""), "s"))

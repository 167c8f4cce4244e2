"""Writes small PDFs as press offices' programs do: placed lines, fonts, metadata, pictures."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

TDM = "http://www.w3.org/ns/tdmrep/"


@dataclass(frozen=True)
class Put:
    """One line at a place (points from the lower left corner of A4)."""

    text: str
    x: float
    y: float
    size: float = 11
    bold: bool = False


def flow(
    text: str, *, top: float, left: float = 70, size: float = 11, bold: bool = False
) -> list[Put]:
    """Lines of a text from ``top`` downwards."""
    return [
        Put(line, left, top - number * size * 1.3, size, bold)
        for number, line in enumerate(text.splitlines())
    ]


def xmp(reservation: str, policy: str = "") -> bytes:
    """A metadata packet with a TDMRep declaration."""
    rule = f"<tdm:policy>{policy}</tdm:policy>" if policy else ""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:tdm="{TDM}">'
        f"<tdm:reservation>{reservation}</tdm:reservation>{rule}"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def make_pdf(
    *pages: Sequence[Put],
    info: dict[str, str] | None = None,
    metadata: bytes | None = None,
    packed: bool = False,
    picture: bool = False,
    encrypted: bool = False,
    contents: Sequence[bytes] | None = None,
    language: str | None = None,
) -> bytes:
    """A PDF 1.7 file; ``contents`` gives the pages' content streams as they are."""
    streams = list(contents) if contents else [_content(page, picture) for page in pages]
    objects: list[bytes] = []

    def add(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    fonts = [
        add(b"<</Type/Font/Subtype/Type1/BaseFont/" + name + b"/Encoding/WinAnsiEncoding>>")
        for name in (b"Helvetica", b"Helvetica-Bold")
    ]
    image = add(_stream(b"\x80" * 64, b"/Type/XObject/Subtype/Image/Width 8/Height 8"
                        b"/ColorSpace/DeviceGray/BitsPerComponent 8"))  # fmt: skip
    resources = (
        f"<</Font<</F1 {fonts[0]} 0 R/F2 {fonts[1]} 0 R>>/XObject<</I {image} 0 R>>>>".encode()
    )
    tree = len(objects) + 2 * len(streams) + 1
    kids = []
    for stream in streams:
        held = add(_stream(stream))
        kids.append(
            add(
                f"<</Type/Page/Parent {tree} 0 R/MediaBox[0 0 595 842]/Contents {held} 0 R"
                f"/Resources ".encode()
                + resources
                + b">>"
            )
        )
    add(
        f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>".encode()
    )
    catalog = f"<</Type/Catalog/Pages {tree} 0 R".encode()
    if language:
        catalog += f"/Lang({language})".encode()
    if metadata is not None:
        entry = b"/Type/Metadata/Subtype/XML" + (b"/Filter/FlateDecode" if packed else b"")
        body = zlib.compress(metadata) if packed else metadata
        catalog += f"/Metadata {add(_stream(body, entry))} 0 R".encode()
    root = add(catalog + b">>")
    trailer = f"/Root {root} 0 R"
    if info:
        entries = b"".join(
            f"/{name}<FEFF{value.encode('utf-16-be').hex()}>".encode()
            for name, value in info.items()
        )
        trailer += f"/Info {add(b'<<' + entries + b'>>')} 0 R"
    if encrypted:  # no password fits these check values
        lock = f"<</Filter/Standard/V 1/R 2/O<{'11' * 32}>/U<{'22' * 32}>/P -4>>"
        trailer += f"/Encrypt {add(lock.encode())} 0 R/ID[<{'33' * 16}><{'33' * 16}>]"
    return _file(objects, trailer)


def _content(page: Sequence[Put], picture: bool) -> bytes:
    lines = [
        f"BT /F{2 if put.bold else 1} {put.size} Tf 1 0 0 1 {put.x} {put.y} Tm ".encode()
        + b"("
        + put.text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(")
        .replace(b")", b"\\)")
        + b") Tj ET"
        for put in page
    ]  # fmt: skip
    return b"\n".join([*lines, *([b"q 500 0 0 700 40 60 cm /I Do Q"] if picture else [])])


def _stream(body: bytes, entries: bytes = b"") -> bytes:
    return (
        b"<<"
        + entries
        + f"/Length {len(body)}>>\nstream\n".encode()
        + body
        + b"\nendstream"
    )  # fmt: skip


def _file(objects: Sequence[bytes], trailer: str) -> bytes:
    data = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    return (
        data
        + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<</Size "
        f"{len(objects) + 1}{trailer}>>\nstartxref\n{len(data)}\n%%EOF\n".encode()
    )

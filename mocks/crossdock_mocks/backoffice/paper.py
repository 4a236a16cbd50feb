"""Documents on paper: plain pages of text, written by hand as PDF 1.4 has them (ISO 32000-1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

_ROWS: Final = 52


def on_paper(lines: Iterable[str]) -> bytes:
    """Give lines of text as a PDF file, page after page; the same lines give the same bytes."""
    text = list(lines)
    return _pdf([text[at : at + _ROWS] for at in range(0, len(text), _ROWS)])


def _pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """A file of pages in Helvetica: header, objects, cross-reference table, trailer."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        font,
    ]
    for number, lines in enumerate(pages):
        content = _content(lines)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            b"/Resources << /Font << /F1 3 0 R >> >> "
            + f"/Contents {5 + 2 * number} 0 R >>".encode()
        )
        head = f"<< /Length {len(content)} >>\nstream\n".encode()
        objects.append(head + content + b"\nendstream")
    made = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + each + b"\nendobj\n"
    start = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    made += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    made += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n".encode()
    made += f"startxref\n{start}\n%%EOF\n".encode()
    return bytes(made)


def _content(lines: Sequence[str]) -> bytes:
    shown = []
    for text in lines:
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        shown.append(b"(" + escaped.encode("cp1252", "replace") + b") Tj T*")
    return b"BT /F1 10 Tf 14 TL 50 792 Td\n" + b"\n".join(shown) + b"\nET"

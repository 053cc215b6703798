"""What makes Word offer to repair a file, looked for in the file itself."""

from __future__ import annotations

import io
import posixpath
import re
import struct
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"

# The sequences of ECMA-376, part 1, chapter 17, of what a report uses and may come to use.
ORDER: dict[str, tuple[str, ...]] = {
    "pPr": (
        "pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr",
        "suppressLineNumbers", "pBdr", "shd", "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap",
        "overflowPunct", "topLinePunct", "autoSpaceDE", "autoSpaceDN", "bidi", "adjustRightInd",
        "snapToGrid", "spacing", "ind", "contextualSpacing", "mirrorIndents", "suppressOverlap",
        "jc", "textDirection", "textAlignment", "textboxTightWrap", "outlineLvl", "divId",
        "cnfStyle", "rPr", "sectPr", "pPrChange",
    ),
    "rPr": (
        "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "strike", "dstrike",
        "outline", "shadow", "emboss", "imprint", "noProof", "snapToGrid", "vanish", "webHidden",
        "color", "spacing", "w", "kern", "position", "sz", "szCs", "highlight", "u", "effect",
        "bdr", "shd", "fitText", "vertAlign", "rtl", "cs", "em", "lang", "eastAsianLayout",
        "specVanish", "oMath",
    ),
    "tblPr": (
        "tblStyle", "tblpPr", "tblOverlap", "bidiVisual", "tblStyleRowBandSize",
        "tblStyleColBandSize", "tblW", "jc", "tblCellSpacing", "tblInd", "tblBorders", "shd",
        "tblLayout", "tblCellMar", "tblLook", "tblCaption", "tblDescription",
    ),
    "tcPr": (
        "cnfStyle", "tcW", "gridSpan", "hMerge", "vMerge", "tcBorders", "shd", "noWrap", "tcMar",
        "textDirection", "tcFitText", "vAlign", "hideMark",
    ),
    "tblBorders": ("top", "left", "start", "bottom", "right", "end", "insideH", "insideV"),
    "tcBorders": ("top", "left", "start", "bottom", "right", "end", "insideH", "insideV"),
    "tblCellMar": ("top", "left", "start", "bottom", "right", "end"),
    "tbl": ("bookmarkStart", "bookmarkEnd", "tblPr", "tblGrid", "tr"),
    "tr": ("tblPrEx", "trPr", "tc"),
    "tc": ("tcPr", "p"),
    "p": ("pPr", "*"),
    "r": ("rPr", "*"),
    "sectPr": (
        "headerReference", "footerReference", "footnotePr", "endnotePr", "type", "pgSz", "pgMar",
        "paperSrc", "pgBorders", "lnNumType", "pgNumType", "cols", "formProt", "vAlign",
        "noEndnote", "titlePg", "textDirection", "bidi", "rtlGutter", "docGrid",
    ),
    "style": (
        "name", "aliases", "basedOn", "next", "link", "autoRedefine", "hidden", "uiPriority",
        "semiHidden", "unhideWhenUsed", "qFormat", "locked", "personal", "pPr", "rPr", "tblPr",
        "trPr", "tcPr", "tblStylePr",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WordFile:
    """The members of a file, its XML parsed."""

    members: dict[str, bytes]

    @classmethod
    def of(cls, content: bytes) -> WordFile:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
            names = archive.namelist()
            assert len(names) == len(set(names)), "a member is there twice"
            assert names[0] == "[Content_Types].xml"
            return cls({name: archive.read(name) for name in names})

    def xml(self, name: str) -> ET.Element:
        return ET.fromstring(self.members[name])

    @property
    def body(self) -> ET.Element:
        found = self.xml("word/document.xml").find(f"{W}body")
        assert found is not None
        return found

    def texts(self, tag: str = "t") -> str:
        return "".join(each.text or "" for each in self.body.iter(f"{W}{tag}"))


def problems(content: bytes) -> list[str]:
    """Everything wrong with a file, in words; none where Word opens it without a question."""
    file = WordFile.of(content)
    found = [*_types(file), *_relationships(file), *_media(file)]
    for name in file.members:
        if name.startswith("word/") and name.endswith(".xml"):
            root = file.xml(name)
            found += [f"{name}: {each}" for each in _parts(root)]
    return found


def _parts(root: ET.Element) -> Iterator[str]:
    yield from _in_order(root)
    yield from _tables(root)
    yield from _marks(root)
    yield from _fields(root)


def _types(file: WordFile) -> Iterator[str]:
    root = file.xml("[Content_Types].xml")
    endings = {each.get("Extension", "").lower() for each in root.iter(f"{TYPES}Default")}
    named = [each.get("PartName", "") for each in root.iter(f"{TYPES}Override")]
    yield from (f"type given twice: {name}" for name, n in Counter(named).items() if n > 1)
    yield from (f"type of no part: {name}" for name in named if name[1:] not in file.members)
    for name in file.members:
        ending = name.rpartition(".")[2].lower()
        if name != "[Content_Types].xml" and f"/{name}" not in named and ending not in endings:
            yield f"no content type: {name}"


def _relationships(file: WordFile) -> Iterator[str]:
    for name in file.members:
        if not name.endswith(".rels"):
            continue
        folder, _, base = name.rpartition("_rels/")
        names = []
        for each in file.xml(name).iter(f"{RELS}Relationship"):
            names.append(each.get("Id", ""))
            target = each.get("Target", "")
            if each.get("TargetMode") == "External":
                if not re.fullmatch(r"""https://(?:(?![<>"{}|\\^`])[!-~])+""", target):
                    yield f"{name}: not an address: {target}"
            elif posixpath.normpath(posixpath.join("/", folder, target))[1:] not in file.members:
                yield f"{name}: leads nowhere: {target}"
        if len(names) != len(set(names)):
            yield f"{name}: an id is there twice"
        part = folder + base.removesuffix(".rels")
        if part:
            used = set(re.findall(rb'r:(?:id|embed)="([^"]+)"', file.members[part]))
            yield from (
                f"{part}: no relationship {each.decode()}"
                for each in used
                if each.decode() not in names
            )


def _media(file: WordFile) -> Iterator[str]:
    for name, content in file.members.items():
        if name.startswith("word/media/"):
            if not content.startswith(b"\x89PNG\r\n\x1a\n"):
                yield f"{name}: not a PNG"
            elif min(struct.unpack(">II", content[16:24])) < 10:
                yield f"{name}: empty"


def _in_order(root: ET.Element) -> Iterator[str]:
    for parent in root.iter():
        name = parent.tag.removeprefix(W)
        order = ORDER.get(name)
        if order is None or not parent.tag.startswith(W):
            continue
        places = []
        for child in parent:
            tag = child.tag.removeprefix(W)
            if tag in order:
                places.append(order.index(tag))
            elif "*" in order:
                places.append(order.index("*"))
            else:
                yield f"{tag} has no place in {name}"
        if places != sorted(places):
            yield f"{name} is out of order: {[child.tag.removeprefix(W) for child in parent]}"
        once = [child.tag for child in parent if name.endswith("Pr") and name != "sectPr"]
        if len(once) != len(set(once)):
            yield f"{name} says a thing twice"


def _tables(root: ET.Element) -> Iterator[str]:
    for table in root.iter(f"{W}tbl"):
        grid = table.findall(f"{W}tblGrid/{W}gridCol")
        rows = table.findall(f"{W}tr")
        if not grid or not rows:
            yield "an empty table"
        widths = [int(each.get(f"{W}w", "0")) for each in grid]
        if min(widths, default=0) <= 0:
            yield "a column without width"
        for row in rows:
            cells = row.findall(f"{W}tc")
            if not cells:
                yield "a row without cells"
            if row.find(f"{W}trPr/{W}cantSplit") is None:
                yield "a row that may break"
            place = 0
            for cell in cells:
                span = cell.find(f"{W}tcPr/{W}gridSpan")
                wide = 1 if span is None else int(span.get(f"{W}val", "0"))
                said = cell.find(f"{W}tcPr/{W}tcW")
                if said is None or int(said.get(f"{W}w", "0")) != sum(widths[place : place + wide]):
                    yield "a cell that is not as wide as its columns"
                place += wide
                if len(cell) == 0 or cell[-1].tag != f"{W}p":
                    yield "a cell that does not end with a paragraph"
            if place != len(grid):
                yield f"a row of {place} columns in a table of {len(grid)}"
        heads = [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows]
        if heads != sorted(heads, reverse=True):
            yield "a head that is not at the top"
    for above, below in zip(root.iter(), list(root.iter())[1:], strict=False):
        if above.tag == below.tag == f"{W}tbl":
            yield "two tables without a paragraph between them"


def _marks(root: ET.Element) -> Iterator[str]:
    starts = list(root.iter(f"{W}bookmarkStart"))
    ends = [each.get(f"{W}id") for each in root.iter(f"{W}bookmarkEnd")]
    ids = [each.get(f"{W}id") for each in starts]
    names = [each.get(f"{W}name", "") for each in starts]
    drawn = [each.get("id") for each in root.iter(f"{WP}docPr")]
    for kind, values in (("bookmark", ids), ("name", names), ("end", ends), ("drawing", drawn)):
        yield from (f"{kind} {each} twice" for each, n in Counter(values).items() if n > 1)
    if sorted(map(str, ids)) != sorted(map(str, ends)):
        yield "a bookmark without its end"
    for name in names:
        if not re.fullmatch(r"[A-Za-z]\w{0,39}", name):
            yield f"not the name of a bookmark: {name}"
    for each in root.iter(f"{WP}docPr"):
        if not each.get("descr"):
            yield "a picture without a description"


def _fields(root: ET.Element) -> Iterator[str]:
    names = {each.get(f"{W}name") for each in root.iter(f"{W}bookmarkStart")}
    for code in root.iter(f"{W}instrText"):
        words = (code.text or "").split()
        if words[0] == "REF" and words[1] not in names:
            yield f"a reference to nothing: {words[1]}"
    for paragraph in root.iter(f"{W}p"):
        kinds = [each.get(f"{W}fldCharType") for each in paragraph.iter(f"{W}fldChar")]
        if kinds != ["begin", "separate", "end"] * (len(kinds) // 3):
            yield f"a broken field: {kinds}"

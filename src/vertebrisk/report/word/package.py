"""The file of Word: parts, styles, header and footer; the same content gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING, Any, Final

from vertebrisk.report.page.content import Page
from vertebrisk.report.templating import environment
from vertebrisk.report.word.markup import field, legal, paragraph, runs
from vertebrisk.report.word.widths import MARGIN, PAGE_LONG, PAGE_SHORT

if TYPE_CHECKING:
    from docx.document import Document

LANGUAGES: Final = {"en": "en-GB", "zh": "zh-CN"}
_WHEN: Final = datetime(2000, 1, 1, tzinfo=UTC)  # a file says nothing of the day it was made
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
_TOP: Final = 1247  # room for the header, which names data that are not real
_FIRST: Final = "[Content_Types].xml"
_NAMESPACES: Final = " ".join(
    f'xmlns:{prefix}="http://schemas.openxmlformats.org/{name}"'
    for prefix, name in (
        ("w", "wordprocessingml/2006/main"),
        ("r", "officeDocument/2006/relationships"),
        ("wp", "drawingml/2006/wordprocessingDrawing"),
        ("a", "drawingml/2006/main"),
        ("pic", "drawingml/2006/picture"),
    )
)
# Kinds of the parts that are kept of python-docx's template; the rest, styles that nobody uses
# and a thumbnail among them, are left out.
_KEPT: Final = ("styles", "settings", "numbering", "core-properties", "officeDocument")
_FONTS: Final = "/word/fontTable.xml"
_FONTS_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"


@dataclass(frozen=True, slots=True, eq=False)
class Package:
    """An open file: what is written points to its pictures, links, header and footer by name."""

    document: Document
    header: str
    footer: str

    @classmethod
    def of(cls, page: Page) -> Package:
        """A file without content, in the styles and language of the page."""
        import docx
        from docx.opc.constants import RELATIONSHIP_TYPE

        document = docx.Document()
        _strip(document)
        _dress(document)
        _describe(document, page)
        section, part = document.sections[0], document.part
        section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
        _fill(section.header.part.element, paragraph("Header", runs(page.figure_label)))
        _fill(section.footer.part.element, paragraph("Footer", field("PAGE", "1")))
        header = part.relate_to(section.header.part, RELATIONSHIP_TYPE.HEADER)
        footer = part.relate_to(section.footer.part, RELATIONSHIP_TYPE.FOOTER)
        return cls(document, header, footer)

    def image(self, content: bytes) -> str:
        """Name of the relationship to a picture, which is added once."""
        name, _ = self.document.part.get_or_add_image(io.BytesIO(content))
        return name

    def link(self, address: str, content: str) -> str:
        """Runs that lead to an address outside."""
        from docx.opc.constants import RELATIONSHIP_TYPE

        name = self.document.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        return f'<w:hyperlink r:id="{name}">{content}</w:hyperlink>'

    def saved(self, body: str) -> bytes:
        """The file around a body, the same bytes for the same body."""
        _fill(self.document.element.body, body)
        stream = io.BytesIO()
        self.document.save(stream)
        return _repeatable(stream.getvalue())


def section_break(package: Package, *, across: bool) -> str:
    """The end of a stretch of pages that stand upright or lie across."""
    end = section_end(package, across=across)
    return f'<w:p><w:pPr><w:pStyle w:val="Break"/>{end}</w:pPr></w:p>'


def section_end(package: Package, *, across: bool) -> str:
    """Size, margins, header and footer of the pages before it."""
    width, height = (PAGE_LONG, PAGE_SHORT) if across else (PAGE_SHORT, PAGE_LONG)
    turned = ' w:orient="landscape"' if across else ""
    sides = " ".join(f'w:{side}="{MARGIN}"' for side in ("right", "bottom", "left"))
    return (
        f'<w:sectPr><w:headerReference w:type="default" r:id="{package.header}"/>'
        f'<w:footerReference w:type="default" r:id="{package.footer}"/>'
        f'<w:pgSz w:w="{width}" w:h="{height}"{turned}/>'
        f'<w:pgMar w:top="{_TOP}" {sides} w:header="567" w:footer="510" w:gutter="0"/></w:sectPr>'
    )


def _strip(document: Document) -> None:
    for rels in (document.part.rels, document.part.package.rels):
        for name, relation in list(rels.items()):
            if relation.reltype.rsplit("/", 1)[-1] not in _KEPT:
                del rels[name]


def _dress(document: Document) -> None:
    """Styles, settings, bullets and fonts of a report in place of the template's."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    parts = {
        "styles": document.styles.element,
        "settings": document.settings.element,
        "numbering": document.part.numbering_part.element,
    }
    for name, element in parts.items():
        _fill(element, _template(name))
    fonts = f"<w:fonts {_NAMESPACES}>{_template('fonts')}</w:fonts>"
    part = Part(PackURI(_FONTS), _FONTS_TYPE, fonts.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FONT_TABLE)


def _template(name: str) -> str:
    return environment().get_template(f"word_{name}.xml.j2").render()


def _describe(document: Document, page: Page) -> None:
    """Core properties; dates that are the same in every file."""
    about = document.core_properties
    about.title = _plain(page.title)
    about.subject = _plain(page.kicker)
    about.author = about.last_modified_by = f"vertebrisk {page.version}"
    about.language = LANGUAGES[page.words.language]
    about.keywords = about.comments = about.category = ""
    about.created = about.modified = _WHEN
    about.revision = 1


def _plain(text: str) -> str:
    """A text as a property takes it: legal, and of at most 255 characters."""
    return unescape(legal(text))[:255]


def _fill(element: Any, content: str) -> None:
    """Give an element this content and no other."""
    from docx.oxml.parser import parse_xml

    for child in list(element):
        element.remove(child)
    element.extend(list(parse_xml(f"<w:body {_NAMESPACES}>{content}</w:body>")))


def _repeatable(content: bytes) -> bytes:
    """The archive with its members in one order and without a date."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as given,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in sorted(given.namelist(), key=lambda each: (each != _FIRST, each)):
            member = zipfile.ZipInfo(name, _ZIP_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 0
            made.writestr(member, given.read(name))
    return stream.getvalue()

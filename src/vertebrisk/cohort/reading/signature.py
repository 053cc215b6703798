"""What a file is, judged by its first bytes rather than by its name."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from vertebrisk._files import TABLE_ENDINGS, FileFormat
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say

_SAS_MAGIC = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_STARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"$FL2", "an SPSS file", ".sav"),
    (b"$FL3", "a compressed SPSS file", ".zsav"),
    (b"<stata_dta>", "a Stata file", ".dta"),
    (_SAS_MAGIC, "a SAS file", ".sas7bdat"),
    (b"HEADER RECORD*******", "a SAS transport file", ".xpt"),
    (b"PAR1", "a Parquet file", ".parquet"),
    (b"%PDF", "a PDF document", ""),
    (b"\x89PNG", "a PNG image", ""),
    (b"\xff\xd8\xff", "a JPEG image", ""),
    (b"GIF8", "a GIF image", ""),
    (b"II*\x00", "a TIFF image", ""),
    (b"MM\x00*", "a TIFF image", ""),
    (b"\x1f\x8b", "a gzip archive", ""),
    (b"Rar!", "a RAR archive", ""),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", ""),
    (b"SQLite format 3", "an SQLite database", ""),
    (b"RDX", "an R workspace", ""),
    (b"\x7fELF", "a program", ""),
    (b"{\\rtf", "an RTF document", ""),
)
_TEXT_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def describe(content: bytes) -> tuple[str, str]:
    """Name of a binary kind and the extension that fits it; two empty texts for plain text."""
    if content[128:132] == b"DICM":
        return "a DICOM image", ""
    for start, name, extension in _STARTS:
        if content.startswith(start):
            return name, extension
    if content.startswith(b"PK\x03\x04"):
        return _describe_zip(content)
    if content.startswith(_OLE_MAGIC):
        return _describe_ole(content)
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml")):
        return "a web page or XML document", ""
    if not content.startswith(_TEXT_BOMS) and b"\x00" in content:
        return "a binary file", ""
    return "", ""


def _describe_zip(content: bytes) -> tuple[str, str]:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return "a damaged ZIP archive or Excel workbook", ""
    if "xl/workbook.bin" in names:
        return say("an Excel workbook"), ".xlsb"
    if any(name.startswith("xl/") for name in names):
        return say("an Excel workbook"), ".xlsx"
    if any(name.startswith("word/") for name in names):
        return "a Word document", ""
    if any(name.startswith("ppt/") for name in names):
        return "a PowerPoint presentation", ""
    if {"mimetype", "content.xml"} <= names:
        return say("an OpenDocument spreadsheet"), ".ods"
    return "a ZIP archive", ""


def _describe_ole(content: bytes) -> tuple[str, str]:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "an Excel workbook protected by a password", ""
    if "WordDocument".encode("utf-16-le") in content:
        return "a Word document", ""
    if any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        return say("an old Excel workbook"), ".xls"
    return "an old Office document", ""


def check_kind(path: Path, content: bytes) -> tuple[FileFormat, tuple[Finding, ...]]:
    """Format to read `path` as, from its name and its contents together.

    Raises
    ------
    DataError
        When the file is empty, of a kind that holds no table, or named as something else.
    """
    if not content:
        raise DataError(f"'{path.name}' is empty (0 bytes). Save the table again and retry.")
    extension = path.suffix.lower()
    named = TABLE_ENDINGS.get(extension)
    name, fitting = describe(content)
    if named is None:
        hint = f" By its contents it is {name}; rename it to end in {fitting}." if fitting else ""
        raise DataError(
            f"'{path.name}' ends in '{extension}'; tables are read from .csv, .tsv, .txt, .xlsx, "
            f".xls, .xlsm, .ods, .sav, .zsav, .dta, .sas7bdat, .xpt and .parquet.{hint}"
        )
    if name.endswith("password"):
        raise DataError(
            f"'{path.name}' is {name}. Open it in Excel, save it without one, and retry."
        )
    actual = TABLE_ENDINGS.get(fitting)
    if name and actual is None and not (named == "stata" and name == "a binary file"):
        raise DataError(
            f"'{path.name}' is {name} by its contents, not a table. "
            "Export the table as .csv or .xlsx and give that file."
        )
    if actual is not None and actual != named:
        raise DataError(
            f"'{path.name}' is named {extension} but is {name} by its contents. "
            f"Rename it to end in {fitting} and retry."
        )
    if not name and named == "stata" and content[0] in range(102, 120):
        return named, ()
    if not name and named != "csv":
        raise DataError(
            f"'{path.name}' is named {extension} but is plain text or damaged. If a program "
            "exported it as text, rename it to end in .csv; otherwise save it again."
        )
    if named == "excel" and fitting != extension and {extension, fitting} != {".xlsx", ".xlsm"}:
        return named, (_other_extension(path, name, fitting),)
    return named, ()


def _other_extension(path: Path, name: str, fitting: str) -> Finding:
    return Finding(
        code="file-extension",
        severity="note",
        message=say(
            "The file is {name} of the {fitting} kind although its name says otherwise; "
            "it was read as what it is.",
            name=name,
            fitting=fitting,
        ),
        remedy=say("Rename it to end in {fitting}.", fitting=fitting),
        file=path.name,
    )

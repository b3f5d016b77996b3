"""A report as DOCX: to go on editing; the PDF is the accessible and lasting copy.

Real heading styles, header rows that repeat, alternative texts, Swedish, a title. What people have
written becomes runs of text and nothing else: no field, link, macro or outside picture. The same
report gives the same bytes, and the file tells of no program or person beyond the report's own.
"""

import io
import re
import zipfile
from copy import deepcopy
from datetime import UTC, datetime, time
from typing import Any

from shared.report import Block, Figure, Grid, Listing, Paragraph, Report, Signature

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LANGUAGE = "sv-SE"
_UNWRITABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff"  # XML 1.0 has no place for them
    "\u202a-\u202e\u2066-\u2069]"  # would turn the reading order
)
_WIDTH_CM = 16
_FIGURES_CM = 1.6
_SCALE = 2
"""Of a picture's own size, so that its lines stay sharp on paper."""
_DROPPED = ("thumbnail", "customXml", "stylesWithEffects")
"""Parts of the library's own template that a report has no use for."""
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def docx(report: Report) -> bytes:
    """The document. Takes tenths of a second of pure computing: call it beside the event loop."""
    # The library takes a tenth of a second: only where a document is made.
    import docx as library  # noqa: PLC0415
    from docx.shared import Cm  # noqa: PLC0415

    document: Any = library.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    _set_language(document)
    _set_looks(document)
    _set_properties(document, report)
    _foot(section, report)
    head = document.add_paragraph()
    head.add_run(_plain(report.authority)).bold = True
    for line in filter(None, (report.register_number, str(report.dated))):
        head.add_run(_plain(f"\n{line}"))
    document.add_heading(_plain(report.title), level=1)
    if report.notice:
        document.add_paragraph(style="Intense Quote").add_run(_plain(report.notice))
    for each in report.sections:
        document.add_heading(_plain(each.heading), level=each.level)
        for block in each.blocks:
            _add(document, block)
    _sign(document, report)
    return _settled(document)


def _add(document: Any, block: Block) -> None:
    match block:
        case Paragraph():
            document.add_paragraph().add_run(_plain(block.text)).bold = block.is_strong or None
        case Listing():
            _list(document, block)
        case Grid():
            _table(document, block)
        case Figure():
            _picture(document, block)


def _list(document: Any, block: Listing) -> None:
    style = "List Number" if block.is_numbered else "List Bullet"
    added = [document.add_paragraph(_plain(item), style=style) for item in block.items]
    if not block.is_numbered:
        return
    # Lists of one style go on counting from each other: each gets a numbering of its own.
    numbering = document.part.numbering_part.element
    styled = document.styles[style].element.pPr.numPr.numId.val
    number = numbering.add_num(numbering.num_having_numId(styled).abstractNumId.val)
    number.add_lvlOverride(ilvl=0).add_startOverride(1)
    for each in added:
        properties = each._p.get_or_add_pPr().get_or_add_numPr()  # noqa: SLF001
        properties.get_or_add_ilvl().val = 0
        properties.get_or_add_numId().val = number.numId


def _table(document: Any, block: Grid) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
    from docx.shared import Cm, Pt  # noqa: PLC0415

    caption = document.add_paragraph(_plain(block.caption), style="Caption")
    caption.paragraph_format.keep_with_next = True
    table = document.add_table(rows=0, cols=len(block.columns), style="Table Grid")
    widths = [Cm(width) for width in _widths(block)]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for at, row in enumerate((block.columns, *block.rows)):
        added = table.add_row()
        properties = added._tr.get_or_add_trPr()  # noqa: SLF001
        properties.append(_element("w:cantSplit"))
        if at == 0:
            properties.append(_element("w:tblHeader"))
        for column, text in enumerate(row):
            cell = added.cells[column]
            cell.width = widths[column]
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            run = paragraph.add_run(_plain(text))
            run.bold, run.font.size = at == 0 or None, Pt(9)
            if column in block.numbers:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    described = table._tbl.tblPr  # noqa: SLF001
    described.append(_element("w:tblCaption", val=_plain(block.caption)))
    document.add_paragraph()


def _widths(block: Grid) -> list[float]:
    """Of the columns, in centimetres: figures take what they need, words share the rest."""
    narrow = min(_FIGURES_CM, _WIDTH_CM * 0.7 / max(1, len(block.numbers)))
    wide = (_WIDTH_CM - narrow * len(block.numbers)) / (len(block.columns) - len(block.numbers))
    return [narrow if at in block.numbers else wide for at in range(len(block.columns))]


def _picture(document: Any, block: Figure) -> None:
    import vl_convert  # noqa: PLC0415  # 150 MB: only where there is a picture
    from docx.shared import Cm  # noqa: PLC0415

    png = vl_convert.svg_to_png(block.svg, scale=_SCALE)
    shape = document.add_picture(io.BytesIO(png))
    if shape.width > Cm(_WIDTH_CM):
        shape.height = round(shape.height * Cm(_WIDTH_CM) / shape.width)
        shape.width = Cm(_WIDTH_CM)
    shape._inline.docPr.set("descr", _plain(block.alt))  # noqa: SLF001
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    document.add_paragraph(_plain(block.caption), style="Caption")


def _sign(document: Any, report: Report) -> None:
    if report.office:
        document.add_paragraph(_plain(report.office))
    for each in report.signatures:
        document.add_paragraph(_plain(_signature(each)))
    if report.sent_to:
        document.add_heading(_plain(report.sent_to_heading), level=2)
        document.add_paragraph(_plain("\n".join(report.sent_to)))
    if report.seal:
        document.add_paragraph(_plain(report.seal))


def _signature(each: Signature) -> str:
    line = "" if each.at else "\n" + "." * 40
    role = f" ({each.role})" if each.role else ""
    return f"{line}\n{each.name}{role}" + (f"\n{each.at}" if each.at else "")


def _foot(section: Any, report: Report) -> None:
    """Who gave it, and the page: the only fields in the file, and ours."""
    paragraph = section.footer.paragraphs[0]
    paragraph.add_run(_plain(report.authority) + "\t\tSida ")
    for instruction, between in (("PAGE", " av "), ("NUMPAGES", "")):
        field = _element("w:fldSimple", instr=instruction)
        run = deepcopy(paragraph.add_run("1")._r)  # noqa: SLF001
        paragraph._p.remove(paragraph.runs[-1]._r)  # noqa: SLF001
        field.append(run)
        paragraph._p.append(field)  # noqa: SLF001
        if between:
            paragraph.add_run(between)


def _set_language(document: Any) -> None:
    from docx.oxml.ns import qn  # noqa: PLC0415

    for element in (document.styles.element, document.settings.element):
        for name in ("w:lang", "w:themeFontLang"):
            for each in element.iter(qn(name)):
                for attribute in ("w:val", "w:eastAsia"):
                    each.set(qn(attribute), _LANGUAGE)


def _set_looks(document: Any) -> None:
    """Dark headings and captions: the template's pale blue has too little contrast."""
    from docx.shared import Pt, RGBColor  # noqa: PLC0415

    for name in ("Heading 1", "Heading 2", "Heading 3", "Caption", "Intense Quote"):
        document.styles[name].font.color.rgb = RGBColor(0x1B, 0x1E, 0x23)
    document.styles["Heading 1"].font.size = Pt(20)


def _set_properties(document: Any, report: Report) -> None:
    said = document.core_properties
    said.title, said.author = _plain(report.title), _plain(report.authority)
    said.language = _LANGUAGE
    said.comments = said.last_modified_by = ""
    said.created = said.modified = datetime.combine(report.dated, time(), tzinfo=UTC)


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.oxml.parser import OxmlElement  # noqa: PLC0415

    made: Any = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _plain(text: str) -> str:
    """What a document cannot hold is spelt out, so that nothing written is lost."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNWRITABLE.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def _settled(document: Any) -> bytes:
    """The file without the template's own remains, and without the hour when it was made."""
    for holder in (document.part.package, document.part):
        for key, relation in list(holder.rels.items()):
            if relation.reltype.rpartition("/")[2] in _DROPPED:
                del holder.rels[key]
    raw, out = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with (
        zipfile.ZipFile(raw) as made,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as settled,
    ):
        for name in made.namelist():
            content = made.read(name).replace(b"Microsoft Macintosh Word", b"")
            info = zipfile.ZipInfo(name, _ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            settled.writestr(info, content)
    return out.getvalue()

"""The report as PDF, for an ethics committee or a reviewer: warnings, tables, plain words, figures, how it was made.

Laid out with ReportLab in its invariant mode, so that the same findings give the same bytes.
"""

import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib as mpl
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from evaluation.figures.gallery import Picture
from evaluation.findings import Findings
from evaluation.printing.grid import MAIN, Cell, Grid, facts, grids

FONT, BOLD = "DejaVuSans", "DejaVuSans-Bold"
INK, MUTED, TINT = HexColor("#1c1c1c"), HexColor("#5a5a5a"), HexColor("#fdf3da")
PAGE = landscape(A4)
MARGIN = 18 * mm
WIDTH = PAGE[0] - 2 * MARGIN - 12  # a frame keeps 6 points free on either side
WIDEST_FIGURE = WIDTH / 2 - 6 * mm
TALLEST_FIGURE = PAGE[1] - 2 * MARGIN - 30 * mm

TITLE = ParagraphStyle("title", fontName=BOLD, fontSize=17, leading=22, textColor=INK, spaceAfter=8)
HEADING = ParagraphStyle("heading", fontName=BOLD, fontSize=11, leading=15, textColor=INK, spaceBefore=12, spaceAfter=3)
BODY = ParagraphStyle("body", fontName=FONT, fontSize=9, leading=13, textColor=INK, spaceAfter=3)
NOTE = ParagraphStyle("note", parent=BODY, fontSize=7.5, leading=10, textColor=MUTED)
CELL = ParagraphStyle("cell", parent=BODY, fontSize=7, leading=9, spaceAfter=0)
CAUTION = ParagraphStyle("caution", parent=BODY, backColor=TINT, borderPadding=4, spaceBefore=8, spaceAfter=10)

RULES = TableStyle(
    [
        ("LINEABOVE", (0, 0), (-1, 0), 1, INK),
        ("LINEBELOW", (0, 0), (-1, 0), 0.5, INK),
        ("LINEBELOW", (0, -1), (-1, -1), 1, INK),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
)
BESIDE = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
# Letters of the longest text by which columns share the width of the page.
NARROWEST, BROADEST = 10, 44

METHOD = (
    "A sheet is one reader on one case. Valid probability is the share of sheets on which a result was judged valid;"
    " average rank is the mean rank over valid marks. Printed figures are rounded half up on the exact fraction."
    " Intervals draw the cases again, with all their readers and methods, and take the middle 95 % of the draws; they"
    " speak of other cases read by these readers. Naive intervals and tests that are printed beside them say so."
    " With few cases every interval is too narrow, and the warnings above name where."
)


def pdf(findings: Findings, pictures: Sequence[Picture]) -> bytes:
    """The report as PDF, A4 landscape, with the figures of `evaluation.figures.gallery`."""
    register_fonts()
    output = io.BytesIO()
    document = SimpleDocTemplate(
        output,
        pagesize=PAGE,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=findings.headline,
        author=findings.origin.software,
        invariant=1,
    )
    footer = f"{findings.origin.software}, marks sha256 {findings.origin.marks_sha256}"
    document.build(story(findings, pictures), onFirstPage=partial(foot, footer), onLaterPages=partial(foot, footer))
    return output.getvalue()


def foot(text: str, canvas: Canvas, document: SimpleDocTemplate) -> None:
    """Print the origin and the page number below each page."""
    canvas.setFont(FONT, 6.5)
    canvas.setFillColor(MUTED)
    canvas.drawString(MARGIN, MARGIN / 2, text)
    canvas.drawRightString(PAGE[0] - MARGIN, MARGIN / 2, f"page {document.page}")


def register_fonts() -> None:
    """Use the fonts that come with matplotlib, which know more letters than a PDF's own."""
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    for name in (FONT, BOLD):
        registerFont(TTFont(name, folder / f"{name}.ttf"))
    registerFontFamily(FONT, normal=FONT, bold=BOLD, italic=FONT, boldItalic=BOLD)


def story(findings: Findings, pictures: Sequence[Picture]) -> list[Flowable]:
    """What stands in the report, from top to bottom."""
    tables = [table(grid) for grid in grids(findings)]
    words = [Paragraph("In plain words", HEADING)]
    for number, statement in enumerate(findings.statements, start=1):
        words.append(Paragraph(f"{number}. {escape(statement.text)}", BODY))
        words.append(Paragraph(escape(statement.basis), NOTE))
    return [
        Paragraph(escape(findings.headline), TITLE),
        *(Paragraph(f"<b>{escape(name)}</b> {escape(value)}", NOTE) for name, value in facts(findings)),
        Spacer(1, 4 * mm),
        *(Paragraph(f"<b>{escape(one.text)}</b> {escape(one.advice)}", CAUTION) for one in findings.cautions),
        *tables[:MAIN],
        *words,
        Paragraph("How the figures were made", HEADING),
        Paragraph(METHOD, BODY),
        *figures(pictures),
        *tables[MAIN:],
    ]


def figures(pictures: Sequence[Picture]) -> list[Flowable]:
    """Figures two by two, each over its caption; no pair is parted by a page's end."""
    cells = [figure(number, picture) for number, picture in enumerate(pictures, start=1)]
    pairs = [cells[first : first + 2] for first in range(0, len(cells), 2)]
    return [Table([pair], colWidths=[WIDTH / 2] * len(pair), hAlign="LEFT", style=BESIDE) for pair in pairs]


def figure(number: int, picture: Picture) -> list[Flowable]:
    """One figure over its caption."""
    width, height = ImageReader(io.BytesIO(picture.png)).getSize()
    scale = min(WIDEST_FIGURE / width, TALLEST_FIGURE / height)
    image = Image(io.BytesIO(picture.png), width * scale, height * scale, hAlign="LEFT")
    caption = f"<b>Figure {number}. {escape(picture.title)}.</b> {escape(picture.caption)}"
    return [Spacer(1, 4 * mm), image, Paragraph(caption, NOTE)]


def table(grid: Grid) -> Flowable:
    """One table under its title; one that is longer than a page goes on with its head repeated."""
    heads = [Paragraph(f"<b>{escape(head)}</b>", CELL) for head in (*grid.label_heads, *grid.heads)]
    lines = [
        [*(Paragraph(escape(label), CELL) for label in labels), *(Paragraph(printed(cell), CELL) for cell in cells)]
        for labels, cells in grid.lines
    ]
    laid_out = Table([heads, *lines], colWidths=widths(grid), repeatRows=1, hAlign="LEFT")
    laid_out.setStyle(RULES)
    return KeepTogether([Paragraph(escape(grid.title), HEADING), Paragraph(escape(grid.note), NOTE), laid_out])


def printed(cell: Cell) -> str:
    """A figure in bold, its count and interval after it."""
    figure = f"<b>{escape(cell.text)}</b>" if cell.count or cell.interval else escape(cell.text)
    return " ".join(part for part in (figure, escape(cell.count), escape(cell.interval)) if part)


def widths(grid: Grid) -> list[float]:
    """Column widths in points: the page shared out by the longest text of each column, within bounds."""
    columns = zip(
        (*grid.label_heads, *grid.heads),
        *((*labels, *(cell.joined() for cell in cells)) for labels, cells in grid.lines),
        strict=True,
    )
    longest = [min(max(NARROWEST, *(len(text) for text in texts)), BROADEST) for texts in columns]
    return [WIDTH * length / sum(longest) for length in longest]

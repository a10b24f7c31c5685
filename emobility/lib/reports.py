"""Exports as PDF for reading and handing on: a title with the filter, a table, totals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer

MOST_ROWS: Final = 5000
FONT, BOLD = "DejaVuSans", "DejaVuSans-Bold"
SIZE: Final = 7
_FONTS: Final = Path(__file__).parent / "fonts"
_MARGIN: Final = 12 * mm


@dataclass(frozen=True, slots=True)
class Report:
    """What a report shows: a title, lines below it (filter, time), columns as (name, share of the width).

    `rows` are texts; `totals` is the last row, in bold.
    """

    title: str
    lines: Sequence[str]
    columns: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[str]]
    totals: Sequence[str]


def report_write(report: Report, path: Path) -> None:
    """Write it as landscape A4 with the header on each page. No text is taken for markup."""
    _register()
    page = landscape(A4)
    width = page[0] - 2 * _MARGIN
    shares = sum(share for _name, share in report.columns)
    widths = [width * share / shares for _name, share in report.columns]
    document = SimpleDocTemplate(
        str(path),
        pagesize=page,
        title=report.title,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + 5 * mm,
    )
    story = [Paragraph(escape(report.title), ParagraphStyle("title", fontName=BOLD, fontSize=14, leading=20))]
    small = ParagraphStyle("line", fontName=FONT, fontSize=8, leading=11)
    story += [Paragraph(escape(line), small) for line in report.lines]
    story += [Spacer(1, 4 * mm), _table(report, widths)]
    document.build(story, onFirstPage=_foot, onLaterPages=_foot)


@cache
def _register() -> None:
    """The fonts that the PDF brings along: the built-in ones know no Polish and no Greek."""
    for name in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(_FONTS / f"{name}.ttf")))


def _table(report: Report, widths: Sequence[float]) -> LongTable:
    names = [name for name, _share in report.columns]
    body = [[_cut(cell, width) for cell, width in zip(row, widths, strict=True)] for row in report.rows]
    table = LongTable([names, *body, list(report.totals)], colWidths=list(widths), repeatRows=1)
    table.setStyle(
        [
            ("FONT", (0, 0), (-1, -1), FONT, SIZE),
            ("FONT", (0, 0), (-1, 0), BOLD, SIZE),
            ("FONT", (0, -1), (-1, -1), BOLD, SIZE),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
            ("LINEABOVE", (0, -1), (-1, -1), 0.8, colors.black),
            ("ROWBACKGROUNDS", (0, 1), (-1, -2), [colors.white, colors.whitesmoke]),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ]
    )
    return table


def _cut(text: str, width: float) -> str:
    """One line that fits: what is longer ends in three dots."""
    text = " ".join(text.split())
    room: Callable[[str], bool] = lambda part: pdfmetrics.stringWidth(part, FONT, SIZE) <= width - 12  # noqa: E731
    if room(text):
        return text
    while text and not room(f"{text}…"):
        text = text[:-1]
    return f"{text}…"


def _foot(canvas: Any, document: Any) -> None:
    canvas.setFont(FONT, SIZE)
    canvas.drawRightString(
        document.pagesize[0] - _MARGIN, _MARGIN, _("Page {number}").format(number=document.page)
    )

"""The figures as files: CSV for one table, a workbook for one or for a whole release.

A figure that is kept back is two dots, as in official Swedish statistics. No cell is ever a
formula: the workbook writes text as text, and in CSV whatever would be read as one is quoted.
"""

import csv
import io
from collections.abc import Sequence
from typing import Any

from gateway.national.views import View

KEPT_BACK = ".."
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHEET_NAME = 31
"""The longest that a workbook takes for a sheet (Excel specifications and limits)."""


def as_csv(view: View) -> bytes:
    """Semicolons and a byte order mark: Swedish Excel opens it as it is meant."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_safe(each) for each in view.columns])
    for label, values in view.rows:
        writer.writerow([_safe(label), *(KEPT_BACK if v is None else v for v in values)])
    return out.getvalue().encode("utf-8-sig")


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_xlsx(views: Sequence[View], notes: Sequence[str]) -> bytes:
    """A sheet for each view, and first one that says what the figures are."""
    import xlsxwriter  # noqa: PLC0415  # only where a workbook is written

    out = io.BytesIO()
    book: Any = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    cover = book.add_worksheet("Om talen")
    cover.set_column(0, 0, 90)
    for row, text in enumerate(notes):
        cover.write_string(row, 0, text, bold if row == 0 else wrap)
    for at, view in enumerate(views, start=1):
        sheet = book.add_worksheet(_sheet_name(at, view.title))
        sheet.set_column(0, 0, 42)
        sheet.set_column(1, len(view.columns), 18)
        sheet.write_string(0, 0, view.title, bold)
        for column, text in enumerate(view.columns):
            sheet.write_string(2, column, text, bold)
        for row, (label, values) in enumerate(view.rows, start=3):
            sheet.write_string(row, 0, label)
            for column, value in enumerate(values, start=1):
                if value is None:
                    sheet.write_string(row, column, KEPT_BACK)
                else:
                    sheet.write_number(row, column, value)
        sheet.freeze_panes(3, 1)
    book.close()
    return out.getvalue()


def _sheet_name(at: int, title: str) -> str:
    """Its number and what of the title fits; none of the characters that a workbook refuses."""
    plain = "".join(" " if each in "[]:*?/\\'" else each for each in title)
    return f"{at} {plain}"[:_SHEET_NAME].strip()

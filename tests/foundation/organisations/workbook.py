"""Workbooks as people send them."""

from io import BytesIO

from openpyxl import Workbook

from tests.city import code

HEADS = (
    "单位名称",
    "统一社会信用代码",
    "类别",
    "隶属",
    "级别",
    "行业",
    "职工人数",
    "产业工人数",
    "旗县区",
    "上级工会",
    "所属集团",
    "母公司信用代码",
)


def line(number: int, **changes) -> list[object]:
    """A right row of a new unit; change a cell by its heading."""
    cells = (f"新单位{number}", code(number), "企业", "非公", "", "制造", 80, 30, "昆都仑区", "昆都仑区", "", "")
    row = {**dict(zip(HEADS, cells, strict=True)), **changes}
    return [row[head] for head in HEADS]


def workbook(*rows: list[object], heads: tuple[str, ...] = HEADS, above: int = 0) -> bytes:
    """An .xlsx of these rows; `above` lines stand over the heading."""
    book = Workbook()
    sheet = book.active
    for number in range(above):
        sheet.append([f"标题{number}"])
    sheet.append(list(heads))
    for row in rows:
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()

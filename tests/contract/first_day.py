"""What the first day leaves in the city: log-ins issued and reset in bulk, results of earlier years."""

from typing import Any
from uuid import uuid4

from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.moves import log_ins
from guildhall.reform.assessment.moves import earlier
from tests.city import City, code
from tests.foundation.organisations.workbook import workbook

CHAIRS = ("统一社会信用代码", "主席姓名", "手机或电话", "任职起")
RESULTS = ("统一社会信用代码", "年度", "得分")


def chairs() -> bytes:
    """A list of union chairs."""
    return workbook([code(90), "没登记的", "13800000090", "2024-03-01"], heads=CHAIRS)


def results(city: City) -> bytes:
    """An earlier year's results: the first unit's."""
    return workbook([city.unit.code, 2020, 91], heads=RESULTS)


def openings() -> bytes:
    """One fund's opening balance."""
    row = ["职工技术创新资金", 2024, "2023年结余", "包工财〔2024〕3号", 5000]
    return workbook(row, heads=("资金", "年度", "资金来源", "文号", "期初余额"))


def first_day(city: City, officer: User) -> dict[str, Any]:
    """A list of chairs begun, passwords that wait to be fetched; earlier results, and a file of more."""
    reset = log_ins.reset_log_ins([city.unit_officers[9].pk], by=officer, key=uuid4())
    log_ins.make_passwords()
    begun, written = (
        earlier.check_earlier(name, results(city), document="包工发〔2020〕5号", by=officer, key=uuid4())
        for name in ("2020年.xlsx", "2020年结果.xlsx")
    )
    earlier.import_earlier(written.pk, expected=1, by=officer, key=uuid4())
    sheet = log_ins.check_log_ins("主席名单.xlsx", chairs(), by=officer, key=uuid4())
    return {"log_ins": sheet, "passwords": reset, "earlier": begun}

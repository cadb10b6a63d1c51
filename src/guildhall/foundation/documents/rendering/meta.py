"""What every sheet says of its document beside the content."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import segno

from guildhall.foundation.clock.rules import SHANGHAI


@dataclass(frozen=True, kw_only=True)
class Meta:
    """Number, title, issuers, time, and how to check it. A draft has neither number nor code."""

    title: str
    bodies: tuple[str, ...]
    at: datetime
    kind: str = ""
    number: str = ""
    short: str = ""
    check_code: str = ""
    check_url: str = ""
    house: str = ""

    @property
    def date(self) -> str:
        """2024年11月26日."""
        day = self.at.astimezone(SHANGHAI)
        return f"{day.year}年{day.month}月{day.day}日"

    @property
    def time(self) -> str:
        """2024-11-26 09:12."""
        return f"{self.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"

    def words(self) -> dict[str, object]:
        """As sheets and templates read it."""
        return {
            "title": self.title, "number": self.number, "kind": self.kind, "bodies": list(self.bodies),
            "date": self.date, "time": self.time, "short": self.short, "check_code": self.check_code,
            "house": self.house,
        }  # fmt: skip

    def qr(self) -> str:
        """The address that checks it, as a drawing; nothing for a draft."""
        if not self.check_url:
            return ""
        out = BytesIO()
        segno.make(self.check_url, error="m").save(out, kind="svg", border=0, scale=4, xmldecl=False)
        return out.getvalue().decode()

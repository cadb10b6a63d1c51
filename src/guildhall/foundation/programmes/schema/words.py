"""What every part of a programme file is made of: texts in both languages, keys, points, periods."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Points = Annotated[Decimal, Field(gt=0, le=100, decimal_places=2)]


class Unfit(ValueError):
    """A part that does not fit together, said in both languages; the loader and the command show it with its place."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class Part(BaseModel):
    """A part of the file: unknown words are refused, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Words(Part):
    """A text in both languages."""

    zh: Annotated[str, Field(min_length=1, max_length=400)]
    en: Annotated[str, Field(min_length=1, max_length=800)]


class Period(Part):
    """A number of days, working or calendar; whether the first counts is a rule of the version."""

    days: Annotated[int, Field(ge=1, le=60)]
    count: Literal["working", "calendar"] = "working"
    count_first: bool = False

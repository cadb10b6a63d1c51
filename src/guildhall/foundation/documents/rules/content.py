"""What a document says, in one shape for all sheets: words that are already written as the reader will see them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from guildhall.foundation.records.rules import canonical, plain, sm3

Words = str
MOST_ROWS = 5_000


class Part(BaseModel):
    """Nothing but the fields that are named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(Part):
    """A column of a table; `width` is its share of the page beside the others'."""

    label: Words
    align: Literal["left", "right", "center"] = "left"
    width: float = Field(default=1, gt=0, le=20)


class Table(Part):
    """Rows of words under their heads, and the totals that close them."""

    title: Words = ""
    columns: tuple[Column, ...] = Field(min_length=1, max_length=20)
    rows: tuple[tuple[Words, ...], ...] = Field(max_length=MOST_ROWS)
    totals: tuple[Words, ...] = ()

    def model_post_init(self, context: Any) -> None:
        """Every row is as long as the head."""
        for row in (*self.rows, *([self.totals] if self.totals else [])):
            if len(row) != len(self.columns):
                raise ValueError(f"a row of {len(row)} under {len(self.columns)} columns")


class Group(Part):
    """Facts under a heading: label and value."""

    title: Words = ""
    facts: tuple[tuple[Words, Words], ...]


class Content(Part):
    """What any sheet prints; one that has no place for a part leaves it out."""

    recipient: Words = ""
    """To whom a certificate is given."""
    lead: Words = ""
    """A line under the title: the round, the unit, the date of what is listed."""
    paragraphs: tuple[Words, ...] = ()
    groups: tuple[Group, ...] = ()
    tables: tuple[Table, ...] = ()
    signs: tuple[Words, ...] = ()
    """Who signs by hand: 制表, 审核, 批准."""
    note: Words = ""


def read_content(content: dict[str, Any]) -> Content:
    """The content, held to its shape. Raises pydantic's `ValidationError`: it is our own code that wrote it."""
    return Content.model_validate(plain(content))


def body_digest(content: Content, **told: object) -> str:
    """The SM3 digest of what the document says, with what it is told by: number, title, issuers, date."""
    return sm3(canonical(plain({"content": content.model_dump(mode="json"), **told})).encode())

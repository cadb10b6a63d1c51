"""The generated pages of `docs/` say what the code says."""

import pytest

from tests.contract import documents


@pytest.mark.parametrize("name", ["access.md", "programme-file.md", "states.md"])
def test_a_generated_page_is_up_to_date(name: str) -> None:
    written = (documents.DOCS / name).read_text(encoding="utf-8") if (documents.DOCS / name).exists() else ""
    assert written == documents.pages()[name], f"docs/{name} is out of date: run `{documents.AGAIN}`"


def test_every_page_is_drawn() -> None:
    assert sorted(documents.pages()) == ["access.md", "programme-file.md", "states.md"]

import copy
from typing import Any

import pytest

from guildhall.science.published import Result, compute, parse
from guildhall.science.simulation import invented_round


@pytest.fixture(scope="session")
def invented() -> dict[str, Any]:
    """A round of 60 units, as JSON objects. Not to be changed: `file` is a copy."""
    return invented_round(60, reviews_each=6, seed=3)


@pytest.fixture
def file(invented: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(invented)


@pytest.fixture(scope="session")
def result(invented: dict[str, Any]) -> Result:
    return compute(parse(invented))

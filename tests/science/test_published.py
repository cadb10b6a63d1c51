import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guildhall.science.errors import Malformed
from guildhall.science.marking import micro
from guildhall.science.published import assess, assess_file, compute, parse
from guildhall.science.round_file import canonical
from guildhall.science.simulation import invented_round

ROOT = Path(__file__).parents[2]


def test_a_file_computes_to_the_same_text_whatever_the_order_it_was_written_in(file: dict[str, Any]) -> None:
    outcome = assess(json.dumps(file))
    for rows in ("units", "reviews", "panel_marks", "assessors"):
        file[rows].reverse()

    assert assess(json.dumps(file)) == outcome
    assert assess(parse(file).to_json()) == outcome


def test_the_canonical_text_is_its_own_image(file: dict[str, Any]) -> None:
    text = parse(file).to_json()

    assert parse(text).to_json() == text
    assert canonical(json.loads(text)) == text


def test_the_fund_is_spent_to_the_fen(file: dict[str, Any]) -> None:
    found = json.loads(assess(json.dumps(file)))

    assert sum(unit["sum"] for unit in found["units"]) == found["paid"] == found["planned"] == found["fund"]
    for level in (*found["tiers"], *found["grades"]):
        assert sum(level["by_group"].values()) == level["seats"] == level["seated"]


def test_final_scores_add_up_in_decimals(file: dict[str, Any]) -> None:
    file["units"][0]["bonus"] = "3.5"
    for unit in json.loads(assess(json.dumps(file)))["units"]:
        parts = (4, unit["computed"]), (3, unit["panel"]), (3, unit["merit"]), (10, unit["bonus"])
        total = sum(weight * micro(score) for weight, score in parts)
        assert micro(unit["final"].split(".")[0]) * 10 <= total
        whole, _, part = unit["final"].partition(".")
        assert int(whole) * 10**12 + int(part.ljust(12, "0")) == total * 10**5


@pytest.mark.parametrize("panel", ["none", "given", "calibrated"])
def test_each_kind_of_panel(panel: str) -> None:
    result = compute(parse(invented_round(30, reviews_each=4, panel=panel)))

    assert (result.panel_view is not None) == (panel == "calibrated")
    assert (result.panel > 0).all() == (panel != "none")


def test_reports_of_a_group_never_reach_its_units_through_the_file(file: dict[str, Any]) -> None:
    """Every report of one group withheld: its rows stay as they were, the others' do not."""
    before = json.loads(assess(json.dumps(file)))["units"]
    group = {row["id"]: row["group"] for row in file["assessors"]}
    file["reviews"] = [row for row in file["reviews"] if group[row["assessor"]] != "G2"]
    after = json.loads(assess(json.dumps(file)))["units"]

    assert [row for row in after if row["group"] == "G2"] == [row for row in before if row["group"] == "G2"]
    assert after != before


def test_a_withdrawn_unit_has_no_rank_and_its_seat_goes_to_the_next(file: dict[str, Any]) -> None:
    best = next(row["number"] for row in json.loads(assess(json.dumps(file)))["units"] if row["rank"] == 1)
    file["withdrawn"] = [best]
    found = json.loads(assess(json.dumps(file)))
    row = found["units"][best - 1]

    assert (row["rank"], row["tier"], row["grade"], row["sum"], row["interval"]) == (None, None, None, 0, None)
    assert found["paid"] == found["planned"]


def test_a_flat_sheet_is_set_aside_and_says_so(file: dict[str, Any]) -> None:
    flat = file["reviews"][0]["assessor"]
    for row in file["reviews"]:
        row["score"] = "75" if row["assessor"] == flat else row["score"]

    found = {row["id"]: row for row in json.loads(assess(json.dumps(file)))["assessors"]}

    assert (found[flat]["set_aside"], found[flat]["severity"]) == (True, {})
    assert sum(row["set_aside"] for row in found.values()) == 1


def test_two_groups_without_transfers(file: dict[str, Any]) -> None:
    found = json.loads(assess(json.dumps(invented_round(40, reviews_each=4, groups=2))))

    assert all(not tier["moved"] for tier in found["tiers"])
    assert found["paid"] == found["planned"]


def set_at(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Sets the value at the end of a path."""
    *way, last, value = path

    def change(file: Any) -> None:
        for step in way:
            file = file[step]
        file[last] = value

    return change


def own_group(file: dict[str, Any]) -> None:
    group = {row["id"]: row["group"] for row in file["assessors"]}
    file["units"][file["reviews"][0]["unit"] - 1]["group"] = group[file["reviews"][0]["assessor"]]


BROKEN: list[tuple[Callable[[dict[str, Any]], Any], str, str]] = [
    (lambda file: file.pop("fund"), "", "lacks fund"),
    (set_at("names", []), "", "has unknown fields names"),
    (set_at("format", "guildhall-round/2"), "format", "must be one of guildhall-round/1"),
    (set_at("weights", "peers", "0.31"), "weights", "the three weights do not sum to 1"),
    (set_at("parameters", "delta", "0"), "parameters.delta", "must be above 0"),
    (set_at("parameters", "robust", 1), "parameters.robust", "must be true or false"),
    (set_at("parameters", "passes", True), "parameters.passes", "must be an integer"),
    (set_at("fund", -1), "fund", "-1 is outside 0 to 9007199254740992"),
    (set_at("tiers", 0, "seats", 99), "tiers", "seats for 60 units"),
    (set_at("tiers", 0, "sum", 3_000_000), "tiers", "more than the fund"),
    (set_at("grades", 0, "seats", 60), "grades", "more seats than units"),
    (set_at("groups", 1, "lot", 1), "groups", "lot 1 stands twice"),
    (set_at("units", 3, "lot", "7"), "units[3].lot", "must be an integer"),
    (set_at("units", 3, "number", 1), "units", "number 1 stands twice"),
    (set_at("units", 3, "computed", 81.5), "units[3].computed", "must be a decimal written as text"),
    (set_at("units", 3, "computed", "100.000001"), "units[3].computed", "is above 100"),
    (set_at("units", 3, "group", "G9"), "units[3].group", "must be one of G1, G2, G3"),
    (set_at("units", 3, "panel", "80"), "units[3].panel", "must be null where the panel is calibrated"),
    (set_at("panel", "given"), "units[0].panel", "must be a decimal written as text"),
    (set_at("withdrawn", [61]), "withdrawn[0]", "no unit has the number 61"),
    (set_at("reviews", 5, "score", "-1"), "reviews[5].score", "is not a plain decimal"),
    (set_at("reviews", 5, "unit", 99), "reviews[5].unit", "no unit has the number 99"),
    (set_at("reviews", 5, "assessor", "x"), "reviews[5].assessor", "'x' is not among the assessors"),
    (set_at("reviews", 5, "assessor", ["x"]), "reviews[5].assessor", "must be a text that is not empty"),
    (lambda file: file["reviews"].append(file["reviews"][0]), "reviews", "twice"),
    (own_group, "reviews", "of its own group"),
    (set_at("assessors", 1, "id", ""), "assessors[1].id", "must be a text that is not empty"),
    (set_at("units", {}), "units", "must be a list"),
    (set_at("units", 0, 5), "units[0]", "must be an object"),
]


@pytest.mark.parametrize(("broken", "path", "cause"), BROKEN)
def test_a_broken_file_is_refused_with_place_and_cause(
    file: dict[str, Any], broken: Callable[[dict[str, Any]], Any], path: str, cause: str
) -> None:
    broken(file)
    with pytest.raises(Malformed) as refused:
        parse(json.dumps(file))

    assert refused.value.path == path
    assert cause in refused.value.cause


@pytest.mark.parametrize("text", ["", "{", '{"fund": 1, "fund": 2}', "[" * 100_000, b"\xff"])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(Malformed, match="is not JSON"):
        parse(text)


def test_lists_of_units_and_reviews_may_be_of_any_length(file: dict[str, Any]) -> None:
    file["reviews"] = []

    found = json.loads(assess(json.dumps(file)))

    assert found["paid"] == found["planned"]
    assert {unit["merit"] for unit in found["units"]} == {"0"}


def test_the_documented_example_computes_to_the_documented_outcome(tmp_path: Path) -> None:
    blocks = (ROOT / "docs/published-file.md").read_text(encoding="utf-8").split("```json\n")[1:]
    example, outcome = (block.split("```")[0] for block in blocks)
    path = tmp_path / "round.json"
    path.write_text(example, encoding="utf-8")

    assert json.loads(assess_file(path)) == json.loads(outcome)

from typing import Any

from guildhall.science.published import analyse, compute, parse


def test_a_wild_review_is_flagged_and_a_harsh_assessor_stands_out(file: dict[str, Any]) -> None:
    harsh, wild = file["assessors"][0]["id"], file["reviews"][200]
    before = next(row for row in analyse(compute(parse(file))).severities if row.assessor == harsh)
    for row in file["reviews"]:
        if row["assessor"] == harsh:
            row["score"] = str(max(0, int(row["score"]) - 25))
    wild["score"] = "0"

    found = analyse(compute(parse(file)))

    assert (found.flags[0].assessor, found.flags[0].unit) == (wild["assessor"], wild["unit"])
    assert found.flags[0].times_sigma < -3
    severity = {row.assessor: row for row in found.severities}[harsh]
    assert severity.points is not None
    assert before.points is not None
    assert severity.low is not None
    assert severity.high is not None
    assert severity.points - before.points > 15
    assert severity.low < severity.points < severity.high


def test_distributions_count_every_score_given(file: dict[str, Any]) -> None:
    found = analyse(compute(parse(file)))

    assert sum(sum(group.histogram) for group in found.distributions) == len(file["reviews"])
    assert all(list(group.final_quartiles) == sorted(group.final_quartiles) for group in found.distributions)
    assert found.agreement.reliability is not None
    assert 0.8 < found.agreement.reliability < 1
    assert found.agreement.with_panel is not None
    assert found.agreement.with_panel > 0.5


def test_units_with_few_reviews_are_named(file: dict[str, Any]) -> None:
    dropped = [row for row in file["reviews"] if row["unit"] == 9][:3]
    file["reviews"] = [row for row in file["reviews"] if row not in dropped]

    assert analyse(compute(parse(file))).few_reviews == (9,)


def test_a_round_nobody_scored_is_analysed_too(file: dict[str, Any]) -> None:
    file["reviews"] = []
    found = analyse(compute(parse(file)))

    assert found.flags == ()
    assert len(found.few_reviews) == 60

"""What nobody may learn: a unit who reviewed it, and anyone outside a result before its release."""

from uuid import uuid4

import pytest
from django.urls import reverse

from guildhall.foundation.programmes.moves import rounds
from guildhall.foundation.screens import formats, panels, todo
from guildhall.reform.assessment.models import Result, Review, Sheet
from guildhall.reform.assessment.moves import scoring as marking
from tests.reform.assessment.town import mark

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"assessment:{name}", args=args)


def everything(client, town, user):
    """Every address of the assessment with this round's own ids, as this person reads it."""
    pk, seen = town.round.pk, {}
    for name in ("declarations", "conflicts", "conflict_list", "derived", "drawing", "groups", "progress", "freezing", "analysis",
                 "results", "sealed", "public", "file", "outcome"):  # fmt: skip
        for query in ("", "?export=xlsx", "?q=青岩", "?sort=-final", "?state=submitted"):
            response = client.get(url(name, pk) + query)
            seen[name + query] = b"".join(response) if response.streaming else response.content
    for result in Result.objects.all():
        seen[f"result{result.pk}"] = client.get(url("result", pk, result.pk)).content
    for sheet in Sheet.objects.all():
        for name in ("sheet", "check"):
            seen[f"{name}{sheet.pk}"] = client.get(url(name, sheet.pk)).content
    seen["workbench"] = client.get(reverse("web:workbench")).content
    return seen


def test_before_the_release_no_page_count_search_or_export_tells_a_result(computed, as_user):
    secrets = [formats.score(result.final, 2).encode() for result in Result.objects.all()]
    secrets += [computed.step.file_digest.encode(), computed.step.outcome_digest.encode(), b"gh-answer"]
    for who in ("主席0", "互评人0", "替补0", "专家0", "区干部", "财务", "审计", "沈怀山"):
        user = computed.who(who)
        for name, content in everything(as_user(user), computed, user).items():
            for secret in secrets:
                assert secret not in content, (who, name)
        assert not Result.objects.visible_to(user).exists()


def test_the_leader_sees_results_once_they_are_put_before_him_and_units_only_after_the_release(computed, as_user):
    pk = computed.round.pk
    leader, chair = computed.who("沈怀山"), computed.unit_officer(0)
    own = Result.objects.get(application__unit=computed.units[0])
    assert as_user(leader).get(url("results", pk)).status_code == 404
    rounds.propose_result(pk, by=computed.officer, key=uuid4())
    assert "找到 12 家" in as_user(leader).get(url("results", pk)).text
    assert as_user(leader).get(url("analysis", pk)).status_code == 200
    rounds.decide(pk, by=leader, key=uuid4())
    assert as_user(chair).get(url("result", pk, own.pk)).status_code == 404
    rounds.release(pk, by=computed.officer, key=uuid4())
    assert as_user(chair).get(url("result", pk, own.pk)).status_code == 200
    foreign = Result.objects.get(application__unit=computed.units[5])
    assert as_user(chair).get(url("result", pk, foreign.pk)).status_code == 404
    assert "找到 1 家" in as_user(chair).get(url("results", pk)).text
    assert "找到 2 家" in as_user(computed.who("区干部")).get(url("results", pk)).text


def test_no_page_tells_a_unit_who_reviewed_it_or_when(released, as_user):
    """The officer of a unit, after the release: no assessor's name, id or time stands on any page it may open."""
    chair = released.unit_officer(0)
    reviewers = Review.objects.filter(entrant=released.entrant(0)).select_related(
        "sheet__entrant__application__unit", "sheet__expert__person"
    )
    hidden = set()
    for review in reviewers:
        hidden.add(review.sheet.whose.encode())
    hidden |= {sheet.public_id.encode() for sheet in Sheet.objects.all()}
    # A unit picks from all names where it declares; what is computed is published with the assessors' random ids.
    public = ("declarations", "file", "outcome")
    for name, content in everything(as_user(chair), released, chair).items():
        if name.partition("?")[0] not in public:
            assert not [secret for secret in hidden if secret in content], name


def test_reviews_on_a_units_page_stand_in_the_order_of_their_scores(released, as_user):
    result = Result.objects.get(application__unit=released.units[0])
    response = as_user(released.unit_officer(0)).get(url("result", released.round.pk, result.pk))
    given = [float(line["given"]) for line in response.context["argued"].reviews]
    assert given == sorted(given)


def test_the_officer_sees_no_score_and_no_pair_while_scoring_runs(scoring, as_user):
    mark(scoring, scoring.sheet(0))
    marking.submit(scoring.sheet(0).pk, by=scoring.assessor(0), key=uuid4())
    officer = as_user(scoring.officer)
    for sheet in Sheet.objects.all():
        assert officer.get(url("sheet", sheet.pk)).status_code == 404
    assert officer.get(url("analysis", scoring.round.pk)).status_code == 409
    first = officer.get(url("progress", scoring.round.pk)).content
    public_ids = [sheet.public_id.encode() for sheet in Sheet.objects.all()]
    assert not any(one in first for one in public_ids)


def test_forged_ids_are_404_and_write_nothing(scoring, as_user):
    own, foreign = scoring.sheet(0), scoring.sheet(5)
    review = foreign.reviews.first()
    by = as_user(scoring.assessor(0))
    body = {"item": "talks", "value": "10", "reason": "够长的理由够长的理由", "version": "0", "key": str(uuid4())}
    for path in (url("save", foreign.pk, review.pk), url("save", own.pk, review.pk), url("keep", foreign.pk, review.pk),
                 url("submit", foreign.pk), url("save", 10**9, review.pk), url("answer", 10**9), url("unpin", 10**9)):  # fmt: skip
        assert by.post(path, body).status_code == 404, path
    for name in ("draw", "recall", "start", "remind", "absent", "lock", "compute", "pin"):
        assert by.post(url(name, scoring.round.pk), body).status_code == 404
        assert as_user(scoring.unit_officer(0)).post(url(name, scoring.round.pk), body).status_code == 403
    assert not Review.objects.filter(version__gt=0).exists()
    assert not Sheet.objects.filter(state="submitted").exists()


def test_the_workbench_tells_each_what_waits(scoring, as_user):
    def titles(user):
        return [str(one.title) for one in todo.waiting(user)]

    assert "互评还差 3 家" in titles(scoring.assessor(0))
    assert any("专家评分还差" in title for title in titles(scoring.who("专家0")))
    assert any(title.startswith("看评分进度") for title in titles(scoring.officer))
    panel = next(one for one in panels.panels(scoring.officer) if one.progress)
    assert (panel.progress.done, panel.progress.total) == (0, 16)

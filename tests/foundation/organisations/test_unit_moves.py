"""Units and unions: registered, renamed, merged, closed, moved; and what is refused."""

from uuid import uuid4

import pytest
from django.db import connection, transaction

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, KeyReused, NoRight, NotHere
from guildhall.foundation.organisations import moves
from guildhall.foundation.organisations.models import FormerUnit, Union, Unit
from guildhall.foundation.organisations.rules.offices import WrongParent
from guildhall.foundation.organisations.rules.units import (
    BadCode,
    CodeTaken,
    IntoItself,
    NameTaken,
    NotGoingOn,
    NothingChanged,
    TooManyWorkers,
)
from guildhall.foundation.records.models import Decision
from tests.city import code

BY_TREE = """
WITH RECURSIVE tree(id, path) AS (
    SELECT id, ARRAY[id] FROM organisations_union WHERE parent_id IS NULL
    UNION ALL SELECT one.id, path || one.id FROM organisations_union one JOIN tree ON one.parent_id = tree.id
) SELECT id, path FROM tree
"""


def lineages() -> dict[int, list[int]]:
    return dict(Union.objects.values_list("pk", "lineage"))


def by_recursion() -> dict[int, list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(BY_TREE)
        return dict(cursor.fetchall())


def register(city, by=None, key=None, **changes):
    facts = {
        "name": "德盛印务", "code": code(90), "kind": "enterprise", "ownership": "private", "trade": "印刷",
        "headcount": 50, "workers": 20, "above": city.kundulun, "district": city.kundulun,
    }  # fmt: skip
    return moves.register_unit(**{**facts, **changes}, by=by or city.officer, key=key or uuid4())


def test_a_unit_comes_with_its_union(city):
    unit = register(city)
    assert (unit.union.name, unit.union.kind) == ("德盛印务工会", "grassroots")
    assert unit.union.lineage == [city.federation.pk, city.kundulun.pk, unit.union.pk]
    assert Unit.objects.visible_to(city.district).filter(pk=unit.pk).exists()
    assert not Unit.objects.visible_to(city.next_district).filter(pk=unit.pk).exists()


def test_every_lineage_is_the_way_up(city):
    assert lineages() == by_recursion()


def test_each_act_is_in_the_chain(city):
    before = Decision.objects.count()
    unit = register(city)
    entry = Decision.objects.order_by("-pk").first()
    assert Decision.objects.count() == before + 1
    assert (entry.act, entry.subject, entry.actor) == ("unit.register", f"unit:{unit.pk}", city.officer)


def test_the_same_submission_twice_makes_one_unit(city):
    key = uuid4()
    assert register(city, key=key) == register(city, key=key)
    assert Unit.objects.count() == 13
    with pytest.raises(KeyReused):
        register(city, key=key, headcount=51)


@pytest.mark.parametrize(("changes", "refusal"), [
    ({"code": "91150203MA0000001"}, BadCode),
    ({"code": "911502030000000910"}, BadCode),
    ({"code": code(1)}, CodeTaken),
    ({"name": "云鹿稀土永磁"}, NameTaken),
    ({"workers": 51}, TooManyWorkers),
])  # fmt: skip
def test_what_cannot_be_registered(city, changes, refusal):
    with pytest.raises(refusal), transaction.atomic():
        register(city, **changes)
    assert Unit.objects.count() == 12


def test_under_a_grassroots_union_stands_nothing(city):
    with pytest.raises(WrongParent), transaction.atomic():
        register(city, above=city.unit.union)
    with pytest.raises(NotHere), transaction.atomic():
        register(city, district=city.industry)


@pytest.mark.parametrize("who", ["leader", "finance", "auditor", "district", "unit_officer", "assessor", "expert"])
def test_only_federation_officers_manage_units(city, who):
    by = city.who(who)
    sees = Union.objects.visible_to(by).filter(pk=city.kundulun.pk).exists()
    with pytest.raises(NoRight if sees else NotHere), transaction.atomic():
        register(city, by=by)
    for act in (moves.close_unit, moves.rename_unit):
        extra = {"name": "新", "code": code(80)} if act is moves.rename_unit else {}
        with pytest.raises((NoRight, NotHere)), transaction.atomic():
            act(city.unit.pk, **extra, reason="文", by=by, key=uuid4())
    assert Unit.objects.count() == 12
    assert not FormerUnit.objects.exists()


def test_a_new_name_leaves_the_old_one_beside_it(city):
    old = city.unit.code
    unit = moves.rename_unit(
        city.unit.pk, name="云鹿磁材", code=code(91), reason="登记通知 118", by=city.officer, key=uuid4()
    )
    former = unit.former.get()
    assert (unit.name, unit.code, unit.union.name) == ("云鹿磁材", code(91), "云鹿磁材工会")
    assert (former.name, former.code, former.until, former.reason) == (
        city.unit.name,
        old,
        clock.today(),
        "登记通知 118",
    )
    with pytest.raises(CodeTaken):  # The old code stays this unit's.
        register(city, code=old)


def test_a_new_name_needs_a_reason_a_change_and_to_be_free(city):
    ask = {"by": city.officer, "key": uuid4()}
    with pytest.raises(BadInput), transaction.atomic():
        moves.rename_unit(city.unit.pk, name="甲", code=city.unit.code, reason=" ", **ask)
    with pytest.raises(NothingChanged), transaction.atomic():
        moves.rename_unit(city.unit.pk, name=city.unit.name, code=city.unit.code, reason="文", **ask)
    with pytest.raises(NameTaken), transaction.atomic():
        moves.rename_unit(city.unit.pk, name=city.units[1].name, code=city.unit.code, reason="文", **ask)
    assert not FormerUnit.objects.exists()


def test_a_merged_unit_stands_behind_the_other(city):
    moves.change_unit(city.units[2].pk, parent_company=city.unit, headcount=1, workers=0, by=city.officer, key=uuid4())
    stays = moves.merge_unit(city.unit.pk, into=city.next_unit.pk, reason="批复 7", by=city.officer, key=uuid4())
    gone = Unit.objects.get(pk=city.unit.pk)
    assert stays == city.next_unit
    assert (gone.state, stays.former.get().predecessor) == ("merged", gone)
    assert Unit.objects.get(pk=city.units[2].pk).parent_company == stays
    offices = list(gone.union.appointments.all())
    assert offices
    assert all(office.ends == clock.today() for office in offices)
    for act in ({"into": stays.pk}, None):
        with pytest.raises(NotGoingOn), transaction.atomic():
            if act:
                moves.merge_unit(gone.pk, **act, reason="文", by=city.officer, key=uuid4())
            else:
                moves.close_unit(gone.pk, reason="文", by=city.officer, key=uuid4())


def test_a_unit_is_not_merged_into_itself_nor_its_own_grandparent(city):
    with pytest.raises(IntoItself), transaction.atomic():
        moves.merge_unit(city.unit.pk, into=city.unit.pk, reason="文", by=city.officer, key=uuid4())
    child = moves.change_unit(city.units[1].pk, parent_company=city.unit, by=city.officer, key=uuid4())
    with pytest.raises(IntoItself), transaction.atomic():
        moves.change_unit(city.unit.pk, parent_company=child, by=city.officer, key=uuid4())


def test_a_closed_unit_ends_its_offices(city):
    moves.close_unit(city.unit.pk, reason="注销", by=city.officer, key=uuid4())
    assert Unit.objects.get(pk=city.unit.pk).state == "closed"
    assert not city.unit.union.appointments.filter(ends=None).exists()
    assert city.next_unit.union.appointments.filter(ends=None).exists()


def test_a_subtree_moves_in_one_statement(city, django_assert_num_queries):
    from guildhall.foundation.organisations.moves.unions import _rewrite

    moves.move_union(city.unit.union_id, to=city.jiuyuan, by=city.officer, key=uuid4())
    assert lineages() == by_recursion()
    assert Unit.objects.visible_to(city.next_district).filter(pk=city.unit.pk).exists()
    assert not Unit.objects.visible_to(city.district).filter(pk=city.unit.pk).exists()
    with django_assert_num_queries(1):
        _rewrite(city.jiuyuan, [city.federation.pk])
    assert lineages() == by_recursion()


def test_a_deep_tree_follows(city):
    """Six levels of unions, moved by their top: what the rules of three levels never need, the statement still holds."""
    above = city.unit.union
    for depth in range(4):
        above = Union.objects.create(name=f"第{depth}级", short=str(depth), kind="grassroots", parent=above)
        above.lineage = [*above.parent.lineage, above.pk]
        above.save()
    moves.move_union(city.unit.union_id, to=city.industry, by=city.officer, key=uuid4())
    assert lineages() == by_recursion()
    assert len(lineages()[above.pk]) == 7


def test_a_union_is_not_moved_below_itself_or_where_none_stands(city):
    for pk, to, refusal in (
        (city.kundulun.pk, city.unit.union, IntoItself),
        (city.kundulun.pk, city.jiuyuan, WrongParent),
        (city.unit.union_id, city.next_unit.union, WrongParent),
    ):
        with pytest.raises(refusal), transaction.atomic():
            moves.move_union(pk, to=to, by=city.officer, key=uuid4())
    assert lineages() == by_recursion()


def test_a_second_federation_is_not_founded(city):
    from django.db import IntegrityError

    with pytest.raises(IntegrityError, match="union_one_federation"), transaction.atomic():
        moves.found_federation(name="二", short="二", officer="甲", username="x", password="y", key=uuid4())


def test_no_ring_of_companies_comes_of_merging_a_parent_into_its_grandchild(city):
    for child, parent in ((city.units[1], city.unit), (city.units[2], city.units[1])):
        moves.change_unit(child.pk, parent_company=parent, by=city.officer, key=uuid4())
    moves.merge_unit(city.unit.pk, into=city.units[2].pk, reason="批复 7", by=city.officer, key=uuid4())

    parents = dict(Unit.objects.filter(pk__in=[city.units[1].pk, city.units[2].pk]).values_list("pk", "parent_company"))
    assert parents == {city.units[1].pk: city.units[2].pk, city.units[2].pk: None}

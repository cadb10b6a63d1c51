"""Accounts, offices and scorers."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from guildhall.foundation import clock
from guildhall.foundation.errors import KeyReused, NoRight, NotHere
from guildhall.foundation.organisations import moves
from guildhall.foundation.organisations.models import Appointment, Person, User
from guildhall.foundation.organisations.moves import people
from guildhall.foundation.organisations.rules.offices import (
    AuditorAlone,
    ByOneself,
    DatesCross,
    OfficeElsewhere,
    OfficeTwice,
    ResetElsewhere,
    SamePerson,
    SeatTaken,
    StandsInForNobody,
    UsernameTaken,
    overlap,
)
from guildhall.foundation.organisations.states import Right, Role
from guildhall.foundation.records.models import Decision
from tests.city import PASSWORD

SINCE = date(2024, 1, 1)


def account(city, **facts):
    user, _ = moves.open_account(**{"name": "新人", **facts}, by=city.officer, key=uuid4())
    return user


def appoint(city, user, union, role, by=None, **facts):
    with transaction.atomic():
        return moves.appoint(user, union, role, **{"starts": SINCE, **facts}, by=by or city.officer, key=uuid4())


def test_an_account_opens_with_a_password_that_is_told_once(city):
    key = uuid4()
    user, password = moves.open_account(name="新人", by=city.officer, key=key)
    again, nothing = moves.open_account(name="新人", by=city.officer, key=key)
    assert user.check_password(password)
    assert len(password) == 14
    assert (again, nothing) == (user, "")
    assert user.offices == []
    with pytest.raises(UsernameTaken):
        account(city, username="officer")


def test_numbers_are_sealed_in_the_database_and_absent_from_the_record(city):
    user = account(city, phone="13912345678", email="new@example.cn")
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, email FROM organisations_person WHERE id = %s", [user.person_id])
        assert all(text.startswith("s1:") for text in cursor.fetchone())
        cursor.execute("SELECT body::text FROM records_content ORDER BY decision_id DESC LIMIT 1")
        assert "13912345678" not in cursor.fetchone()[0]
    assert Person.objects.get(pk=user.person_id).phone == "13912345678"


@pytest.mark.parametrize(("role", "place"), [
    ("leader", "kundulun"), ("district_officer", "federation"), ("district_officer", "industry"),
    ("industry_officer", "jiuyuan"), ("auditor", "kundulun"), ("unit_officer", "kundulun"), ("expert", "jiuyuan"),
])  # fmt: skip
def test_an_office_sits_where_there_is_such_an_office(city, role, place):
    with pytest.raises(OfficeElsewhere):
        appoint(city, account(city), getattr(city, place), role)


def test_a_unit_that_is_closed_has_no_officer(city):
    moves.close_unit(city.unit.pk, reason="注销", by=city.officer, key=uuid4())
    with pytest.raises(OfficeElsewhere):
        appoint(city, account(city), city.unit.union, "unit_officer")


def test_an_auditor_holds_no_other_office_at_the_time(city):
    with pytest.raises(AuditorAlone):
        appoint(city, city.auditor, city.federation, "expert")
    with pytest.raises(AuditorAlone):
        appoint(city, city.finance, city.federation, "auditor")
    office = city.auditor.appointments.get()
    moves.end_appointment(office.pk, on=date(2024, 6, 30), by=city.officer, key=uuid4())
    assert appoint(city, city.auditor, city.federation, "expert", starts=date(2024, 7, 1)).pk


def test_the_same_office_twice_crossing_dates_and_oneself(city):
    with pytest.raises(OfficeTwice):
        appoint(city, city.finance, city.federation, "finance_officer", starts=date(2025, 1, 1))
    with pytest.raises(DatesCross):
        appoint(city, account(city), city.federation, "leader", ends=date(2023, 1, 1))
    with pytest.raises(ByOneself):
        appoint(city, city.officer, city.federation, "leader")


def test_a_stand_in_stands_in_for_the_same_office_of_another(city):
    leader = city.leader.appointments.get()
    assert city.stand_in.appointments.get().stands_in_for == leader
    assert city.stand_in.may(Right.APPROVE_MONEY)
    user = account(city)
    wrong = ({"stands_in_for": leader}, {"stands_in_for": city.finance.appointments.get(), "ends": date(2026, 1, 1)})
    for facts in wrong:
        with pytest.raises(StandsInForNobody):
            appoint(city, user, city.federation, "leader", **facts)
    assert not user.appointments.exists()


def test_only_federation_officers_appoint(city):
    for by in (city.leader, city.district, city.unit_officer, city.auditor):
        with pytest.raises((NoRight, NotHere)):
            appoint(city, city.expert, city.unit.union, "unit_officer", by=by)
        with pytest.raises(NoRight), transaction.atomic():
            moves.open_account(name="私", by=by, key=uuid4())


def test_an_office_gives_its_right_to_its_last_day(city):
    office = city.district.appointments.get()
    moves.end_appointment(office.pk, on=clock.today() - timedelta(days=1), by=city.officer, key=uuid4())
    fresh = User.objects.get(pk=city.district.pk)
    assert fresh.offices == []
    assert fresh.unions_with(Right.READ_UNITS) == []


def name(city, by, unit, role=Role.ASSESSOR, who="丁一", phone="13800000001", key=None):
    with transaction.atomic():
        return moves.name_scorer(unit.pk, role, name=who, phone=phone, by=by, key=key or uuid4())


def test_a_unit_names_its_assessor_and_the_one_before_ends_yesterday(city):
    Appointment.objects.filter(union=city.unit.union_id, role="assessor").update(starts=SINCE)
    named = name(city, city.unit_officer, city.unit)
    held = Appointment.objects.filter(union=city.unit.union_id, role="assessor").order_by("starts")
    assert [(one.user, one.ends) for one in held] == [
        (city.assessor, clock.today() - timedelta(days=1)), (named.user, None),
    ]  # fmt: skip
    assert named.user.check_password(named.password)
    assert named.user.unions_with(Right.SCORE) == [city.unit.union_id]
    assert User.objects.get(pk=city.assessor.pk).unions_with(Right.SCORE) == []


def test_one_named_today_by_mistake_is_replaced_and_the_same_submission_tells_no_password(city):
    key = uuid4()
    first = name(city, city.unit_officer, city.unit, key=key)
    assert name(city, city.unit_officer, city.unit, key=key) == (first.appointment, first.user, "")
    second = name(city, city.unit_officer, city.unit, who="丁二", phone="13800000002")
    assert Appointment.objects.get(union=city.unit.union_id, role="assessor").user == second.user


def test_the_deputy_is_another_person_and_an_account_is_used_again(city):
    first = name(city, city.unit_officer, city.unit)
    with pytest.raises(SamePerson):
        name(city, city.unit_officer, city.unit, role=Role.DEPUTY)
    name(city, city.unit_officer, city.unit, who="丁二", phone="13800000002")
    moved = name(city, city.unit_officer, city.unit, role=Role.DEPUTY)
    assert (moved.user, moved.password) == (first.user, "")


@pytest.mark.parametrize("who", ["next_unit_officer", "district", "officer", "leader", "assessor", "auditor", "expert"])
def test_nobody_else_names_it(city, who):
    before = Person.objects.count()
    with pytest.raises(NotHere):
        name(city, city.who(who), city.unit)
    assert Person.objects.count() == before


def test_two_at_a_time_are_refused_by_the_database(city):
    with pytest.raises(SeatTaken):
        appoint(city, account(city), city.unit.union, "assessor", starts=clock.today())


def test_passwords_are_reset_by_whom_it_concerns(city):
    assert User.objects.get(pk=city.assessor.pk).check_password("tram-lamp-42")
    fresh = moves.reset_password(city.assessor.pk, by=city.unit_officer, key=uuid4())
    assert User.objects.get(pk=city.assessor.pk).check_password(fresh)
    moves.reset_password(city.district.pk, by=city.officer, key=uuid4())
    for by, whose in (
        (city.next_unit_officer, city.assessor), (city.unit_officer, city.leader), (city.district, city.unit_officer),
        (city.unit_officer, city.next_assessor), (city.leader, city.officer),
    ):  # fmt: skip
        with pytest.raises(NotHere), transaction.atomic():
            moves.reset_password(whose.pk, by=by, key=uuid4())


def test_a_reset_is_in_the_chain_who_whose_when(city):
    moves.reset_password(city.district.pk, by=city.officer, key=uuid4())
    entry = Decision.objects.order_by("-pk").first()
    assert (entry.act, entry.subject, entry.actor) == ("account.reset", f"user:{city.district.pk}", city.officer)


@pytest.mark.parametrize(("one", "other", "share"), [
    ((1, 5), (5, 9), True), ((1, 5), (6, 9), False), ((1, None), (9, None), True), ((5, None), (1, 4), False),
])  # fmt: skip
def test_periods_share_their_ends(one, other, share):
    def days(pair):
        return date(2024, 1, pair[0]), pair[1] and date(2024, 1, pair[1])

    assert overlap(*days(one), *days(other)) is share
    assert overlap(*days(other), *days(one)) is share


@pytest.mark.parametrize("who", ["leader", "stand_in", "finance", "auditor"])
def test_no_officer_resets_who_approves_pays_or_audits(city, who):
    user = city.who(who)

    with pytest.raises(ResetElsewhere):
        moves.reset_password(user.pk, by=city.second_officer, key=uuid4())

    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_the_machine_resets_anybody_and_records_it(city):
    password = people.reset_on_the_machine("leader")

    assert User.objects.get(username="leader").check_password(password)
    assert Decision.objects.filter(act="account.reset", subject=f"user:{city.leader.pk}").exists()


def test_nobody_prolongs_the_own_office(city):
    office = city.officer.appointments.get()
    Appointment.objects.filter(pk=office.pk).update(ends=clock.today())
    with pytest.raises(ByOneself):
        moves.end_appointment(office.pk, on=clock.today() + timedelta(days=300), by=city.officer, key=uuid4())


def test_an_office_prolonged_into_another_is_checked_as_a_new_one(city):
    office = city.auditor.appointments.get()
    moves.end_appointment(office.pk, on=date(2024, 6, 30), by=city.officer, key=uuid4())
    appoint(city, city.auditor, city.federation, "expert", starts=date(2024, 7, 1))
    with pytest.raises(AuditorAlone):
        moves.end_appointment(office.pk, on=date(2025, 6, 30), by=city.officer, key=uuid4())
    assert city.auditor.appointments.get(role="auditor").ends == date(2024, 6, 30)


def test_another_number_under_a_used_key_is_refused_and_not_lost_in_silence(city):
    user, key = account(city, phone="13900000001"), uuid4()
    facts = {"name": "新人", "email": "", "by": city.officer, "key": key}
    moves.change_person(user.pk, phone="13900000002", **facts)
    moves.change_person(user.pk, phone="13900000002", **facts)
    with pytest.raises(KeyReused), transaction.atomic():
        moves.change_person(user.pk, phone="13900000003", **facts)

    asked, once = {"name": "郝新", "by": city.unit_officer}, uuid4()
    moves.name_scorer(city.unit.pk, Role.DEPUTY, phone="13900000004", key=once, **asked)
    with pytest.raises(KeyReused), transaction.atomic():
        moves.name_scorer(city.unit.pk, Role.DEPUTY, phone="13900000005", key=once, **asked)

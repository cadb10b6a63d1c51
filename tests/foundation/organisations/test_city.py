"""The small city stands the same, whether it was built or laid out."""

from guildhall.foundation.organisations.models import Appointment, Unit, User
from tests import city as small


def shape(city):
    return (
        [unit.name for unit in Unit.objects.order_by("pk")],
        [user.username for user in User.objects.order_by("pk")],
        [(one.user.username, one.union_id, one.role) for one in Appointment.objects.select_related("user")],
        [user.username for user in city.assessors],
        city.unit_officer.person.phone,
    )


def test_laid_out_it_is_the_city_that_was_built(db):
    small.BUILT.clear()
    built = shape(small.build())
    User.objects.get(username="officer")
    assert len(built[0]) == 12


def test_it_is_built_once(city):
    before = shape(city)
    assert [unit.union.lineage[1] for unit in city.units[:5]] == [city.kundulun.pk] * 5
    assert len(before[1]) == 44


def test_and_laid_out_in_no_time(city):
    assert len(shape(city)[1]) == 44
    assert (
        Unit.objects.create(
            name="新", code="X", kind="park", trade="-", headcount=1, union=city.federation, district=city.kundulun
        ).pk
        > city.units[-1].pk
    )

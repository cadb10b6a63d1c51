"""One person in one office, for tests of the rooms below the city."""

from datetime import date

from guildhall.foundation.organisations.models import Appointment, Person, Union, User
from guildhall.foundation.organisations.states import Role, UnionKind


def federation() -> Union:
    """The union at the top."""
    union = Union.objects.filter(kind=UnionKind.FEDERATION).first()
    if union is None:
        union = Union.objects.create(name="包头市总工会", short="市总", kind=UnionKind.FEDERATION)
        union.lineage = [union.pk]
        union.save()
    return union


def holder(role: Role, at: Union | None = None) -> User:
    """A new user who holds `role`, at the federation unless another union is given."""
    person = Person.objects.create(name=f"{role.label}某")
    user = User.objects.create(username=f"{role}-{person.pk}", person=person)
    Appointment.objects.create(user=user, union=at or federation(), role=role, starts=date(2020, 1, 1))
    return user

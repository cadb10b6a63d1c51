"""Every move of an application tried by anybody, at any time, twice: against a model that knows the table alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guildhall.foundation import clock
from guildhall.foundation.errors import NoRight, NotHere, Refusal
from guildhall.foundation.organisations.models import Appointment, User
from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.moves import applications, applying, endorsing
from guildhall.foundation.programmes.states import AFTER, Move, State
from guildhall.foundation.records.models import Decision
from tests.foundation.programmes import calling

pytestmark = pytest.mark.django_db
LEVELS = [{"at": "district_or_industry", "days": 20}]
OUT_OF_SCOPE = {"next_unit", "next_district"}


def soon() -> date:
    return clock.today() + timedelta(days=3)


DO: dict[Move, Callable[..., Any]] = {
    Move.SUBMIT: applying.submit,
    Move.RECALL: applying.recall,
    Move.ENDORSE_LAST: lambda pk, **by: endorsing.endorse(pk, text="同意推荐", **by),
    Move.RETURN: lambda pk, **by: endorsing.send_back(pk, text="请补正名称", places=["project"], due_on=soon(), **by),
    Move.RESUBMIT: applying.resubmit,
    Move.DECLINE: lambda pk, **by: endorsing.decline(pk, text="今年不予推荐", **by),
    Move.ACCEPT: applications.accept,
    Move.REFUSE: lambda pk, **by: applications.refuse(pk, reason="材料与事实不符", clause="第三条", **by),
    Move.WITHDRAW: lambda pk, **by: applications.withdraw(pk, reason="企业已经停产", **by),
}


@dataclass
class Model:
    """What the table and the offices say, in a few lines."""

    state: State = State.DRAFT
    level: int = -1
    acted: bool = False
    done: dict[UUID, Move] = field(default_factory=dict)

    def may(self, move: Move, who: str) -> bool:
        """Whether this person's office is the one the move asks for now."""
        if move in (Move.ENDORSE_LAST, Move.DECLINE):
            return who == "district"
        if move == Move.RETURN:
            return who == ("officer" if self.state == State.CHECKING else "district")
        if move in (Move.ACCEPT, Move.REFUSE):
            return who == "officer"
        return who in (("unit", "officer") if move == Move.WITHDRAW else ("unit",))

    def leads(self, move: Move) -> State | None:
        """Where the move leads, or None where the table or what a level did forbids it."""
        if move == Move.RESUBMIT and self.level == -1:
            move = Move.RESUBMIT_LAST
        if move == Move.RECALL and self.acted:
            return None
        return AFTER.get((self.state, move))

    def moved(self, move: Move, to: State) -> None:
        """It was done."""
        if move == Move.SUBMIT:
            self.level = 0
        if move in (Move.ENDORSE_LAST, Move.RECALL):
            self.level = -1
        self.acted |= move in (Move.ENDORSE_LAST, Move.RETURN, Move.DECLINE)
        self.state = to


STEPS = st.lists(
    st.tuples(st.sampled_from(list(DO)), st.sampled_from(["unit", "unit", "district", "officer", "next_unit", "next_district", "leader"]),
              st.booleans()),
    min_size=1, max_size=14,
)  # fmt: skip


@pytest.fixture
def draft(city, tmp_path, forward):
    """A whole draft, and everybody by name."""
    Appointment.objects.update(starts=date(2024, 1, 1))
    forward(datetime(2024, 9, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai")))
    of = calling.called(city, tmp_path, levels=LEVELS)
    people = {
        "unit": city.unit_officer, "next_unit": city.next_unit_officer, "district": city.district,
        "next_district": city.next_district, "officer": city.second_officer, "leader": city.leader,
    }  # fmt: skip
    found = {name: User.objects.get(pk=user.pk) for name, user in people.items()}
    return applying.start(of.pk, city.unit.pk, calling.FACTS, by=found["unit"], key=uuid4()).pk, found


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_a_move_is_made_as_the_table_says_or_refused_with_nothing_written(draft, steps):
    pk, people = draft
    with transaction.atomic():
        model = Model()
        for move, who, again in steps:
            _try(pk, model, move, who, people[who])
            if again and model.done:
                _repeat(pk, model, people)
        transaction.set_rollback(True)


def _try(pk: int, model: Model, move: Move, who: str, by: User) -> None:
    target, written, key = model.leads(move), Decision.objects.count(), uuid4()
    if target is not None and model.may(move, who):
        DO[move](pk, by=by, key=key)
        model.moved(move, target)
        model.done[key] = move
        assert Decision.objects.count() > written
    else:
        refusal = (NotHere, NoRight) if who in OUT_OF_SCOPE or not model.may(move, who) else Refusal
        with pytest.raises(Refusal) as caught, transaction.atomic():
            DO[move](pk, by=by, key=key)
        if who in OUT_OF_SCOPE:
            assert isinstance(caught.value, refusal)
        assert Decision.objects.count() == written
    assert Application.objects.get(pk=pk).state == model.state


def _repeat(pk: int, model: Model, people: dict[str, User]) -> None:
    """The last move once more with its key: the same answer, and nothing written."""
    key, move = list(model.done.items())[-1]
    who = {Move.ENDORSE_LAST: "district", Move.DECLINE: "district", Move.ACCEPT: "officer", Move.REFUSE: "officer"}.get(
        move, "unit"
    )
    entry = Decision.objects.get(key=key)
    written = Decision.objects.count()
    by = User.objects.get(pk=entry.actor_id) if entry.actor_id else people[who]
    DO[move](pk, by=by, key=key)
    assert Decision.objects.count() == written
    assert Application.objects.get(pk=pk).state == model.state

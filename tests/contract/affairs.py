"""The small city with affairs in it: a round at each stage, payments at each stage, and a row that could leak in every list.

Led there by the house's own moves, in the demonstration's time of business, so that a notice can end.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings

from guildhall.foundation import clock
from guildhall.foundation.clock.models import SHANGHAI, forget
from guildhall.foundation.clock.moves import set_forward, start_demonstration
from guildhall.foundation.documents import moves as documents
from guildhall.foundation.documents.rendering import default_word
from guildhall.foundation.documents.states import DocumentKind
from guildhall.foundation.organisations.models import UnitFile, User
from guildhall.foundation.organisations.moves import check_file, put_sanction
from guildhall.foundation.programmes.models import (
    Clearance,
    ClearanceRequest,
    Evidence,
    Objection,
    Payout,
    Round,
)
from guildhall.foundation.programmes.moves import (
    applications,
    evidence,
    notices,
    objections,
    rounds,
)
from guildhall.foundation.programmes.moves.archive import ask_for_archive, make_archives
from guildhall.foundation.programmes.moves.clearances import SIGNER, digest_of_secret
from guildhall.foundation.programmes.moves.programmes import load_programme
from guildhall.reform.assessment.models import Conflict, Mark, Review, Session, Sheet, SignIn, Step
from guildhall.reform.assessment.moves import conflicts, drawing, freezing, meeting
from guildhall.reform.assessment.rules import Span
from tests.city import City, build
from tests.contract import calls, paying
from tests.contract.first_day import first_day
from tests.contract.stepped import stepwise
from tests.foundation.organisations.workbook import line, workbook
from tests.plugins.browser import session_of
from tests.reform.assessment import town as making

WHO = ("visitor", "unit", "unit'", "scorer", "scorer'", "deputy", "expert", "expert'",
       "district", "district'", "industry", "officer", "leader", "finance", "auditor")  # fmt: skip
"""The columns of the matrix. A prime is the same office one place over; the deputy is the scorer's."""
START = datetime(2024, 9, 10, 9, tzinfo=SHANGHAI)
PAID = datetime(2024, 11, 26, 9, tzinfo=SHANGHAI)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
DECLARED = "两家同属一个集团，存在关联。"
ISSUED = "昆都仑区推荐排序表"
TIERS = [
    {"name": {"zh": "头档", "en": "First"}, "seats": 4, "sum_fen": 2_000_000},
    {"name": {"zh": "次档", "en": "Second"}, "seats": 8, "sum_fen": 1_000_000},
]
STAGES = ("paid", "notice", "proposed", "scoring", "open", "planned", "closed", "undrawn", "drawn", "scored", "frozen",
          "computed", "decided", "released")  # fmt: skip
"""Where the rounds stand, one each; all but the paid one were planned on the same day."""
AFTER_SCORING = ("scored", "frozen", "computed", "proposed", "decided", "released", "notice")


@dataclass
class Affairs:
    """Everything by name."""

    city: City
    people: dict[str, User] = field(default_factory=dict)
    rounds: dict[str, Round] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    judged: Review | None = None
    evidence: Evidence | None = None
    objection: Objection | None = None
    payouts: dict[str, Payout] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    """Accounts, budgets, returns, conflicts: what an address points at, by name."""
    file: UnitFile | None = None
    sessions: dict[str, str] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        """A fresh browser of somebody who signed in once."""
        client = Client()
        if who != "visitor":
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        return client

    def application(self, stage: str) -> Any:
        """The first unit's application of a round."""
        return self.rounds[stage].applications.get(unit=self.city.unit)


def arrange() -> Affairs:
    """Build it all; about as long as a coffee is poured."""
    with override_settings(DEMO=True):
        begin(START)
        city = build()
        affairs = Affairs(city, people=_people(city))
        _open_rounds(affairs)
        paying.pay(affairs)
        _papers(affairs)
        affairs.rounds |= calls.called_for(city, affairs.things)
        stepwise(affairs)
    affairs.sessions = {name: session_of(user) for name, user in affairs.people.items()}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # Until autovacuum comes, the planner knows of none of these rows.
    return affairs


def begin(at: datetime) -> None:
    """Set the time of business, and forget what was read of it."""
    start_demonstration(at)
    forget()


def _people(city: City) -> dict[str, User]:
    found = {
        "unit": city.unit_officer, "unit'": city.next_unit_officer, "scorer": city.assessor,
        "scorer'": city.next_assessor, "deputy": city.deputy, "district": city.district,
        "district'": city.next_district, "industry": city.industry_officer, "officer": city.officer,
        "leader": city.leader, "finance": city.finance, "auditor": city.auditor,
    }  # fmt: skip
    return {name: fresh(user) for name, user in found.items()}


def fresh(user: User) -> User:
    """The user as a new request reads it."""
    return User.objects.get(pk=user.pk)


def _town(city: City) -> making.Town:
    """The city's people under the names by which the assessment's tests lead a round."""
    users = {"沈怀山": city.leader} | {f"互评人{n}": user for n, user in enumerate(city.assessors)}
    return making.Town(fresh(city.officer), users=users, units=city.units)


# Rounds ---------------------------------------------------------------------------------------------------------------


def _open_rounds(affairs: Affairs) -> None:
    """A round at each stage; the paid one first, since its notice must end."""
    for year, stage in enumerate(STAGES, 2024):
        if stage == "notice":
            _end_notices()
        affairs.rounds[stage] = _round(affairs, year, stage)
    _who_judges(affairs)
    notice = affairs.rounds["notice"].notice
    line_of = affairs.application("notice")
    affairs.objection = objections.file_objection(
        notice.pk, application_pk=line_of.pk, text="这一家的材料与事实不符，请核查。", name="热心职工", contact="13900001111",
        attachment=SimpleUploadedFile("说明.pdf", PDF), by=None, key=uuid4(),
    )  # fmt: skip


def _end_notices() -> None:
    set_forward(PAID)
    notices.end_due_notices()


def _round(affairs: Affairs, year: int, stage: str) -> Round:
    town = _town(affairs.city)
    town.round = _planned(town, year)
    if stage == "planned":
        return town.round
    if stage == "open":
        return _opened(town)
    if stage == "closed":
        _closed(town)
    else:
        making.reviewing(town)
        _pinned_together(town)
    if stage == "undrawn":
        making.undisputed(town)
    elif stage != "closed":
        _drawn(town)
    if stage not in ("closed", "undrawn", "drawn"):
        _led(affairs, town, "notice" if stage == "paid" else stage)
    return Round.objects.get(pk=town.round.pk)


def _planned(town: making.Town, year: int) -> Round:
    programme, now = load_programme(making.PROGRAMME), clock.now()
    dates: rounds.Dates = {
        "opens_on": now.date() - timedelta(days=3), "closes_on": now.date() + timedelta(days=2),
        "scoring_opens_at": now + timedelta(days=2, hours=12), "scoring_closes_at": now + timedelta(days=12),
        "notice_on": now.date() + timedelta(days=20),
    }  # fmt: skip
    setup = making.setup_of(programme.file.setup, outcome={"tiers": TIERS, "fund_fen": 20_000_000})
    return rounds.plan_round(
        programme, year=year, title=f"第{year}号互评", dates=dates, setup=setup, by=town.officer, key=uuid4()
    )


def _opened(town: making.Town) -> Round:
    """Open, facts reported, each application in `checking`, and a piece of evidence to take back."""
    of = town.round
    assert of is not None
    rounds.open_round(of.pk, town.units, by=town.officer, key=uuid4())
    applications.report_many(
        of.pk, {row.pk: making.FACTS for row in of.applications.all()}, by=town.officer, key=uuid4()
    )
    return Round.objects.get(pk=of.pk)


def _closed(town: making.Town) -> None:
    of = _opened(town)
    applications.accept_all(of.pk, by=town.officer, key=uuid4())
    rounds.close_round(of.pk, by=town.officer, key=uuid4())


def _pinned_together(town: making.Town) -> None:
    """Half the city lies in one district: an officer's pins let its units meet after all."""
    ids = sorted(unit.pk for unit in town.units)
    Conflict.objects.bulk_create(
        Conflict(round=town.round, first_id=first, second_id=second, kind="pinned_together")
        for first, second in combinations(ids, 2)
    )


def _drawn(town: making.Town) -> None:
    """Drawn until one of the first unit's reviews is none of the sixth's."""
    making.drawn(town)
    while not _someone_judged_by_one_of_two(town):
        drawing.recall(town.round.pk, by=town.officer, key=uuid4())
        making.drawn(town)


def _someone_judged_by_one_of_two(town: making.Town) -> Review | None:
    """A unit of 九原 that the first unit reviews, and the sixth, which it is not, does not."""
    own, other = (town.sheet(n).reviews.select_related("entrant__application") for n in (0, 5))
    beside = {review.entrant_id for review in other} | {town.entrant(5).pk}
    wanted = {unit.pk for unit in town.units[6:10]}
    found = (one for one in own if one.entrant_id not in beside and one.entrant.application.unit_id in wanted)
    return next(found, None)


def _led(affairs: Affairs, town: making.Town, stage: str) -> None:
    """From the drawing on: one act after another, up to the stage."""
    pk, officer, leader = town.round.pk, town.officer, fresh(affairs.city.leader)
    Round.objects.filter(pk=pk).update(scoring_opens_at=clock.now() - timedelta(hours=1))
    making.scoring_on(town)
    acts = (
        lambda: _scored(town, by_hand=stage == "proposed"),
        lambda: freezing.freeze(pk, by=officer, key=uuid4()),
        lambda: freezing.compute(pk, by=officer, key=uuid4()),
        lambda: rounds.propose_result(pk, by=officer, key=uuid4()),
        lambda: rounds.decide(pk, by=leader, key=uuid4()),
        lambda: rounds.release(pk, by=officer, key=uuid4()),
        lambda: notices.publish(pk, by=officer, key=uuid4()),
    )
    for act in acts[: AFTER_SCORING.index(stage) + 1] if stage in AFTER_SCORING else ():
        act()


def _scored(town: making.Town, *, by_hand: bool) -> None:
    """Every sheet marked and submitted; by its assessors where their records matter, else at one stroke."""
    if by_hand:
        making.scored(town)
        return
    reviews = Review.objects.filter(sheet__step=town.step).select_related("entrant")
    Mark.objects.bulk_create(
        Mark(review=one, indicator=key, value=62 + (one.entrant.number * 7 + n * 5 + one.sheet_id * 3) % 31)
        for one in reviews
        for n, key in enumerate(making.LEAVES)
    )
    Sheet.objects.filter(step=town.step).update(state="submitted", submitted_at=clock.now())


def _who_judges(affairs: Affairs) -> None:
    """The sheets and experts of the round that is scored."""
    town = _town(affairs.city)
    town.round = affairs.rounds["scoring"]
    affairs.judged = _someone_judged_by_one_of_two(town)
    assert affairs.judged is not None
    affairs.sheets["peers"] = town.sheet(0)
    panel = Sheet.objects.filter(step=Step.objects.get(round=town.round), kind="panel")
    marks = panel.filter(reviews__entrant=affairs.judged.entrant_id).first()
    other = panel.exclude(reviews__entrant=affairs.judged.entrant_id).first()
    assert marks is not None
    assert other is not None
    affairs.sheets["panel"] = marks
    affairs.people |= {"expert": fresh(marks.expert), "expert'": fresh(other.expert)}


# Papers ---------------------------------------------------------------------------------------------------------------


def _papers(affairs: Affairs) -> None:
    """An import begun, and evidence to what two of the sheets judge."""
    officer = fresh(affairs.city.officer)
    secret = "letter-of-the-open-round"
    affairs.things["letter"] = ClearanceRequest.objects.create(
        round=affairs.rounds["open"], department="safety", number=1, secret=digest_of_secret(secret),
        due_on=clock.today() + timedelta(days=5), asked_at=clock.now(), asked_by=officer,
    )  # fmt: skip
    affairs.things["link"] = SIGNER.sign(secret)
    affairs.things["opinion"] = Clearance.objects.create(
        request=affairs.things["letter"], application=affairs.application("open")
    )
    affairs.things["sanction"] = put_sanction(
        affairs.city.unit.pk,
        kind="dues",
        text="欠缴经费",
        document="包工经〔2024〕1号",
        since=clock.today(),
        by=officer,
        key=uuid4(),
    )
    affairs.file = check_file("新单位.xlsx", workbook(line(90), line(91, 类别="星球")), by=officer, key=uuid4())
    affairs.things |= first_day(city=affairs.city, officer=officer)
    application = affairs.application("open")
    leaf = next(iter(application.round.rules.leaves())).key
    affairs.evidence = evidence.add_evidence(
        application.pk, indicator=leaf, title="先进集体证书", upload=SimpleUploadedFile("证书.pdf", PDF),
        by=fresh(affairs.city.unit_officer), key=uuid4(),
    )  # fmt: skip
    affairs.things["archive"] = ask_for_archive(affairs.rounds["paid"].pk, by=officer, key=uuid4())
    make_archives()
    _conflicts(affairs, officer)
    _meetings(affairs, officer)
    _issued(affairs, officer)
    judged = affairs.judged
    assert judged is not None
    affairs.things["judged"] = Evidence.objects.create(
        application=judged.entrant.application, indicator=leaf, title="佐证", attachment=affairs.evidence.attachment
    )


def _issued(affairs: Affairs, officer: User) -> None:
    """A district's own sheet, and a template of the office's own."""
    affairs.things["document"] = documents.issue(
        kind="ranking", union=affairs.city.kundulun, title=ISSUED, subject="round:1", content={"paragraphs": ["名单如下。"]},
        by=fresh(affairs.city.district), key=uuid4(),
    )  # fmt: skip
    upload = SimpleUploadedFile("汇总表.docx", default_word("summary"))
    affairs.things["template"] = documents.replace_template(DocumentKind.SUMMARY, upload, by=officer, key=uuid4())


def _meetings(affairs: Affairs, officer: User) -> None:
    """One planned, and one fixed whose first session is on, with somebody there."""
    for stage in ("undrawn", "drawn"):
        of = affairs.rounds[stage]
        days = [of.scoring_opens_at + timedelta(days=n) for n in (1, 2)]
        spans = [Span(day, day + timedelta(hours=3)) for day in days]
        meeting.plan(of.pk, spans, place="市总二楼会议室", minutes=8, by=officer, key=uuid4())
    meeting.fix(of.pk, by=officer, key=uuid4())
    sessions = Session.objects.filter(meeting__step__round=of)
    sessions.filter(number=1).update(starts_at=clock.now(), ends_at=clock.now() + timedelta(hours=3))
    affairs.things["session"] = sessions.get(number=1)
    SignIn.objects.create(
        session=affairs.things["session"], application=affairs.application("drawn"), user=fresh(affairs.city.unit_officer),
        at=clock.now(), way="qr", by=fresh(affairs.city.unit_officer),
    )  # fmt: skip


def _conflicts(affairs: Affairs, officer: User) -> None:
    """Two declared by the first unit, one of them answered; and one pinned."""
    open_, first, pinned = affairs.rounds["open"], affairs.city.units[0].pk, affairs.city.units[9].pk
    answered, affairs.things["declared"] = (
        conflicts.declare(
            open_.pk, first, affairs.city.units[place].pk, reason=DECLARED,
            by=fresh(affairs.city.unit_officer), key=uuid4(),
        )
        for place in (7, 8)
    )  # fmt: skip
    conflicts.answer(answered.pk, approve=True, by=officer, key=uuid4())
    affairs.things["pinned"] = conflicts.pin(
        open_.pk, first, pinned, apart=True, reason="有投诉正在调查。", by=officer, key=uuid4()
    )

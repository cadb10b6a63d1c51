"""The two rounds of the demonstration: 2023 from its plan to its end, 2024 in the middle of its scoring."""

from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID, uuid5

from django.core.files.uploadedfile import SimpleUploadedFile

from guildhall.cli.city import facts
from guildhall.cli.city.tree import Tree
from guildhall.foundation.clock import moves as clock_moves
from guildhall.foundation.clock import now
from guildhall.foundation.clock.rules import SHANGHAI
from guildhall.foundation.organisations.models import Unit, User
from guildhall.foundation.programmes.models import Application, Evidence, Round
from guildhall.foundation.programmes.moves import applications, notices, objections, rounds
from guildhall.foundation.programmes.moves.programmes import load_programme
from guildhall.foundation.programmes.registry import PROGRAMMES
from guildhall.foundation.records.attachments import store
from guildhall.reform.assessment.models import Mark, Review, Sheet
from guildhall.reform.assessment.moves import conflicts, drawing, freezing, scoring
from guildhall.reform.assessment.rules import judged

NAMESPACE = UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")
NOW = datetime(2024, 11, 26, 9, 0, tzinfo=SHANGHAI)


def key(name: str) -> UUID:
    """A move's key, the same at every making of the city."""
    return uuid5(NAMESPACE, name)


def at(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> None:
    """Let the time of business come to this moment."""
    clock_moves.set_forward(moment(year, month, day, hour, minute))


def moment(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of business."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def assessment() -> Path:
    """The file of the mutual assessment's programme."""
    return next(path for path in PROGRAMMES if path.stem == "pilot-assessment")


def plan(tree: Tree, year: int, dates: rounds.Dates) -> Round:
    """Plan one year's round."""
    programme = load_programme(assessment())
    title = f"{year}年度产改试点单位互评考核"
    return rounds.plan_round(
        programme, year=year, title=title, dates=dates, by=tree.office["officer"], key=key(f"plan:{year}")
    )


def report(of: Round, who: dict[int, facts.Character], chance: Random, by: User) -> None:
    """Every unit's facts and statement, through the move that an Excel import takes."""
    rows = list(of.applications.select_related("unit").order_by("pk"))
    reported = {row.pk: facts.facts(row.unit, who[row.unit_id].merit, chance) for row in rows}
    applications.report_many(of.pk, reported, by=by, key=key(f"facts:{of.year}"))
    for row in rows:
        row.statement = facts.statement(reported[row.pk], chance)
    Application.objects.bulk_update(rows, ["statement"])


def page(title: str, unit: str) -> bytes:
    """A one-page PDF in plain sight: enough to open, small enough for hundreds."""
    text = f"{title} / {unit}".encode("utf-16-be").hex().upper()
    stream = f"BT /F1 14 Tf 60 760 Td <{text}> Tj ET".encode()
    font = b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>"
    inner = (
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/FontDescriptor 7 0 R"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>>>"
    )
    shape = (
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0"
        b"/Ascent 880/Descent -120/CapHeight 880/StemV 93>>"
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        font,
        inner,
        shape,
    ]
    out, places = b"%PDF-1.4\n", []
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (n, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def attach(of: Round, tree: Tree, each: int) -> None:
    """Evidence for each unit's first judged indicators."""
    leaves = list(judged(of.rules).values())[:each]
    rows = []
    for row in of.applications.select_related("unit").order_by("pk"):
        for leaf in leaves:
            title = f"{leaf.label.zh}证明"
            upload = SimpleUploadedFile(f"{title}.pdf", page(title, row.unit.name), "application/pdf")
            by = tree.officers[row.unit_id]
            attachment = store(upload, by=by, stream=of.stream, subject=row.subject)
            rows.append(Evidence(application=row, indicator=leaf.key, title=title, attachment=attachment))
    Evidence.objects.bulk_create(rows)


def mark(of: Round, who: dict[int, facts.Character], chance: Random, *, share: float = 1.0) -> list[Sheet]:
    """Marks on the sheets, written in bulk as the save move writes them; returns the sheets that are fully marked.

    `share` of the sheets are full, some of the rest half done, the others empty; the first sheet of each kind is the
    printed log-in's and is left with work to do where `share` is below 1.
    """
    sheets = list(of.step.sheets.select_related("entrant__application").order_by("pk"))
    reviews: dict[int, list[Review]] = {}
    for review in Review.objects.filter(sheet__step=of.step).select_related("entrant__application"):
        reviews.setdefault(review.sheet_id, []).append(review)
    severities = {sheet.pk: severity(sheet, who, chance) for sheet in sheets}
    rows, full = [], []
    for sheet in sheets:
        whole = share >= 1 or (chance.random() < share and not kept_open(sheet))
        todo = reviews[sheet.pk] if whole else reviews[sheet.pk][: begun(sheet, chance)]
        if whole:
            full.append(sheet)
        for review in todo:
            merit = who[review.entrant.application.unit_id].merit
            for indicator, (value, reason) in facts.marks(of.rules, merit, severities[sheet.pk], chance).items():
                rows.append(Mark(review=review, indicator=indicator, value=value, reason=reason))
    Mark.objects.bulk_create(rows, batch_size=5_000)
    return full


def severity(sheet: Sheet, who: dict[int, facts.Character], chance: Random) -> float:
    """How severely this sheet's assessor marks."""
    if sheet.entrant is None:
        return chance.gauss(0, 3)
    return who[sheet.entrant.application.unit_id].severity


def kept_open(sheet: Sheet) -> bool:
    """Whether a printed log-in works on this sheet."""
    if sheet.expert is not None:
        return sheet.expert.username == "expert"
    return (
        sheet.entrant is not None
        and sheet.entrant.application.unit.union.appointments.filter(user__username="assessor").exists()
    )


def begun(sheet: Sheet, chance: Random) -> int:
    """How many units of an open sheet are marked already: two on the printed log-ins' sheets."""
    return 2 if kept_open(sheet) else chance.choice((0, 0, 3, 5))


def hand_in(tree: Tree, sheets: list[Sheet], year: int) -> None:
    """Submit full sheets, each by its own person, through the move."""
    for sheet in sheets:
        person = sheet.expert if sheet.entrant is None else tree.assessors[sheet.entrant.application.unit_id]
        if person is not None:
            scoring.submit(sheet.pk, by=person, key=key(f"submit:{year}:{sheet.pk}"))


def run_2023(tree: Tree, units: list[Unit], who: dict[int, facts.Character], chance: Random) -> Round:
    """The finished round, each act at its time and by its person."""
    officer, leader = tree.office["officer"], tree.office["leader"]
    of = plan(tree, 2023, {
        "opens_on": date(2023, 9, 5), "closes_on": date(2023, 9, 28), "scoring_opens_at": moment(2023, 10, 9),
        "scoring_closes_at": moment(2023, 10, 20, 17, 30), "notice_on": date(2023, 10, 30),
    })  # fmt: skip
    at(2023, 9, 5)
    rounds.open_round(of.pk, units, by=officer, key=key("open:2023"))
    of.refresh_from_db()
    at(2023, 9, 26)
    report(of, who, chance, officer)
    attach(of, tree, 1)
    at(2023, 9, 28, 17, 31)
    rounds.close_round(of.pk, by=officer, key=key("close:2023"))
    applications.accept_all(of.pk, by=officer, key=key("accept:2023"))
    rounds.start_review(of.pk, by=officer, key=key("review:2023"))
    drawing.draw(of.pk, by=officer, key=key("draw:2023"))
    at(2023, 10, 9)
    drawing.start(of.pk, by=officer, key=key("start:2023"))
    at(2023, 10, 19, 15)
    of = Round.objects.get(pk=of.pk)
    full = mark(of, who, chance)
    hand_in(tree, full[:-2], 2023)
    at(2023, 10, 20, 17, 31)
    scoring.lock_due(of.pk)
    at(2023, 10, 23)
    freezing.freeze(of.pk, by=officer, key=key("freeze:2023"))
    freezing.compute(of.pk, by=officer, key=key("compute:2023"))
    at(2023, 10, 24)
    rounds.propose_result(of.pk, by=officer, key=key("propose:2023"))
    at(2023, 10, 27)
    rounds.decide(of.pk, by=leader, key=key("decide:2023"))
    at(2023, 10, 30)
    rounds.release(of.pk, by=officer, key=key("release:2023"))
    notice = notices.publish(of.pk, by=officer, key=key("publish:2023"))
    object_2023(tree, notice.pk, of)
    at(2023, 11, 7)
    notices.end_due_notices()
    return of


def object_2023(tree: Tree, notice: int, of: Round) -> None:
    """Two objections: one dismissed, one upheld, each in its own words."""
    officer = tree.office["officer"]
    last = of.applications.select_related("unit").filter(result__tier=2).order_by("result__rank").last()
    third = of.applications.select_related("unit").filter(result__tier=1).order_by("pk").first()
    if last is None or third is None:
        return
    at(2023, 11, 1)
    first = objections.file_objection(
        notice, application_pk=third.pk, text="本单位竞赛参加人数按全年计算应为名册所列，请复核量化得分。",
        name=third.unit.name, contact="单位工会", by=tree.officers[third.unit_id], key=key("object:1"),
    )  # fmt: skip
    second = objections.file_objection(
        notice, application_pk=last.pk, text="该单位所报教育经费与实际支出不符，附上审计报告页码第十二页。",
        name="一名职工", contact="见信封", by=None, key=key("object:2"),
    )  # fmt: skip
    at(2023, 11, 2, 15)
    answer = "复核了原始名册，量化得分计算无误，维持原结果。"
    objections.dismiss(first.pk, answer=answer, by=officer, key=key("dismiss:1"))
    answer = "经核对凭证，所报教育经费确有不实，按办法不予通过，不付款，其他单位不变。"
    objections.uphold(second.pk, answer=answer, clause="第十四条", by=officer, key=key("uphold:2"))


def run_2024(tree: Tree, who: dict[int, facts.Character], chance: Random) -> Round:
    """The round in review: 225 units, scoring since 18 November, open until 2 December."""
    officer = tree.office["officer"]
    at(2024, 10, 8)
    of = plan(tree, 2024, {
        "opens_on": date(2024, 10, 14), "closes_on": date(2024, 11, 8), "scoring_opens_at": moment(2024, 11, 18),
        "scoring_closes_at": moment(2024, 12, 2, 17, 30), "notice_on": date(2024, 12, 9),
    })  # fmt: skip
    at(2024, 10, 14)
    rounds.open_round(of.pk, tree.units, by=officer, key=key("open:2024"))
    of.refresh_from_db()
    at(2024, 10, 21)
    keep_apart(tree, of)
    at(2024, 11, 6)
    report(of, who, chance, officer)
    attach(of, tree, 2)
    at(2024, 11, 8, 17, 31)
    rounds.close_round(of.pk, by=officer, key=key("close:2024"))
    at(2024, 11, 13)
    applications.accept_all(of.pk, by=officer, key=key("accept:2024"))
    rounds.start_review(of.pk, by=officer, key=key("review:2024"))
    drawing.draw(of.pk, by=officer, key=key("draw:2024"))
    at(2024, 11, 18)
    drawing.start(of.pk, by=officer, key=key("start:2024"))
    at(2024, 11, 25, 16)
    of = Round.objects.get(pk=of.pk)
    hand_in(tree, mark(of, who, chance, share=0.62), 2024)
    return of


def keep_apart(tree: Tree, of: Round) -> None:
    """Declared conflicts, approved and declined, and one pin."""
    officer = tree.office["officer"]
    for n, approve in ((3, True), (7, True), (12, False)):
        own, other = tree.units[n], tree.units[n + 90]
        declared = conflicts.declare(
            of.pk, own.pk, other.pk, reason="两家单位正在同一项目上竞标。", by=tree.officers[own.pk],
            key=key(f"declare:{n}"),
        )  # fmt: skip
        conflicts.answer(declared.pk, approve=approve, by=officer, key=key(f"answer:{n}"))
    one, two = tree.units[20], tree.units[140]
    reason = "两家负责人是亲属。"
    conflicts.pin(of.pk, one.pk, two.pk, apart=True, reason=reason, by=officer, key=key("pin:1"))


def arrive() -> None:
    """The moment the demonstration begins."""
    if now() < NOW - timedelta(seconds=1):
        clock_moves.set_forward(NOW)

"""What the city's units report and how they are marked: plausible, from the seed, and tied to a hidden merit."""

from dataclasses import dataclass
from random import Random

from guildhall.foundation.organisations.models import Unit
from guildhall.foundation.programmes.schema import Setup
from guildhall.reform.assessment.rules import HIGH, LOW, judged

PRAISE = ("看了台账和现场，数字与报表一致。", "成果用在生产线上，财务出具了证明。", "抽问了三名工人，都说得清楚。")
BLAME = ("材料只有方案，没有执行记录。", "现场没有看到台账所写的活动。", "去年提的问题今年还没有整改。")
STATEMENT = (
    "本单位成立产改领导小组，党委书记任组长，全年召开推进会 {meetings} 次。开展劳动竞赛 {races} 项，{share}% 的职工参加；"
    "签订师徒协议 {pairs} 对，晋升技术等级 {promotions} 人；职代会提案答复率 {answered}%。主要不足：新就业形态职工入会还不够。"
)


@dataclass(frozen=True)
class Character:
    """A unit's hidden merit, and how severely its assessor marks."""

    merit: float
    severity: float


def characters(units: list[Unit], chance: Random) -> dict[int, Character]:
    """One for each unit; merit about 78 ± 7 so that marks spread without clumping at the ends."""
    return {unit.pk: Character(chance.gauss(78, 7), chance.gauss(0, 4)) for unit in units}


def facts(unit: Unit, merit: float, chance: Random) -> dict[str, str]:
    """The reported facts; better units do more, with noise."""

    def share(base: float) -> float:
        return min(1.0, max(0.05, base + (merit - 78) * 0.012 + chance.gauss(0, 0.1)))

    staff = unit.headcount
    budget = staff * chance.randrange(80, 260)
    fund = staff * chance.randrange(300, 900)
    teams, proposals, seats = max(2, staff // 14), chance.randrange(6, 40), max(20, staff // 12)
    award = chance.choices((0, 1, 3, 5), weights=(70, 20, 8, 2))[0] if merit > 76 else 0
    numbers = {
        "staff": staff,
        "workers": unit.workers,
        "members": round(staff * min(1.0, share(0.93))),
        "budget": budget,
        "spent": round(budget * share(0.85)),
        "reports_due": 12,
        "reports_on_time": round(12 * share(0.88)),
        "lecture_heads": round(staff * max(0.1, chance.gauss(1.5, 0.6) + (merit - 78) * 0.04)),
        "teams": teams,
        "teams_with_members": round(teams * share(0.8)),
        "competitors": round(staff * share(0.68)),
        "adopted": max(0, round(chance.gauss(10, 6) + (merit - 78) * 0.5)),
        "trainings": round(staff * max(0.1, chance.gauss(1.3, 0.5) + (merit - 78) * 0.03)),
        "promotions": round(unit.workers * max(0.0, chance.gauss(0.06, 0.03))),
        "training_fund": fund,
        "training_spent": round(fund * share(0.66)),
        "proposals": proposals,
        "proposals_answered": round(proposals * share(0.86)),
        "seats": seats,
        "worker_seats": round(seats * share(0.46)),
        "award_level": award,
        "cases_adopted": 1 if merit > 80 and chance.random() < 0.15 else 0,
        "veto": 0,
    }
    return {key: str(value) for key, value in numbers.items()}


def statement(reported: dict[str, str], chance: Random) -> str:
    """The unit's account of itself, agreeing with its facts."""
    return STATEMENT.format(
        meetings=chance.randrange(3, 9),
        races=chance.randrange(4, 22),
        share=round(100 * int(reported["competitors"]) / int(reported["staff"])),
        pairs=chance.randrange(5, 60),
        promotions=reported["promotions"],
        answered=round(100 * int(reported["proposals_answered"]) / int(reported["proposals"])),
    )


def marks(setup: Setup, merit: float, severity: float, chance: Random) -> dict[str, tuple[int, str]]:
    """A mark for each judged indicator, with a reason at the extremes."""
    found = {}
    for key in judged(setup):
        value = min(100, max(20, round(merit - severity + chance.gauss(0, 5))))
        reason = chance.choice(PRAISE) if value >= HIGH else chance.choice(BLAME) if value < LOW else ""
        found[key] = (value, reason)
    return found

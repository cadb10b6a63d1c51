"""The union tree, the units and everybody's offices: the city's bones, from one seed."""

from dataclasses import dataclass, field
from datetime import date
from random import Random

from django.contrib.auth.hashers import make_password

from guildhall.cli.city import names
from guildhall.foundation.organisations.models import Appointment, Person, Union, Unit, User
from guildhall.foundation.organisations.states import Ownership, Role, UnionKind, UnitKind

SINCE = date(2023, 1, 1)
PASSWORD = "guildhall-demo"
KINDS = (
    [(UnitKind.ENTERPRISE, Ownership.PRIVATE)] * 96
    + [(UnitKind.ENTERPRISE, Ownership.MUNICIPAL)] * 26
    + [(UnitKind.ENTERPRISE, Ownership.CENTRAL)] * 25
    + [(UnitKind.ENTERPRISE, Ownership.REGIONAL)] * 23
    + [(UnitKind.DEPARTMENT, Ownership.NONE)] * 12
    + [(UnitKind.INSTITUTION, Ownership.NONE)] * 20
    + [(UnitKind.TOWNSHIP, Ownership.NONE)] * 15
    + [(UnitKind.PARK, Ownership.NONE)] * 8
)
GROUPS = ("朔方钢铁集团", "青岩重工集团", "云鹿稀土集团", "北岭能源集团", "塞北物流集团", "金河乳业集团")


@dataclass
class Tree:
    """What the generator builds on: the unions, the units with their people, and the federation's offices."""

    federation: Union
    districts: list[Union]
    industries: list[Union]
    units: list[Unit] = field(default_factory=list)
    officers: dict[int, User] = field(default_factory=dict)
    assessors: dict[int, User] = field(default_factory=dict)
    experts: list[User] = field(default_factory=list)
    office: dict[str, User] = field(default_factory=dict)


class People:
    """Persons, accounts and appointments, written in bulk. All accounts of the demonstration share one password."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.password = make_password(PASSWORD)
        self.wanted: list[tuple[User, Union, str, str]] = []

    def user(self, username: str, name: str = "", field: str = "") -> User:
        """An account to be written."""
        chance = self.chance
        person = Person(name=name or names.person(chance), phone=names.phone(chance), field=field)
        person.email = f"{username}@example.invalid"
        return User(username=username, person=person, password=self.password)

    def seat(self, user: User, union: Union, role: str, title: str = "") -> User:
        """An appointment to be written, from the beginning of 2023 on."""
        self.wanted.append((user, union, role, title))
        return user

    def write(self) -> None:
        """Persons, then accounts, then appointments: three statements."""
        users = list({id(user): user for user, *_rest in self.wanted}.values())
        Person.objects.bulk_create([user.person for user in users])
        for user in users:
            user.person_id = user.person.pk
        User.objects.bulk_create(users)
        Appointment.objects.bulk_create(
            Appointment(user=user, union=union, role=role, title=title, starts=SINCE)
            for user, union, role, title in self.wanted
        )


def plant(chance: Random) -> Tree:
    """The whole tree with its people."""
    tree = _unions()
    _units(tree, chance)
    people = People(chance)
    _federation(tree, people)
    for n, union in enumerate(tree.districts, 1):
        people.seat(people.user("district" if n == 1 else f"district{n}"), union, Role.DISTRICT_OFFICER, "经济工作部长")
    for n, union in enumerate(tree.industries, 1):
        people.seat(people.user("industry" if n == 1 else f"industry{n}"), union, Role.INDUSTRY_OFFICER, "主席")
    _staff(tree, people)
    people.write()
    return tree


def _unions() -> Tree:
    federation = Union.objects.create(
        name="包头市总工会", short="市总工会", kind=UnionKind.FEDERATION, contact="0472-555-0158"
    )
    below = [
        Union(name=f"{name}总工会", short=name, kind=UnionKind.DISTRICT, parent=federation) for name in names.DISTRICTS
    ]
    below += [
        Union(name=f"包头市{name}工会", short=f"{name}工会", kind=UnionKind.INDUSTRY, parent=federation)
        for name in names.INDUSTRIES
    ]
    Union.objects.bulk_create(below)
    _lineages([federation, *below])
    return Tree(federation, below[: len(names.DISTRICTS)], below[len(names.DISTRICTS) :])


def _lineages(unions: list[Union]) -> None:
    for union in unions:
        union.lineage = [*(union.parent.lineage if union.parent else []), union.pk]
    Union.objects.bulk_update(unions, ["lineage"])


def _name(chance: Random, n: int, kind: str, word: str, place: str) -> tuple[str, str]:
    """A unit's name and trade."""
    if kind == UnitKind.DEPARTMENT:
        return (
            f"{place}{chance.choice(('人力资源服务', '工业和信息化', '住房建设', '交通运输', '应急管理'))}{word}中心",
            "机关",
        )
    if kind == UnitKind.INSTITUTION:
        return (
            f"{word}{chance.choice(('职业技术学院', '技工学校', '中心医院', '地质勘查院', '设计研究院'))}",
            "事业单位",
        )
    if kind == UnitKind.TOWNSHIP:
        return f"{place}{word}{chance.choice(('镇', '街道'))}", "乡镇街道"
    if kind == UnitKind.PARK:
        return f"{word}{chance.choice(('装备制造', '新材料', '晶硅光伏', '物流'))}园区", "园区"
    trade, products = names.TRADES[n % len(names.TRADES)]
    tail = chance.choice(("有限公司", "有限责任公司", "股份有限公司"))
    return f"{word}{chance.choice(products)}{tail}", trade


def _units(tree: Tree, chance: Random) -> None:
    kinds = list(KINDS)
    chance.shuffle(kinds)
    drafts, taken = [], set()
    for n, (kind, ownership) in enumerate(kinds):
        at = chance.choices(range(len(tree.districts)), weights=(40, 38, 30, 28, 10, 6, 18, 14, 12, 29))[0]
        name, trade = _name(chance, n, kind, names.WORDS[n % len(names.WORDS)], names.DISTRICTS[at])
        while name in taken:
            name, trade = _name(chance, n, kind, chance.choice(names.WORDS), names.DISTRICTS[at])
        taken.add(name)
        head = tree.districts[at]
        if ownership in (Ownership.CENTRAL, Ownership.REGIONAL) and trade in names.INDUSTRY_OF:
            head = tree.industries[names.INDUSTRY_OF[trade]]
        elif kind == UnitKind.INSTITUTION:
            head = tree.industries[6]
        staff = int(chance.lognormvariate(6.0, 0.9)) + 40
        group = chance.choice(GROUPS) if kind == UnitKind.ENTERPRISE and chance.random() < 0.11 else ""
        drafts.append(
            (head, Unit(
                name=name, code=names.credit_code(chance, names.CODES[at], kind), kind=kind, ownership=ownership,
                trade=trade, headcount=staff, workers=int(staff * chance.uniform(0.5, 0.85)),
                district=tree.districts[at], group_company=group,
            ))
        )  # fmt: skip
    unions = [
        Union(name=f"{unit.name}工会", short=f"{unit.name}工会"[:40], kind=UnionKind.GRASSROOTS, parent=head)
        for head, unit in drafts
    ]
    Union.objects.bulk_create(unions)
    _lineages(unions)
    tree.units = [unit for _head, unit in drafts]
    for union, unit in zip(unions, tree.units, strict=True):
        unit.union = union
    Unit.objects.bulk_create(tree.units)


def _federation(tree: Tree, people: People) -> None:
    """The federation's own offices; a log-in each is printed."""
    offices = (
        ("officer", "苏云岚", Role.FEDERATION_OFFICER, "经济技术部"),
        ("officer2", "韩述白", Role.FEDERATION_OFFICER, "经济技术部"),
        ("leader", "秦守拙", Role.LEADER, "分管副主席"),
        ("leader2", "许明远", Role.LEADER, "代管副主席"),
        ("finance", "陆青禾", Role.FINANCE_OFFICER, "财务部"),
        ("finance2", "何清和", Role.FINANCE_OFFICER, "财务部"),
        ("auditor", "沈知行", Role.AUDITOR, "经审办"),
    )
    for username, name, role, title in offices:
        tree.office[username] = people.seat(people.user(username, name), tree.federation, role, title)
    for n in range(1, 16):
        expert = people.user("expert" if n == 1 else f"expert{n}", field=names.FIELDS[n % len(names.FIELDS)])
        tree.experts.append(people.seat(expert, tree.federation, Role.EXPERT, "评审专家"))


def _staff(tree: Tree, people: People) -> None:
    """Each unit's officer and assessor; two units in three have named a deputy."""
    for n, unit in enumerate(tree.units, 1):
        officer = people.user("unit" if n == 1 else f"unit{n}")
        tree.officers[unit.pk] = people.seat(officer, unit.union, Role.UNIT_OFFICER, "工会主席")
        assessor = people.user("assessor" if n == 1 else f"assessor{n}")
        tree.assessors[unit.pk] = people.seat(assessor, unit.union, Role.ASSESSOR, "互评人")
        if n % 3:
            people.seat(people.user(f"deputy{n}"), unit.union, Role.DEPUTY, "替补互评人")

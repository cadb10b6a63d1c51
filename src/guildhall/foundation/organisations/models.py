"""Unions, units, people, accounts to sign in with, and dated appointments."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Count, Exists, F, Func, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.states import (
    ALLOWS,
    Ownership,
    Right,
    Role,
    SanctionKind,
    UnionKind,
    UnitKind,
    UnitState,
    roles_with,
)
from guildhall.foundation.vault import SealedTextField

Row = TypeVar("Row", bound=models.Model)


class Scoped(models.QuerySet[Row]):
    """Rows that are reached by scope."""

    def pick(self, pk: int) -> Row:
        """The one row; `NotHere` alike for a missing one and one out of scope."""
        row = self.filter(pk=pk).first()
        if row is None:
            raise NotHere
        return row


class UnionQuerySet(Scoped["Union"]):
    """Unions by scope."""

    def visible_to(self, user: "User") -> Self:
        """The unions at or below one where the user may read units."""
        return self.filter(lineage__overlap=user.unions_with(Right.READ_UNITS))


class Union(models.Model):
    """工会组织: one of the tree of federation, district or industry union, and grassroots union."""

    name = models.CharField(_("工会名称"), max_length=120)
    short = models.CharField(_("简称"), max_length=40)
    kind = models.CharField(_("层级"), max_length=12, choices=UnionKind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    lineage = ArrayField(models.BigIntegerField(), default=list)
    """The ids of all unions above this one and its own, top first: scope is one array overlap."""
    contact = models.CharField(_("办公电话"), max_length=40, blank=True)

    objects = UnionQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        indexes = [GinIndex(fields=["lineage"], name="union_lineage")]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="union_name_once"),
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="federation"), name="union_one_federation"),
        ]

    def __str__(self) -> str:
        return self.short


class UnitQuerySet(Scoped["Unit"]):
    """Units by scope."""

    def visible_to(self, user: "User") -> Self:
        """The units at or below a union where the user may read units."""
        return self.filter(union__lineage__overlap=user.unions_with(Right.READ_UNITS))

    def named_by(self, user: "User") -> Self:
        """The units whose scorers the user names: those of an office held there, not of one above."""
        return self.filter(union__in=user.unions_with(Right.NAME_ASSESSORS))


class Unit(models.Model):
    """单位: the body that applies, assesses and is paid. `union` is its grassroots union, which gives its scope."""

    name = models.CharField(_("单位"), max_length=120)
    code = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    kind = models.CharField(_("类别"), max_length=12, choices=UnitKind)
    ownership = models.CharField(_("隶属"), max_length=10, choices=Ownership, default=Ownership.NONE)
    level = models.CharField(_("级别"), max_length=40, blank=True)
    trade = models.CharField(_("行业"), max_length=40)
    headcount = models.PositiveIntegerField(_("职工人数"))
    workers = models.PositiveIntegerField(_("产业工人数"), default=0)
    union = models.OneToOneField(Union, models.PROTECT, related_name="unit")
    district = models.ForeignKey(Union, models.PROTECT, related_name="district_units")
    """The district it lies in, which is not always the union above it: an industry union's units lie somewhere too."""
    group_company = models.CharField(_("所属集团"), max_length=120, blank=True)
    parent_company = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="subsidiaries")
    state = models.CharField(_("状态"), max_length=8, choices=UnitState, default=UnitState.ACTIVE)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(condition=Q(workers__lte=F("headcount")), name="unit_workers_within_headcount"),
            models.CheckConstraint(condition=~Q(parent_company=F("id")), name="unit_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class FormerUnit(models.Model):
    """What a unit was before: an earlier name or code, or a unit that was merged into it."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="former")
    predecessor = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="successors")
    name = models.CharField(_("原名称"), max_length=120)
    code = models.CharField(_("原信用代码"), max_length=18)
    until = models.DateField(_("至"))
    reason = models.CharField(_("原因"), max_length=80)


class SanctionQuerySet(Scoped["Sanction"]):
    """Sanctions by scope and by date."""

    def visible_to(self, user: "User") -> Self:
        """Those of units at or below a union where the user may read units."""
        return self.filter(unit__union__lineage__overlap=user.unions_with(Right.READ_UNITS))

    def standing(self, on: date) -> Self:
        """Those open on a day: begun, not run out, not lifted."""
        begun, over = Q(since__lte=on), Q(until__lt=on) | Q(lifted_on__lte=on)
        return self.filter(begun).exclude(over)


class Sanction(models.Model):
    """处罚或欠缴: what stands against a unit, with its document; the rules of programmes ask for it by kind."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="sanctions")
    kind = models.CharField(_("类别"), max_length=12, choices=SanctionKind)
    text = models.CharField(_("事由"), max_length=200)
    document = models.CharField(_("文号"), max_length=80)
    since = models.DateField(_("起"))
    until = models.DateField(_("止"), null=True, blank=True)
    lifted_on = models.DateField(_("解除"), null=True)

    objects = SanctionQuerySet.as_manager()

    class Meta:
        ordering = ("-since", "-id")
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="sanction_in_order")
        ]


class Person(models.Model):
    """人员: an officer, assessor or expert. ID numbers belong to the roster of members, not here."""

    name = models.CharField(_("姓名"), max_length=40)
    phone = SealedTextField(_("办公电话"), blank=True, context="person.phone")
    email = SealedTextField(_("电子邮箱"), blank=True, context="person.email")
    employer = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="staff")
    field = models.CharField(_("专业领域"), max_length=40, blank=True)

    def __str__(self) -> str:
        return self.name


class UserQuerySet(Scoped["User"]):
    """Accounts by scope."""

    def visible_to(self, user: "User") -> Self:
        """All accounts for whoever manages people; else those with an office where the user may read units."""
        if user.may(Right.MANAGE_PEOPLE):
            return self.all()
        scope = Appointment.objects.visible_to(user).filter(user=OuterRef("pk"))
        return self.filter(Exists(scope))


class UserManager(BaseUserManager["User"]):
    """Accounts to sign in with."""

    def get_queryset(self) -> UserQuerySet:
        """All accounts."""
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: "User") -> UserQuerySet:
        """See `UserQuerySet.visible_to`."""
        return self.get_queryset().visible_to(user)

    def create_user(self, username: str, password: str, person: Person, *, one_time: bool = False) -> "User":
        """A new account for `person`; a password that somebody else made up is a `one_time` one."""
        user = self.model(username=username, person=person, must_change_password=one_time)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """An account: a person signs in with it; what it may do comes from the person's appointments alone."""

    username = models.CharField(_("用户名"), max_length=60, unique=True)
    email = ""  # Read by the sign-in library; addresses stand with the person.
    person = models.OneToOneField(Person, models.PROTECT, related_name="user")
    is_active = models.BooleanField(_("启用"), default=True)
    must_change_password = models.BooleanField(_("须改密码"), default=False)
    """Somebody else gave the password, for one sign-in: until the person has chosen one, nothing else is reached."""
    is_staff = False
    is_superuser = False

    objects = UserManager()
    USERNAME_FIELD = "username"

    if TYPE_CHECKING:
        appointments: "AppointmentQuerySet"

    def __str__(self) -> str:
        return self.person.name

    def get_full_name(self) -> str:
        """The person's name."""
        return self.person.name

    @cached_property
    def offices(self) -> list["Appointment"]:
        """The appointments in force now, with their unions: one query a request."""
        return list(Appointment.objects.active().filter(user=self).select_related("union").order_by("id"))

    def unions_with(self, right: Right) -> list[int]:
        """The ids of the unions where an office in force gives `right`."""
        return [office.union_id for office in self.offices if right in ALLOWS[office.role]]

    def holds(self, *roles: str) -> bool:
        """Whether an office in force is one of `roles`."""
        return any(office.role in roles for office in self.offices)

    def may(self, right: Right, at: Union | None = None) -> bool:
        """Whether an office in force gives `right`, at `at` or anywhere."""
        unions = self.unions_with(right)
        return bool(unions) if at is None else bool(set(unions) & set(at.lineage))

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Also forget the offices that were read."""
        self.__dict__.pop("offices", None)
        super().refresh_from_db(*args, **kwargs)


class AppointmentQuerySet(Scoped["Appointment"]):
    """Appointments by date and by what they give."""

    def active(self, on: date | None = None) -> Self:
        """Those in force on a day, by default today's date of business."""
        day = on or clock.today()
        return self.filter(Q(ends=None) | Q(ends__gte=day), starts__lte=day)

    def not_active(self, on: date | None = None) -> Self:
        """Those over or still to come on a day."""
        day = on or clock.today()
        return self.filter(Q(ends__lt=day) | Q(starts__gt=day))

    def giving(self, right: Right) -> Self:
        """Those in force that give `right`."""
        return self.active().filter(role__in=roles_with(right))

    def visible_to(self, user: User) -> Self:
        """Those at or below a union where the user may read units."""
        return self.filter(union__lineage__overlap=user.unions_with(Right.READ_UNITS))


class Appointment(models.Model):
    """任职: a person holds an office at a union for a time; a stand-in says for whom."""

    user = models.ForeignKey(User, models.PROTECT, related_name="appointments")
    union = models.ForeignKey(Union, models.PROTECT, related_name="appointments")
    role = models.CharField(_("职务"), max_length=20, choices=Role)
    title = models.CharField(_("职务名称"), max_length=40, blank=True)
    starts = models.DateField(_("起"))
    ends = models.DateField(_("止"), null=True, blank=True)
    stands_in_for = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="stand_ins")

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=["user", "starts"], name="appointment_user")]
        constraints = [
            models.CheckConstraint(condition=Q(ends=None) | Q(ends__gte=F("starts")), name="appointment_ends_after"),
            ExclusionConstraint(
                name="appointment_one_scorer_at_a_time",
                expressions=[
                    ("union", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (Func("starts", "ends", Value("[]"), function="daterange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(role__in=["assessor", "deputy"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.union.short} {self.get_role_display()}"


class Submission(models.Model):
    """A submission's key, what it asked for (as a digest) and the id of what it made: the same again makes nothing."""

    key = models.UUIDField(primary_key=True)
    digest = models.CharField(max_length=64)
    made = models.BigIntegerField()


class UnitFileQuerySet(Scoped["UnitFile"]):
    """Uploaded files by scope."""

    def visible_to(self, user: User) -> Self:
        """A person's own files, while the office lasts that lets them manage units."""
        return self.filter(by=user) if user.may(Right.MANAGE_UNITS) else self.none()


class UnitFile(models.Model):
    """An Excel file of units between its check and its writing; `written_at` says that it was written."""

    by = models.ForeignKey(User, models.PROTECT, related_name="unit_files")
    name = models.CharField(_("文件"), max_length=120)
    content = models.BinaryField()
    uploaded_at = models.DateTimeField(_("上传时间"))
    written_at = models.DateTimeField(_("写入时间"), null=True)
    added = models.PositiveIntegerField(_("新增"), default=0)
    changed = models.PositiveIntegerField(_("有变化"), default=0)

    objects = UnitFileQuerySet.as_manager()

    class Meta:
        ordering = ("-uploaded_at", "-id")


class LogInSheetQuerySet(Scoped["LogInSheet"]):
    """Sheets of log-ins by scope."""

    def visible_to(self, user: User) -> Self:
        """A person's own sheets, while the office lasts that lets them manage people."""
        return self.filter(by=user) if user.may(Right.MANAGE_PEOPLE) else self.none()

    def with_progress(self) -> Self:
        """With how many log-ins there are, how many are made, and how many can still be shown."""
        told = Q(lines__made_at__isnull=False)
        return self.annotate(
            total=Count("lines"),
            made=Count("lines", filter=told),
            kept=Count("lines", filter=told & ~Q(lines__password="")),
        )


class LogInSheet(models.Model):
    """口令单: log-ins issued from a file, or reset together; their one-time passwords are shown once."""

    by = models.ForeignKey(User, models.PROTECT, related_name="log_in_sheets")
    name = models.CharField(_("文件"), max_length=120, blank=True)
    """The file they were issued from; empty where passwords were reset."""
    content = SealedTextField(blank=True, context="log_in.file")
    """The file in base64, for names and numbers stand in it; empty once it is written."""
    begun_at = models.DateTimeField(_("提出时间"))
    written_at = models.DateTimeField(_("写入时间"), null=True)
    shown_at = models.DateTimeField(_("取单时间"), null=True)

    objects = LogInSheetQuerySet.as_manager()

    class Meta:
        ordering = ("-begun_at", "-id")


class LogInLine(models.Model):
    """One account of a sheet. The password stands here sealed until it is shown, and then no more."""

    sheet = models.ForeignKey(LogInSheet, models.PROTECT, related_name="lines")
    user = models.ForeignKey(User, models.PROTECT, related_name="log_in_lines")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    password = SealedTextField(blank=True, context="log_in.password")
    made_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["sheet", "user"], name="log_in_once_a_sheet")]
        indexes = [models.Index(fields=["id"], condition=Q(made_at=None), name="log_in_waiting")]


def holders(right: Right, unions: Iterable[int]) -> models.QuerySet[User]:
    """The users whose office in force gives `right` over any of these unions; the lineages' ids are the caller's."""
    offices = Appointment.objects.giving(right).filter(union_id__in=unions)
    return User.objects.filter(is_active=True, appointments__in=offices).distinct()

"""The register of earlier results: years that were assessed before this house, entered from a file."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.organisations.models import Scoped, Unit, User
from guildhall.foundation.organisations.states import Right


class EarlierFileQuerySet(Scoped["EarlierFile"]):
    """Uploaded files by scope."""

    def visible_to(self, user: User) -> Self:
        """A person's own files, while the office lasts that lets them run rounds."""
        return self.filter(by=user) if user.may(Right.RUN_ROUNDS) else self.none()


class EarlierFile(models.Model):
    """An Excel file of earlier results between its check and its writing, and the document that it copies."""

    by = models.ForeignKey(User, models.PROTECT, related_name="earlier_files")
    name = models.CharField(_("文件"), max_length=120)
    document = models.CharField(_("依据文件"), max_length=80)
    content = models.BinaryField()
    begun_at = models.DateTimeField(_("上传时间"))
    written_at = models.DateTimeField(_("写入时间"), null=True)
    added = models.PositiveIntegerField(_("新增"), default=0)
    changed = models.PositiveIntegerField(_("有变化"), default=0)

    objects = EarlierFileQuerySet.as_manager()

    class Meta:
        ordering = ("-begun_at", "-id")


class EarlierResultQuerySet(Scoped["EarlierResult"]):
    """Earlier results by scope."""

    def visible_to(self, user: User) -> Self:
        """Those of units at or below a union where the user may read units."""
        return self.filter(unit__union__lineage__overlap=user.unions_with(Right.READ_UNITS))


class EarlierResult(models.Model):
    """往年结果: what a document says of one unit in a year that no round here assessed."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="earlier_results")
    year = models.PositiveSmallIntegerField(_("年度"))
    score = models.DecimalField(_("得分"), max_digits=8, decimal_places=4)
    group = models.CharField(_("组"), max_length=20, blank=True)
    rank = models.PositiveIntegerField(_("组内名次"), null=True)
    tier = models.CharField(_("档次"), max_length=20, blank=True)
    sum_fen = models.BigIntegerField(_("奖补"), default=0)
    file = models.ForeignKey(EarlierFile, models.PROTECT, related_name="results")
    """Where it comes from: the document and who entered it stand there."""

    objects = EarlierResultQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "unit_id")
        constraints = [
            models.UniqueConstraint(fields=["unit", "year"], name="earlier_result_once_a_year"),
            models.CheckConstraint(condition=Q(score__gte=0) & Q(sum_fen__gte=0), name="earlier_result_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.year}"

"""The exports of finished rounds."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0003_cycle_in_full"),
        ("records", "0004_archives"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Archive",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "等待导出"),
                            ("making", "正在导出"),
                            ("made", "已导出"),
                            ("failed", "没有成功"),
                        ],
                        default="waiting",
                        max_length=7,
                        verbose_name="状态",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("asked_at", models.DateTimeField(verbose_name="提出时间")),
                ("beat_at", models.DateTimeField()),
                ("made_at", models.DateTimeField(null=True, verbose_name="导出时间")),
                ("index_digest", models.CharField(blank=True, max_length=64)),
                ("fault", models.CharField(blank=True, max_length=200)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "attachment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.attachment",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="archives", to="programmes.round"
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "made"), _negated=True),
                            models.Q(
                                ("attachment__isnull", False),
                                ("made_at__isnull", False),
                                models.Q(("index_digest", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="archive_made_in_full",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("waiting", "making"))),
                        fields=("round",),
                        name="archive_one_at_a_time",
                    ),
                ],
            },
        ),
    ]

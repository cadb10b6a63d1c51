from decimal import Decimal

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT_TABLES = ("endorsement", "rankedlist", "check", "draw")
"""What was said, ranked, checked or drawn is never changed."""


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0001_unions_units_people"),
        ("programmes", "0002_money"),
        ("records", "0003_attachments_from_the_public"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Check",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.CharField(max_length=10)),
                ("sound", models.BooleanField()),
                ("verdicts", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Clearance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "待答复"), ("clear", "无意见"), ("objects", "有意见")],
                        default="asked",
                        max_length=8,
                        verbose_name="意见",
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=1000, verbose_name="说明")),
                ("signed", models.CharField(blank=True, max_length=40, verbose_name="答复人")),
                ("dated", models.DateField(null=True, verbose_name="意见日期")),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="ClearanceRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("department", models.CharField(max_length=40)),
                ("number", models.PositiveSmallIntegerField()),
                ("secret", models.CharField(max_length=64, unique=True)),
                ("due_on", models.DateField(verbose_name="答复期限")),
                ("asked_at", models.DateTimeField()),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("facts", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ("-number",),
            },
        ),
        migrations.CreateModel(
            name="Draw",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.PositiveSmallIntegerField()),
                ("seed", models.CharField(max_length=32)),
                ("pool", models.JSONField()),
                ("drawn", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Endorsement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.SmallIntegerField()),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("submit", "提交"),
                            ("submit_past", "提交给市总"),
                            ("recall", "撤回"),
                            ("endorse", "推荐"),
                            ("endorse_last", "推荐到市总"),
                            ("return", "退回补正"),
                            ("resubmit", "补正后重交"),
                            ("resubmit_last", "补正后重交市总"),
                            ("decline", "不予推荐"),
                            ("accept", "通过资格审查"),
                            ("refuse", "不予通过"),
                            ("withdraw", "退出"),
                            ("propose", "拟命名"),
                            ("pass_over", "未入选"),
                            ("release", "公示"),
                            ("move_up", "递补"),
                            ("hold", "受理异议"),
                            ("dismiss", "驳回异议"),
                            ("uphold", "采纳异议"),
                            ("correct", "更正后重新公示"),
                            ("confer", "命名"),
                        ],
                        max_length=13,
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=2000, verbose_name="意见")),
                ("rank", models.PositiveIntegerField(null=True, verbose_name="排序")),
                ("resolved_on", models.DateField(null=True, verbose_name="决议日期")),
                (
                    "places",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("due_on", models.DateField(null=True, verbose_name="补正期限")),
                ("submission", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("title", models.CharField(blank=True, max_length=80, verbose_name="等次")),
                ("sum_fen", models.BigIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "有效"), ("revoked", "已撤销")],
                        default="active",
                        max_length=7,
                        verbose_name="状态",
                    ),
                ),
                ("conferred_at", models.DateTimeField(verbose_name="命名时间")),
            ],
            options={
                "ordering": ("-year", "id"),
            },
        ),
        migrations.CreateModel(
            name="LevelNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField()),
                ("starts_on", models.DateField(verbose_name="公示开始")),
                ("ends_on", models.DateField(verbose_name="公示结束")),
                ("place", models.CharField(max_length=80, verbose_name="公示地点")),
            ],
            options={
                "ordering": ("level", "id"),
            },
        ),
        migrations.CreateModel(
            name="Pending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("body", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("score", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=9, null=True)),
                ("rank", models.PositiveIntegerField(null=True)),
                ("place", models.PositiveSmallIntegerField(null=True)),
                ("chosen", models.BooleanField()),
                ("reserve", models.PositiveIntegerField(null=True)),
                ("sum_fen", models.BigIntegerField(default=0)),
                ("why", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Quota",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField()),
                ("places", models.PositiveIntegerField(null=True, verbose_name="名额")),
                ("ends_at", models.DateTimeField(verbose_name="推荐截止")),
            ],
        ),
        migrations.CreateModel(
            name="RankedList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField()),
                ("order", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="StepResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.PositiveSmallIntegerField()),
                ("score", models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ("rank", models.PositiveIntegerField(null=True)),
                ("passed", models.BooleanField()),
                ("working", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ("step", "id"),
            },
        ),
        migrations.CreateModel(
            name="StepSheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.PositiveSmallIntegerField()),
                ("secret", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待评"), ("submitted", "已提交"), ("replaced", "已换人")],
                        default="open",
                        max_length=9,
                        verbose_name="状态",
                    ),
                ),
                ("body", models.JSONField(default=dict)),
                ("verdict", models.BooleanField(null=True)),
                ("note", models.TextField(blank=True, max_length=2000, verbose_name="意见")),
                ("submitted_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.AlterModelOptions(
            name="notice",
            options={"ordering": ("id",)},
        ),
        migrations.AddField(
            model_name="application",
            name="due_at",
            field=models.DateTimeField(null=True, verbose_name="期限"),
        ),
        migrations.AddField(
            model_name="application",
            name="level",
            field=models.SmallIntegerField(default=-1),
        ),
        migrations.AddField(
            model_name="application",
            name="released_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="application",
            name="step",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="application",
            name="submissions",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="application",
            name="submitted_at",
            field=models.DateTimeField(null=True, verbose_name="提交时间"),
        ),
        migrations.AddField(
            model_name="notice",
            name="application",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="programmes.application",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="edition",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name="application",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "草稿"),
                    ("awaiting", "待推荐"),
                    ("returned", "已退回"),
                    ("checking", "资格审查"),
                    ("reviewing", "评审中"),
                    ("proposed", "拟命名"),
                    ("not_selected", "未入选"),
                    ("in_notice", "公示中"),
                    ("held", "异议处理中"),
                    ("conferred", "已命名"),
                    ("refused", "不予通过"),
                    ("declined", "不予推荐"),
                    ("withdrawn", "已退出"),
                ],
                default="checking",
                max_length=12,
                verbose_name="状态",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="programmes.round"
            ),
        ),
        migrations.AlterField(
            model_name="snapshot",
            name="stage",
            field=models.CharField(max_length=12),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("round", "application", "edition"), name="notice_edition", nulls_distinct=False
            ),
        ),
        migrations.AddField(
            model_name="check",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="programmes.application"
            ),
        ),
        migrations.AddField(
            model_name="clearance",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="clearances", to="programmes.application"
            ),
        ),
        migrations.AddField(
            model_name="clearancerequest",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="clearancerequest",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="clearance_requests", to="programmes.round"
            ),
        ),
        migrations.AddField(
            model_name="clearance",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="clearances", to="programmes.clearancerequest"
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="drafts", to="programmes.application"
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="draw",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="draw",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="draws", to="programmes.round"
            ),
        ),
        migrations.AddField(
            model_name="endorsement",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="endorsements", to="programmes.application"
            ),
        ),
        migrations.AddField(
            model_name="endorsement",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="endorsement",
            name="countersigned_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="endorsement",
            name="resolution",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.attachment"
            ),
        ),
        migrations.AddField(
            model_name="endorsement",
            name="union",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.union"
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="application",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="entry", to="programmes.application"
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="programmes.programme"
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="organisations.unit"
            ),
        ),
        migrations.AddField(
            model_name="levelnotice",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="level_notices", to="programmes.application"
            ),
        ),
        migrations.AddField(
            model_name="levelnotice",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="levelnotice",
            name="proof",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.attachment"
            ),
        ),
        migrations.AddField(
            model_name="pending",
            name="application",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="pending", to="programmes.application"
            ),
        ),
        migrations.AddField(
            model_name="pending",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="pending",
            name="resolution",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.attachment"
            ),
        ),
        migrations.AddField(
            model_name="placement",
            name="application",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="placement", to="programmes.application"
            ),
        ),
        migrations.AddField(
            model_name="quota",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="quotas", to="programmes.round"
            ),
        ),
        migrations.AddField(
            model_name="quota",
            name="union",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="quotas", to="organisations.union"
            ),
        ),
        migrations.AddField(
            model_name="rankedlist",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="rankedlist",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ranked_lists", to="programmes.round"
            ),
        ),
        migrations.AddField(
            model_name="rankedlist",
            name="union",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ranked_lists", to="organisations.union"
            ),
        ),
        migrations.AddField(
            model_name="stepresult",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="step_results", to="programmes.application"
            ),
        ),
        migrations.AddField(
            model_name="stepsheet",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="step_sheets", to="programmes.application"
            ),
        ),
        migrations.AddField(
            model_name="stepsheet",
            name="photographs",
            field=models.ManyToManyField(related_name="+", to="records.attachment"),
        ),
        migrations.AddField(
            model_name="stepsheet",
            name="reviewer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="step_sheets", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="clearancerequest",
            constraint=models.UniqueConstraint(
                fields=("round", "department", "number"), name="clearance_request_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="clearance",
            constraint=models.UniqueConstraint(fields=("request", "application"), name="clearance_once"),
        ),
        migrations.AddConstraint(
            model_name="clearance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "asked"),
                    models.Q(
                        ("answered_at__isnull", False),
                        ("dated__isnull", False),
                        models.Q(("signed", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="clearance_answered_in_full",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(fields=("application", "number"), name="draft_number"),
        ),
        migrations.AddConstraint(
            model_name="levelnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="level_notice_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(condition=models.Q(("sum_fen__gte", 0)), name="placement_sum"),
        ),
        migrations.AddConstraint(
            model_name="quota",
            constraint=models.UniqueConstraint(fields=("round", "level", "union"), name="quota_once"),
        ),
        migrations.AddConstraint(
            model_name="stepresult",
            constraint=models.UniqueConstraint(fields=("application", "step"), name="step_result_once"),
        ),
        migrations.AddConstraint(
            model_name="stepsheet",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "replaced"), _negated=True),
                fields=("application", "step", "reviewer"),
                name="step_sheet_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="stepsheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "submitted"), _negated=True), ("submitted_at__isnull", False), _connector="OR"
                ),
                name="step_sheet_dated",
            ),
        ),
        *(
            migrations.RunSQL(
                f"create trigger kept before update or delete on programmes_{table} "
                "for each row execute function programmes_kept()",
                migrations.RunSQL.noop,
            )
            for table in KEPT_TABLES
        ),
    ]

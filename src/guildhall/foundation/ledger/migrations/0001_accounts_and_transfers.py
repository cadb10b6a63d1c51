import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("records", "0001_chains"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="账户")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("source", "拨款来源"),
                            ("fund", "专项资金"),
                            ("payee", "收款单位"),
                            ("bank", "银行账户"),
                            ("transit", "在途资金"),
                        ],
                        max_length=8,
                        verbose_name="类别",
                    ),
                ),
                ("owner", models.CharField(max_length=80, verbose_name="属于")),
                ("floor", models.BigIntegerField(default=0, verbose_name="下限")),
                ("posted", models.BigIntegerField(default=0, verbose_name="余额")),
                ("reserved", models.BigIntegerField(default=0, verbose_name="预留")),
                ("incoming", models.BigIntegerField(default=0, verbose_name="待收")),
                ("closed", models.BooleanField(default=False, verbose_name="已关闭")),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "owner"), name="account_one_a_kind_and_owner"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "posted__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("reserved"), "+", models.F("floor")
                                ),
                            )
                        ),
                        name="account_keeps_its_floor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("incoming__gte", 0), ("reserved__gte", 0)),
                        name="account_holds_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed", False), models.Q(("incoming", 0), ("reserved", 0)), _connector="OR"
                        ),
                        name="account_closed_holds_nothing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("floor__gte", -1000000000000000000)), name="account_floor_in_range"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "code",
                    models.SmallIntegerField(
                        choices=[
                            (0, "已入账"),
                            (1, "编号已用于另一笔"),
                            (2, "不合规则"),
                            (3, "没有这个账户"),
                            (4, "账户已关闭"),
                            (5, "已过期"),
                            (6, "余额不足"),
                            (7, "没有这笔预留"),
                            (8, "预留已结清"),
                            (9, "超过预留金额"),
                            (10, "同组另一笔未成"),
                            (11, "成组的最后一笔没有结束"),
                        ]
                    ),
                ),
                ("asked", models.TextField(null=True)),
                ("amount", models.BigIntegerField(null=True, verbose_name="金额")),
                (
                    "phase",
                    models.CharField(
                        choices=[("pending", "预留"), ("posted", "入账"), ("voided", "撤销")], max_length=7, null=True
                    ),
                ),
                ("expires_at", models.DateTimeField(null=True, verbose_name="预留到期")),
                ("memo", models.TextField(blank=True, db_default="", verbose_name="摘要")),
                (
                    "at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="实际时间"),
                ),
                ("business_at", models.DateTimeField(verbose_name="业务时间")),
                (
                    "credit",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="ledger.account",
                    ),
                ),
                (
                    "debit",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="debits",
                        to="ledger.account",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="records.decision",
                    ),
                ),
                (
                    "settles",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settled_by",
                        to="ledger.transfer",
                    ),
                ),
            ],
            options={
                "ordering": ("key",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("expires_at__isnull", False), ("phase", "pending")),
                        fields=["expires_at"],
                        name="transfer_expiry",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("settles__isnull", False)),
                        fields=("settles",),
                        name="transfer_settles_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code", 0), _negated=True),
                            models.Q(
                                ("asked", None),
                                ("credit__isnull", False),
                                ("debit__isnull", False),
                                ("decision__isnull", False),
                                ("amount__gt", 0),
                                ("amount__isnull", False),
                                ("amount__lte", 1000000000000000),
                                ("phase__in", ["pending", "posted", "voided"]),
                                ("phase__isnull", False),
                                models.Q(("debit", models.F("credit")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="transfer_moves_money",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("code", 0),
                            models.Q(
                                ("amount", None),
                                ("asked__isnull", False),
                                ("credit", None),
                                ("debit", None),
                                ("phase", None),
                                ("settles", None),
                            ),
                            _connector="OR",
                        ),
                        name="transfer_refused_keeps_its_answer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("phase", "pending"), ("settles__isnull", False), _negated=True),
                            models.Q(("phase", "voided"), ("settles__isnull", True), _negated=True),
                        ),
                        name="transfer_settles_by_phase",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at", None),
                            models.Q(
                                ("expires_at__gt", models.F("business_at")),
                                ("phase", "pending"),
                                ("phase__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="transfer_pending_may_expire",
                    ),
                ],
            },
        ),
    ]

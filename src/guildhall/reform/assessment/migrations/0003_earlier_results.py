import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assessment", "0002_meeting"),
        ("organisations", "0001_unions_units_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EarlierFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="文件")),
                ("document", models.CharField(max_length=80, verbose_name="依据文件")),
                ("content", models.BinaryField()),
                ("begun_at", models.DateTimeField(verbose_name="上传时间")),
                ("written_at", models.DateTimeField(null=True, verbose_name="写入时间")),
                ("added", models.PositiveIntegerField(default=0, verbose_name="新增")),
                ("changed", models.PositiveIntegerField(default=0, verbose_name="有变化")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="earlier_files",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ("-begun_at", "-id")},
        ),
        migrations.CreateModel(
            name="EarlierResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("score", models.DecimalField(decimal_places=4, max_digits=8, verbose_name="得分")),
                ("group", models.CharField(blank=True, max_length=20, verbose_name="组")),
                ("rank", models.PositiveIntegerField(null=True, verbose_name="组内名次")),
                ("tier", models.CharField(blank=True, max_length=20, verbose_name="档次")),
                ("sum_fen", models.BigIntegerField(default=0, verbose_name="奖补")),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="assessment.earlierfile",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="earlier_results",
                        to="organisations.unit",
                    ),
                ),
            ],
            options={
                "ordering": ("-year", "unit_id"),
                "constraints": [
                    models.UniqueConstraint(fields=("unit", "year"), name="earlier_result_once_a_year"),
                    models.CheckConstraint(
                        condition=models.Q(("score__gte", 0), ("sum_fen__gte", 0)),
                        name="earlier_result_not_negative",
                    ),
                ],
            },
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0002_log_ins_in_bulk"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sanction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("safety", "安全生产"),
                            ("wages", "欠薪"),
                            ("environment", "环保"),
                            ("insurance", "社会保险"),
                            ("discipline", "纪律处分"),
                            ("dues", "工会经费"),
                        ],
                        max_length=12,
                        verbose_name="类别",
                    ),
                ),
                ("text", models.CharField(max_length=200, verbose_name="事由")),
                ("document", models.CharField(max_length=80, verbose_name="文号")),
                ("since", models.DateField(verbose_name="起")),
                ("until", models.DateField(blank=True, null=True, verbose_name="止")),
                ("lifted_on", models.DateField(null=True, verbose_name="解除")),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sanctions", to="organisations.unit"
                    ),
                ),
            ],
            options={
                "ordering": ("-since", "-id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                        name="sanction_in_order",
                    )
                ],
            },
        ),
    ]

"""The business clock's row, and the table of working days for the years that are published."""

from datetime import date, timedelta

import chinese_calendar
from django.db import migrations, models

FIRST, LAST = 2022, 2026
"""The years the demonstration and the first rounds touch; a later year is entered on screen."""


def enter_years(apps, schema_editor):
    """One row a day from the package of the State Council's arrangements."""
    days = (date(FIRST, 1, 1) + timedelta(days=n) for n in range((date(LAST + 1, 1, 1) - date(FIRST, 1, 1)).days))
    row = apps.get_model("clock", "CalendarDay")
    row.objects.bulk_create(row(day=day, works=chinese_calendar.is_workday(day), source="国务院办公厅") for day in days)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="BusinessTime",
            fields=[
                ("only", models.BooleanField(default=True, primary_key=True, serialize=False)),
                ("offset", models.DurationField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("only", True)), name="business_time_one_row")
                ]
            },
        ),
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False, verbose_name="日期")),
                ("works", models.BooleanField(verbose_name="上班")),
                ("source", models.CharField(max_length=80, verbose_name="依据")),
            ],
            options={"ordering": ("day",)},
        ),
        migrations.RunPython(enter_years, migrations.RunPython.noop),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0010_archive"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="corrected",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="objection",
            name="effect",
            field=models.CharField(blank=True, choices=[("removed", "不予通过"), ("corrected", "更正")], max_length=9),
        ),
    ]

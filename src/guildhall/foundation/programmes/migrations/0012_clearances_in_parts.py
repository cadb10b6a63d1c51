import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0011_corrections"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="clearance",
            name="set_aside",
            field=models.CharField(blank=True, max_length=400, verbose_name="不采纳的理由"),
        ),
        migrations.AddField(
            model_name="clearance",
            name="set_aside_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="clearancerequest",
            name="draft",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="clearancerequest",
            name="revoked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="clearancerequest",
            name="submitted_at",
            field=models.DateTimeField(null=True),
        ),
    ]

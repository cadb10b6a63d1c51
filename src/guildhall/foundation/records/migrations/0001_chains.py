import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True, verbose_name="日期")),
                ("number", models.PositiveIntegerField(unique=True, verbose_name="封签号")),
                ("at", models.DateTimeField()),
                ("root", models.CharField(max_length=64)),
                ("heads", models.JSONField()),
                ("previous", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ("number",),
            },
        ),
        migrations.CreateModel(
            name="Stream",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                ("head", models.CharField(max_length=64)),
                ("length", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveBigIntegerField(verbose_name="序号")),
                ("at", models.DateTimeField(verbose_name="实际时间")),
                ("business_at", models.DateTimeField(verbose_name="业务时间")),
                ("actor_name", models.CharField(max_length=80, verbose_name="经办")),
                ("act", models.CharField(max_length=60, verbose_name="事项")),
                ("subject", models.CharField(max_length=120, verbose_name="对象")),
                ("key", models.UUIDField(null=True)),
                ("sealed", models.BooleanField(default=False, verbose_name="仅审计可见")),
                ("digest", models.CharField(max_length=64)),
                ("previous", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "stream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="records.stream"
                    ),
                ),
            ],
            options={
                "ordering": ("stream", "number"),
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("entries", models.PositiveBigIntegerField(default=0)),
                ("ok", models.BooleanField()),
                ("findings", models.JSONField(default=list)),
                (
                    "seal",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.seal"
                    ),
                ),
            ],
            options={
                "ordering": ("-at",),
                "get_latest_by": "at",
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=160, verbose_name="文件名")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pdf", "PDF 文件"),
                            ("png", "PNG 图片"),
                            ("jpeg", "JPEG 图片"),
                            ("xlsx", "Excel 表格"),
                            ("docx", "Word 文档"),
                        ],
                        max_length=4,
                        verbose_name="类型",
                    ),
                ),
                ("size", models.PositiveBigIntegerField(verbose_name="大小")),
                ("digest", models.CharField(max_length=64, verbose_name="SM3 摘要")),
                ("path", models.CharField(max_length=80, unique=True)),
                ("uploaded_at", models.DateTimeField(verbose_name="上传时间")),
                ("stream", models.CharField(blank=True, max_length=120, verbose_name="记录链")),
                ("subject", models.CharField(max_length=120, verbose_name="属于")),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "indexes": [models.Index(fields=["subject"], name="attachment_subject")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="attachment_not_empty")
                ],
            },
        ),
        migrations.CreateModel(
            name="Content",
            fields=[
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="content",
                        serialize=False,
                        to="records.decision",
                    ),
                ),
                ("salt", models.CharField(blank=True, max_length=32)),
                ("body", models.JSONField(null=True)),
                ("note", models.TextField(blank=True)),
                ("sealed", models.TextField(blank=True)),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("erased_at", None),
                            models.Q(("body", None), ("note", ""), ("salt", ""), ("sealed", "")),
                            _connector="OR",
                        ),
                        name="content_erased_is_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sealed", ""), models.Q(("body", None), ("note", ""), ("salt", "")), _connector="OR"
                        ),
                        name="content_sealed_hides_all",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["subject"], name="decision_subject"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(fields=("stream", "number"), name="decision_number"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key__isnull", False)), fields=("stream", "key"), name="decision_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="decision_counts_from_one"),
        ),
    ]

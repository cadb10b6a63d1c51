"""Series, documents and templates; the database itself keeps what was issued as it was issued."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT = """
create function documents_kept() returns trigger language plpgsql as $$
declare
    before jsonb := to_jsonb(old);
    after jsonb := to_jsonb(new);
    revocation constant text[] := array['state', 'reason', 'revoked_at', 'revoked_by_id'];
begin
    if old.file_id is null and new.file_id is not null and before - 'file_id' = after - 'file_id' then
        return new;  -- Printed where it was issued without a font.
    end if;
    if old.state = 'valid' and new.state = 'revoked' and before - revocation = after - revocation then
        return new;
    end if;
    raise exception 'a document stands as it was issued' using errcode = 'restrict_violation';
end
$$
"""
COUNTS = """
create function documents_series_counts() returns trigger language plpgsql as $$
begin
    if new.last >= old.last and (new.id, new.union_id, new.name, new.year) = (old.id, old.union_id, old.name, old.year) then
        return new;
    end if;
    raise exception 'a series only counts on' using errcode = 'restrict_violation';
end
$$
"""
TRIGGERS = [
    KEPT,
    COUNTS,
    "create trigger kept before update on documents_document for each row execute function documents_kept()",
    "create trigger counts before update on documents_series for each row execute function documents_series_counts()",
    *(
        f"create trigger stays before delete or truncate on documents_{table} for each statement execute function records_refuse()"
        for table in ("document", "series", "template")
    ),
    "create trigger frozen before update on documents_template for each statement execute function records_refuse()",
]
UNDO = [
    *(f"drop trigger stays on documents_{table}" for table in ("document", "series", "template")),
    "drop trigger frozen on documents_template",
    "drop trigger counts on documents_series",
    "drop trigger kept on documents_document",
    "drop function documents_series_counts()",
    "drop function documents_kept()",
]


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("organisations", "0001_unions_units_people"),
        ("records", "0003_attachments_from_the_public"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Series",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, verbose_name="系列")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年份")),
                ("pattern", models.CharField(max_length=60, verbose_name="样式")),
                ("last", models.PositiveIntegerField(default=0, verbose_name="已用到")),
                (
                    "union",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="series", to="organisations.union"
                    ),
                ),
            ],
            options={
                "ordering": ("-year", "name"),
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("notice", "公示"),
                            ("summary", "汇总表"),
                            ("ranking", "推荐排序表"),
                            ("result", "结果文件"),
                            ("certificate", "证书"),
                            ("application", "申报表"),
                        ],
                        max_length=12,
                        verbose_name="种类",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年份")),
                ("ordinal", models.PositiveIntegerField(verbose_name="序号")),
                ("number", models.CharField(max_length=80, verbose_name="编号")),
                ("title", models.CharField(max_length=160, verbose_name="标题")),
                ("subject", models.CharField(max_length=120, verbose_name="关于")),
                ("seals", models.JSONField(default=list)),
                ("content", models.JSONField()),
                ("sheet", models.CharField(max_length=20)),
                ("digest", models.CharField(max_length=64, verbose_name="摘要")),
                ("check_code", models.CharField(max_length=9, unique=True, verbose_name="核验码")),
                ("issued_at", models.DateTimeField(verbose_name="制发时间")),
                ("key", models.UUIDField(unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("valid", "有效"), ("revoked", "已作废")],
                        default="valid",
                        max_length=7,
                        verbose_name="状态",
                    ),
                ),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="作废时间")),
                ("reason", models.CharField(blank=True, max_length=400, verbose_name="作废原因")),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.attachment",
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "union",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="organisations.union"
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="documents.series"
                    ),
                ),
            ],
            options={
                "ordering": ("-year", "-ordinal", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Template",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("notice", "公示"),
                            ("summary", "汇总表"),
                            ("ranking", "推荐排序表"),
                            ("result", "结果文件"),
                            ("certificate", "证书"),
                            ("application", "申报表"),
                        ],
                        max_length=12,
                        verbose_name="种类",
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="版本")),
                ("put_at", models.DateTimeField(verbose_name="更换时间")),
                ("key", models.UUIDField(unique=True)),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.attachment",
                    ),
                ),
                (
                    "put_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("kind", "-version"),
            },
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.UniqueConstraint(fields=("union", "name", "year"), name="series_once_a_year"),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["subject"], name="document_subject"),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(fields=("series", "ordinal"), name="document_ordinal"),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(fields=("union", "number"), name="document_number"),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", ""), ("revoked_at", None), ("revoked_by", None), ("state", "valid")),
                    models.Q(
                        ("revoked_at__isnull", False),
                        ("revoked_by__isnull", False),
                        ("state", "revoked"),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="document_revoked_in_full",
            ),
        ),
        migrations.AddConstraint(
            model_name="template",
            constraint=models.UniqueConstraint(fields=("kind", "version"), name="template_version"),
        ),
        migrations.RunSQL(TRIGGERS, UNDO),
    ]

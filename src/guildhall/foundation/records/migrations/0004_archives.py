"""An attachment may be an archive that the house itself made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0003_attachments_from_the_public")]

    operations = [
        migrations.AlterField(
            "attachment",
            "kind",
            models.CharField(
                choices=[
                    ("pdf", "PDF 文件"),
                    ("png", "PNG 图片"),
                    ("jpeg", "JPEG 图片"),
                    ("xlsx", "Excel 表格"),
                    ("docx", "Word 文档"),
                    ("zip", "归档文件"),
                ],
                max_length=4,
                verbose_name="类型",
            ),
        ),
    ]

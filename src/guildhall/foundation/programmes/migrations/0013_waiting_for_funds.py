"""A payment that an objection brought may wait for an added budget."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programmes", "0012_clearances_in_parts")]

    operations = [
        migrations.AlterField(
            model_name="payoutrow",
            name="waits",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "–"),
                    ("no_account", "还没有登记收款账户"),
                    ("unchecked", "收款账户有变更，还没有两人核对"),
                    ("name_off", "账户名称与单位名称不一致"),
                    ("not_corrected", "上次退回后还没有更正账户"),
                    ("no_funds", "异议后增加的奖补超出资金，等追加预算"),
                ],
                default="",
                max_length=16,
                verbose_name="缓付原因",
            ),
        ),
    ]

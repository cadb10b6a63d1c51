"""The ledger's entry point, what the database refuses by itself, and how full a page of accounts may be."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
REFUSE = """
create or replace function ledger_refuse() returns trigger language plpgsql as $$
begin
    raise exception '% keeps what was written: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end
$$
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_accounts_and_transfers")]
    operations = [
        migrations.RunSQL(
            [
                REFUSE,
                (
                    "create trigger ledger_transfer_frozen before update or delete or truncate on ledger_transfer"
                    " for each statement execute function ledger_refuse()"
                ),
                # In the place of foreign keys from transfers: an account goes nowhere and keeps its name tag.
                (
                    "create trigger ledger_account_kept before delete or truncate on ledger_account"
                    " for each statement execute function ledger_refuse()"
                ),
                (
                    "create trigger ledger_account_is_itself before update of id, kind, owner on ledger_account"
                    " for each statement execute function ledger_refuse()"
                ),
                (
                    "alter table ledger_transfer add constraint transfer_debit_account foreign key (debit_id)"
                    " references ledger_account (id) not enforced"
                ),
                (
                    "alter table ledger_transfer add constraint transfer_credit_account foreign key (credit_id)"
                    " references ledger_account (id) not enforced"
                ),
                # Half-empty pages keep the updates of hot accounts on their page (HOT).
                "alter table ledger_account set (fillfactor = 50)",
                (SQL / "body.sql").read_text(),
                (SQL / "post_exactly.sql").read_text(),
                (SQL / "post.sql").read_text(),
            ],
            [
                (
                    "drop function ledger_post(uuid[], bigint[], bigint[], bigint[], text[], uuid[], boolean[], timestamptz[],"
                    " text[], bigint, timestamptz, boolean)"
                ),
                (
                    "drop function ledger_post_exactly(uuid[], bigint[], bigint[], bigint[], text[], uuid[], boolean[],"
                    " timestamptz[], text[], bigint, timestamptz)"
                ),
                "drop function ledger_body(bigint, bigint, bigint, text, uuid, timestamptz, text)",
                "drop trigger ledger_transfer_frozen on ledger_transfer",
                "drop trigger ledger_account_kept on ledger_account",
                "drop trigger ledger_account_is_itself on ledger_account",
                "alter table ledger_transfer drop constraint transfer_debit_account",
                "alter table ledger_transfer drop constraint transfer_credit_account",
                "drop function ledger_refuse()",
            ],
        )
    ]

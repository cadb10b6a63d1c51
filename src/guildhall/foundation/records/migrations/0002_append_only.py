"""The database itself refuses to change what was recorded."""

from django.db import migrations

REFUSE = """
create or replace function records_refuse() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end
$$
"""
ADVANCE = """
create or replace function records_stream_advances() returns trigger language plpgsql as $$
begin
    if new.id = old.id and new.name = old.name and new.length > old.length and new.head <> old.head then
        return new;
    end if;
    raise exception 'a stream only advances' using errcode = 'restrict_violation';
end
$$
"""
ERASE = """
create or replace function records_content_erases() returns trigger language plpgsql as $$
begin
    if new.decision_id = old.decision_id and old.erased_at is null and new.erased_at is not null then
        return new;  -- A CHECK demands that nothing is left in an erased one.
    end if;
    raise exception 'a content is only erased' using errcode = 'restrict_violation';
end
$$
"""
FROZEN = "create trigger {0}_frozen before update or delete or truncate on {0} for each statement execute function records_refuse()"
KEPT = "create trigger {0}_kept before delete or truncate on {0} for each statement execute function records_refuse()"
UNDO = [
    "drop trigger records_decision_frozen on records_decision",
    "drop trigger records_seal_frozen on records_seal",
    "drop trigger records_stream_kept on records_stream",
    "drop trigger records_content_kept on records_content",
    "drop trigger records_stream_advances on records_stream",
    "drop trigger records_content_erases on records_content",
    "drop function records_refuse()",
    "drop function records_stream_advances()",
    "drop function records_content_erases()",
]


class Migration(migrations.Migration):
    dependencies = [("records", "0001_chains")]
    operations = [
        migrations.RunSQL(
            [
                REFUSE,
                ADVANCE,
                ERASE,
                FROZEN.format("records_decision"),
                FROZEN.format("records_seal"),
                KEPT.format("records_stream"),
                KEPT.format("records_content"),
                (
                    "create trigger records_stream_advances before update on records_stream"
                    " for each row execute function records_stream_advances()"
                ),
                (
                    "create trigger records_content_erases before update on records_content"
                    " for each row execute function records_content_erases()"
                ),
            ],
            UNDO,
        )
    ]

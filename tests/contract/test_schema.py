"""One federation's data in one schema, owned by its own role; nothing crosses to another schema, and no SQL names one."""

import ast
import re
from pathlib import Path

import pytest
from django.db import connection

import guildhall
from guildhall.cli.database import ROLE

SOURCES = Path(guildhall.__file__).parent
NAMES_A_SCHEMA = re.compile(
    r"""(?ix) \b(?:from|join|into|update|table|on|references|truncate|exists|function|procedure|trigger)\s+
              (?:only\s+)?"?(?P<schema>[a-z_][a-z0-9_]*)"?\."?[a-z_]\w*"? """
)
SETS_THE_PATH = re.compile(r"(?i)\bset\s+(?:local\s+|session\s+)?search_path\b")
LIBRARY = frozenset({"pg_catalog", "information_schema"})
ALIASES = frozenset({"new", "old", "excluded"})
STATEMENT = re.compile(r"(?i)\b(select|insert|update|delete|create|alter|drop|truncate|copy|lock)\b")
OUTSIDE = frozenset({"cli/database.py"})
"""Where a schema is made: before there is one, under the cluster's own account."""


def rows(sql: str, *params: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


@pytest.mark.django_db
def test_every_table_lives_in_the_federations_schema() -> None:
    found = rows(
        "SELECT DISTINCT n.nspname, pg_get_userbyid(n.nspowner), pg_get_userbyid(c.relowner) FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') "
        "AND n.nspname !~ '^(pg_|information_schema)'"
    )
    assert len(found) == 1
    schema, *owners = found[0]
    assert schema != "public"
    assert owners == [ROLE, ROLE]
    assert rows("SELECT current_schema()") == [(schema,)]


@pytest.mark.django_db
def test_functions_live_there_too() -> None:
    found = rows(
        "SELECT DISTINCT n.nspname = current_schema(), pg_get_userbyid(p.proowner) FROM pg_proc p "
        "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname !~ '^(pg_|information_schema)' "
        "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    )
    assert found == [(True, ROLE)]


@pytest.mark.django_db
def test_the_role_is_no_superuser_and_its_own_setting_names_the_schema() -> None:
    assert rows("SELECT current_user, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user") \
        == [(ROLE, False, False, False)]  # fmt: skip
    settings = rows("SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole "
                    "WHERE r.rolname = current_user")  # fmt: skip
    assert any(str(setting).startswith("search_path=") for (setting,) in settings)


@pytest.mark.django_db
def test_no_foreign_key_and_no_trigger_crosses_schemas() -> None:
    keys = rows(
        "SELECT k.conname FROM pg_constraint k JOIN pg_class a ON a.oid = k.conrelid JOIN pg_class b ON b.oid = k.confrelid "
        "WHERE k.contype = 'f' AND a.relnamespace <> b.relnamespace"
    )
    triggers = rows(
        "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE NOT t.tgisinternal AND c.relnamespace <> p.pronamespace"
    )
    assert rows("SELECT count(*) > 0 FROM pg_constraint WHERE contype = 'f'") == [(True,)]
    assert rows("SELECT count(*) > 0 FROM pg_trigger WHERE NOT tgisinternal") == [(True,)]
    assert (keys, triggers) == ([], [])


def named(text: str) -> list[str]:
    """The schemas that a piece of SQL names; an alias before a column is none."""
    found = [match["schema"].lower() for match in NAMES_A_SCHEMA.finditer(text)]
    return [name for name in found if name not in LIBRARY | ALIASES] + SETS_THE_PATH.findall(text)


def pieces() -> list[tuple[str, str]]:
    """Every piece of SQL in the sources, with where it stands: .sql files, and strings that read like a statement."""
    found = [(str(path.relative_to(SOURCES)), path.read_text(encoding="utf-8")) for path in SOURCES.rglob("*.sql")]
    for path in SOURCES.rglob("*.py"):
        where = str(path.relative_to(SOURCES))
        if where in OUTSIDE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.search(node.value):
                found.append((where, node.value))
    return found


def test_no_sql_names_a_schema() -> None:
    found = pieces()
    assert [where for where, _text in found if where.endswith(".sql")]
    assert [(where, named(text)) for where, text in found if named(text) and _is_sql(text)] == []


def _is_sql(text: str) -> bool:
    """A sentence in English may say "update from a.b"; SQL has no full stop and a blank before a capital letter."""
    return not re.search(r"[a-z]\. [A-Z]", text)


@pytest.mark.parametrize(
    "text",
    ["SELECT 1 FROM guildhall.records_entry", 'insert into "city2"."ledger_transfer" values (1)',
     "create trigger x on other.t", "SET search_path TO other"],
)  # fmt: skip
def test_the_search_finds_a_named_schema(text: str) -> None:
    assert named(text)

"""What must stand before the first request: translations, tables, static files, the demonstration city.

Each step finds out cheaply that it has nothing to do, so that a second start takes seconds.
"""

import hashlib
import os
from pathlib import Path

from guildhall.cli.errors import Trouble
from guildhall.config import environment


def catalogues() -> None:
    """Compile each translation that is newer than its compiled form."""
    from polib import pofile

    import guildhall

    for source in (Path(guildhall.__file__).parent / "locale").glob("*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            half = compiled.with_suffix(f".{os.getpid()}")
            pofile(str(source)).save_as_mofile(str(half))
            half.replace(compiled)


def django_up() -> None:
    """Load the settings and the applications."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.config.settings")
    try:
        environment.database()
    except ValueError as error:
        raise Trouble(str(error), status=2) from None
    import django
    from django.db import OperationalError, connection

    django.setup()
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise Trouble(f"the database cannot be reached: {str(error).strip()}") from None


def migrate() -> int:
    """Apply the migrations that are missing and say how many; with none, ask one question and go on."""
    from django.core.cache import caches
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", interactive=False, verbosity=0)
    table = getattr(caches["default"], "_table", None)
    if table and table not in connection.introspection.table_names():
        call_command("createcachetable", verbosity=0)
    return len(plan)


def static_files() -> None:
    """Collect and compress static files where one has changed since the last time."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    stamp = Path(settings.HOME) / "static.stamp"
    if not stamp.exists() or stamp.read_text() != digest.hexdigest():
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(digest.hexdigest())


def city_is_missing() -> bool:
    """Is this the demonstration at its first start? Its city comes in one transaction, whole or not."""
    from django.conf import settings
    from django.contrib.auth import get_user_model

    return bool(settings.DEMO) and not get_user_model().objects.exists()


def load_city() -> None:
    """Build the demonstration city, whole or not at all: a killed first start begins again from nothing."""
    from django.db import connection, transaction

    from guildhall.cli.city import load

    with transaction.atomic():
        load()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # Until autovacuum comes, the planner knows of none of the new rows.


def let_go() -> None:
    """Close the connections: from here on the children have their own."""
    from django.db import connections

    connections.close_all()

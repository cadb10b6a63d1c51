"""What the worker does by itself: each room's jobs are found when it starts."""

from pathlib import Path

import guildhall


def test_every_room_with_jobs_is_found_by_the_worker():
    from procrastinate.contrib.django import app

    package = Path(guildhall.__file__).parent
    rooms = {
        ".".join(("guildhall", *path.relative_to(package).with_suffix("").parts)) for path in package.rglob("jobs.py")
    }

    found = {name.rsplit(".", 1)[0] for name in app.tasks}

    assert rooms
    assert rooms <= found


def test_each_of_them_runs_by_the_clock():
    from procrastinate.contrib.django import app

    periodic = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}

    assert {name for name in app.tasks if name.startswith("guildhall.")} == periodic

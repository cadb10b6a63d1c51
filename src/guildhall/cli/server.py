"""The web server's process: granian, one worker process, blocking threads; WSGI, for Django here is synchronous."""

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

from guildhall.cli.processes import die_with_parent, wait_at_gate
from guildhall.config import environment

THREADS = 4


def load() -> Callable[..., Any]:
    """Called in granian's worker process, which must not outlive a killed granian: it would hold the port.

    The application is made here, after the static files were collected: it looks at them once.
    """
    die_with_parent()
    from guildhall.config.wsgi import application

    return application


def main() -> None:
    """Load, wait until everything stands, serve until SIGTERM."""
    import django
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.config.settings")
    django.setup()
    import_module("guildhall.config.urls")  # Loaded here, every page's code is there for each worker that is forked.
    wait_at_gate()
    Granian(
        "guildhall.cli.server:load",
        factory=True,
        address="127.0.0.1",
        port=environment.port(),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main()

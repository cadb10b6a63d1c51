"""The worker's process: deadlines, ends of notices, seals, reminders and what is sent out."""

import os

from guildhall.cli.processes import wait_at_gate

CONCURRENCY = 2


def main() -> None:
    """Work until SIGTERM; a job that is being done is finished first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    wait_at_gate()
    call_command("procrastinate", "worker", concurrency=CONCURRENCY, shutdown_graceful_timeout=8, verbosity=0)


if __name__ == "__main__":
    main()

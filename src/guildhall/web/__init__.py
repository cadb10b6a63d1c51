"""The shell: front page, sign-in, workbench, clock, outbox, records."""

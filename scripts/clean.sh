#!/bin/sh
# Remove everything that make made in this folder, the data of the demonstration included.
set -eu
cd "$(dirname "$0")/.."
if [ -e var/up.lock ] && ! flock -n var/up.lock true; then
    echo "guildhall: still served; stop it first ($(cat var/up.lock))." >&2
    exit 1
fi
if [ -L var/postgres ]; then
    place=$(readlink var/postgres)
    case $place in /var/lib/guildhall/*) rm -rf "$place" ;; esac
fi
rm -rf var .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
find src tests benches -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

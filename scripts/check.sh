#!/bin/sh
# Everything that can be known without running a test; all of it runs, then the first fault fails the whole.
set -u
cd "$(dirname "$0")/.."
export GUILDHALL_TESTING=1 DJANGO_SETTINGS_MODULE=guildhall.config.settings
failed=""
step() {
    name=$1
    shift
    echo "── $name"
    "$@" || failed="$failed $name;"
}
step "format" ruff format --check --quiet .
step "lint" ruff check --quiet .
step "types" mypy
step "templates" djlint --lint --quiet src
step "imports" lint-imports --no-logo
step "settings" python -m django check --fail-level WARNING
step "migrations" python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run
step "translations" python -m guildhall.foundation.screens.catalogue --check
if [ -n "$failed" ]; then
    echo "not as it should be:$failed" >&2
    exit 1
fi

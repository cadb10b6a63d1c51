# Two commands: `make demo` serves the demonstration city, `make test` runs every test.
# The virtual environment, front-end packages and files at run time stay in .venv, node_modules and var.

PYTHON ?= python3
PYTEST ?=
export PYTHON

.PHONY: demo up test check format bench venv dev assets fonts browser clean

demo: fonts assets
	@.venv/bin/python -m guildhall.cli demo --with-parent

up: assets
	@.venv/bin/python -m guildhall.cli up --with-parent

test: dev assets browser
	@.venv/bin/python -m pytest -n 2 --dist loadfile $(PYTEST)

check: dev assets
	@PATH="$(CURDIR)/.venv/bin:$$PATH" sh scripts/check.sh

format: dev
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

bench: dev assets
	@.venv/bin/python -m benches

venv:
	@sh scripts/install.sh run

dev:
	@sh scripts/install.sh dev

assets: venv
	@.venv/bin/python -m guildhall.cli.frontend

# Debian's Chinese fonts for what is printed; without them the assets' build unpacks one from npm.
fonts:
	@sh scripts/fonts.sh

browser:
	@sh scripts/browser.sh

# The embedded database must not be running; as root it may live in /var/lib/guildhall, where var/postgres points.
clean:
	@sh scripts/clean.sh

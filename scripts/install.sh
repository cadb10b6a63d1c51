#!/bin/sh
# install.sh run|dev: the virtual environment of this folder, from pinned requirements; nothing where nothing changed.
set -eu
cd "$(dirname "$0")/.."
kind=$1
python=${PYTHON:-python3}
say() { echo "guildhall: $*" >&2; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    say "Python 3.11 or newer is needed; name it: make PYTHON=python3.12"
    exit 1
}

wanted=$({ cat requirements/bootstrap.txt "requirements/$kind.txt" pyproject.toml; pwd; } | sha256sum)
[ "$(cat ".venv/$kind.stamp" 2>/dev/null)" = "$wanted" ] && exit 0

# A venv remembers its folder: one that was copied or moved along is made again. Which Python made it stays.
if [ "$(cat .venv/folder 2>/dev/null)" != "$(pwd)" ] || ! .venv/bin/python -c "" 2>/dev/null; then
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        # Debian's minimal Python comes without.
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            say "installing python3-venv …"
            { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y python3-venv; } >/dev/null
        else
            say "Python's venv is missing; install it: sudo apt install python3-venv"
            exit 1
        fi
    fi
    rm -rf .venv
    "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/bootstrap.txt
    pwd >.venv/folder
fi

export VIRTUAL_ENV="$PWD/.venv" UV_SYSTEM_CERTS=1  # The machine decides whom to trust, as for pip.
.venv/bin/uv pip install --quiet -r "requirements/$kind.txt"
.venv/bin/uv pip install --quiet --no-deps --editable .
echo "$wanted" >".venv/$kind.stamp"

#!/bin/sh
# Debian's Chromium and Chinese fonts for the journeys, where they are missing and we may install them.
set -eu
missing=""
command -v chromium >/dev/null || missing="chromium"
[ -n "$(fc-list :lang=zh-cn 2>/dev/null | head -n 1)" ] || missing="$missing fonts-noto-cjk"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "guildhall: installing$(printf ' %s' $missing) …" >&2
    # shellcheck disable=SC2086
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing; } >/dev/null ||
        echo "guildhall: could not install $missing; the journeys in a browser will be skipped." >&2
else
    echo "guildhall: $missing missing; the journeys in a browser will be skipped: sudo apt install $missing" >&2
fi

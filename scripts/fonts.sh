#!/bin/sh
# Debian's Chinese fonts for what is printed, where they are missing and we may install them; goes on without.
set -u
for font in /usr/share/fonts/opentype/noto/Noto*CJK* /usr/share/fonts/truetype/noto/Noto*CJK* /usr/share/fonts/*/*/*ource*an*erif*; do
    [ -e "$font" ] && exit 0
done
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || exit 0
echo "guildhall: installing fonts-noto-cjk …" >&2
quick="-o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10 -o Acquire::Retries=0"
# shellcheck disable=SC2086
{ apt-get -qq $quick update && DEBIAN_FRONTEND=noninteractive apt-get -qq $quick install -y --no-install-recommends fonts-noto-cjk; } >/dev/null 2>&1 ||
    echo "guildhall: could not install fonts-noto-cjk; going on without." >&2
exit 0

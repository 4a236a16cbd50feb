#!/bin/sh
# Installs what the full test run needs besides Python: a browser, a database server, Node, Java.
set -eu
if ! command -v apt-get >/dev/null; then
    echo "This knows Debian only. Install Chromium with its driver, PostgreSQL and Node by hand." >&2
    exit 1
fi
wanted=""
[ -x /usr/bin/chromium ] && [ -x /usr/bin/chromedriver ] || wanted="$wanted chromium chromium-driver"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted="$wanted postgresql"
command -v node >/dev/null && command -v npm >/dev/null || wanted="$wanted nodejs npm"
command -v java >/dev/null || wanted="$wanted default-jre-headless" # runs the Nu Html Checker
command -v wrk >/dev/null || wanted="$wanted wrk"
"${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null || wanted="$wanted python3-venv"
if [ -z "$wanted" ]; then
    echo "Everything is there."
    exit 0
fi
root=""
[ "$(id -u)" -eq 0 ] || root="sudo"
$root apt-get update -qq
# shellcheck disable=SC2086 - the list is meant to be split
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted

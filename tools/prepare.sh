# Sourced by ./verify and ./selftest: brings this machine to where the suite runs. Says what it installs before it does;
# installs nothing that is there already.
# Arguments: lock file, further Debian packages.

stop() { echo "$*" >&2; exit 2; }

check_system() {
    local ID='' ID_LIKE='' PRETTY_NAME='' release=${OS_RELEASE:-/etc/os-release}
    # shellcheck disable=SC1090 # the system's own description
    [ -r "$release" ] && . "$release"
    case " $ID $ID_LIKE " in
        *" debian "* | *" ubuntu "*) ;;
        *) stop "This is ${PRETTY_NAME:-an unknown system}: the local gateway needs Debian 12 or an Ubuntu with PHP 8.2, and apt-get; against other environments the suite needs only Python 3.11 and requirements.lock." ;;
    esac
    command -v python3 >/dev/null || stop "python3 is missing; expected Python 3.11 or newer (apt-get install python3)."
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        stop "$(python3 --version) is too old; expected Python 3.11 or newer."
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else stop "$1 needs root and there is no sudo; as root, run: $*"; fi
}

# Services of packages that this script installs must neither start now nor at the next boot: the gateway brings its own.
install_packages() {
    local policy=/usr/sbin/policy-rc.d log status=0
    log=$(mktemp)
    echo "Installing Debian packages: $*"
    [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null; as_root chmod 755 "$policy"; trap "as_root rm -f $policy" EXIT; }
    { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1 || status=$?
    if [ "$(trap -p EXIT)" ]; then as_root rm -f "$policy"; trap - EXIT; fi
    [ "$status" = 0 ] || stop "apt-get could not install them: $(grep -m1 '^E:' "$log" || tail -n 1 "$log") (all of it: $log)"
    rm -f "$log"
    [ -d /run/systemd/system ] || return 0
    for package in "$@"; do
        for unit in $(dpkg -L "$package" 2>/dev/null | sed -n 's|.*/systemd/system/\([^@/]*\.service\)$|\1|p'); do
            as_root systemctl disable --quiet --now "$unit" 2>/dev/null || true
        done
    done
}

prepare() {
    local lock=$1 missing
    shift
    check_system
    missing=$(python3 -m stack packages --missing) || stop "the list of packages could not be read"
    for package in "$@"; do dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"; done
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
    # shellcheck disable=SC2086 # one word per package
    [ -z "${missing//[[:space:]]/}" ] || install_packages $missing
    if [ ! -x .venv/bin/python ] || ! sha256sum --check --status .venv/.installed-"$lock" 2>/dev/null; then
        echo "Installing Python packages of $lock into .venv"
        [ -x .venv/bin/python ] || python3 -m venv .venv || stop "python3 -m venv could not make .venv"
        .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock" || stop "pip could not install $lock"
        # The checkout itself, so that plain `pytest` finds the suite.
        pwd >"$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/deploycheck-checkout.pth"
        sha256sum "$lock" >.venv/.installed-"$lock"
    fi
    # Where Python may not write bytecode (PYTHONDONTWRITEBYTECODE, as in many images) every start would compile the suite anew: 0.8 s.
    .venv/bin/python -m compileall -q conftest.py deploycheck stack tests_* >/dev/null 2>&1 || true
}

#!/usr/bin/env bash
# Usage: tools/setup.sh demo|test|bench|fuzz
# Makes the machine ready for that step: system packages, .venv, the locked Python packages, showctl itself (editable).
# Quick when nothing changed: .venv keeps a copy of each lock file that was installed.
set -euo pipefail
cd "$(dirname "$0")/.."

step=${1:?usage: tools/setup.sh demo|test|bench|fuzz}
venv=.venv
PATH=$PATH:/usr/sbin:/sbin # where Debian keeps avahi-daemon, missing from a user's PATH

say() { printf 'setup: %s\n' "$*" >&2; }

# --- system packages -----------------------------------------------------------------------------------------------

as_root=()
may_apt() {
    command -v apt-get >/dev/null || return 1
    [[ $(id -u) == 0 ]] && return
    as_root=(sudo -n)
    sudo -n true 2>/dev/null
}

apt_updated=no
apt_install() {
    may_apt || return 1
    say "installing system packages: $*"
    local apt=("${as_root[@]+"${as_root[@]}"}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
    if [[ $apt_updated == no ]]; then
        "${apt[@]}" update >&2 || say "apt-get update failed; trying with the package lists as they are"
        apt_updated=yes
    fi
    "${apt[@]}" install -y --no-install-recommends "$@" </dev/null >&2
}

has_portaudio() {
    [[ $(uname) != Linux ]] && return # the sounddevice wheel brings it
    "$venv/bin/python" -c 'import sys, ctypes.util; sys.exit(not ctypes.util.find_library("portaudio"))'
}

# What the step needs, as "program:package", by the names of Debian or Homebrew.
needed_programs() {
    [[ $step == demo || $step == fuzz ]] && return
    if [[ $(uname) == Darwin ]]; then
        echo jackd:jack oscsend:liblo tshark:wireshark node:node npm:node
    else
        echo jackd:jackd2 oscsend:liblo-tools klick:klick avahi-browse:avahi-utils avahi-daemon:avahi-daemon
        case $step in
        test) echo pd:puredata-core sclang:supercollider-language tshark:tshark node:nodejs npm:npm ;;
        bench) echo scsynth:supercollider-server ;;
        esac
    fi
}

missing_packages() {
    local pair
    has_portaudio || echo libportaudio2
    for pair in $(needed_programs); do
        command -v "${pair%%:*}" >/dev/null || echo "${pair##*:}"
    done
}

how_to_install() {
    if command -v apt-get >/dev/null; then
        echo "run: sudo apt-get install $*"
    elif command -v brew >/dev/null || [[ $(uname) == Darwin ]]; then
        echo "run: brew install $*"
    else
        echo "install with your package manager what Debian calls: $*"
    fi
}

ensure_system_packages() {
    local missing
    missing=$(missing_packages | paste -sd ' ' -)
    [[ -z $missing ]] && return
    # shellcheck disable=SC2086 # a list of package names
    apt_install $missing && return
    if [[ $step == demo ]]; then
        say "no PortAudio, so the demo plays on the virtual device; for the sound card $(how_to_install "$missing")"
    else
        say "tests that need these will fail; $(how_to_install "$missing")"
    fi
}

# --- Python --------------------------------------------------------------------------------------------------------

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    say "showctl needs Python 3.11 or newer, and none was found (PYTHON=/path/to/python3 names one)"
    return 1
}

# Debian leaves ensurepip out of python3: `python3 -m venv` then fails halfway.
ensure_ensurepip() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    local package
    package=$("$1" -c 'import sys; print("python{}.{}-venv".format(*sys.version_info))')
    apt_install "$package" && "$1" -c 'import ensurepip' && return
    say "this Python cannot make a virtual environment; run: sudo apt-get install $package"
    return 1
}

# An existing .venv is kept while its Python runs; one whose Python went away (an upgrade) is made anew.
ensure_venv() {
    local python
    if is_new_enough "$venv/bin/python"; then
        "$venv/bin/python" -c 'import pip' 2>/dev/null || "$venv/bin/python" -m ensurepip --default-pip >/dev/null
        return
    fi
    python=$(find_python)
    ensure_ensurepip "$python"
    say "creating $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
}

pip_install() { "$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check "$@" </dev/null; }

install_locked() {
    cmp -s "$1" "$venv/$1" && return
    say "installing $1"
    pip_install --require-hashes -r "$1"
    cp "$1" "$venv/$1"
}

# The stamp holds the folder too: a moved or copied tree must not go on running the old one's code.
install_showctl() {
    local stamp=$venv/showctl.installed wanted
    wanted=$(pwd && cat pyproject.toml)
    [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && return
    pip_install --no-deps --no-build-isolation -e .
    printf '%s\n' "$wanted" >"$stamp"
}

# --- npm: programs that judge the service in tests -----------------------------------------------------------------

npm_folders=(tests/web/npm tests/clients/npm)

# `npm ci` installs what is locked there, by its hashes, and nothing else; no package may run a script.
install_npm() {
    local folder=$1 stamp=$1/node_modules/installed.lock
    cmp -s "$folder/package-lock.json" "$stamp" && return
    say "installing $folder/package-lock.json"
    if (cd "$folder" && npm ci --silent </dev/null >&2); then
        cp "$folder/package-lock.json" "$stamp"
    else
        say "npm could not install $folder: the test that needs it will fail"
    fi
}

case $step in
demo) locks=(requirements.lock) ;;
test) locks=(requirements.lock requirements-dev.lock) ;;
bench) locks=(requirements.lock requirements-dev.lock requirements-bench.lock) ;;
fuzz) locks=(requirements.lock requirements-dev.lock requirements-fuzz.lock) ;;
*)
    say "expected demo, test, bench or fuzz, got $step"
    exit 2
    ;;
esac

ensure_venv
ensure_system_packages
for lock in "${locks[@]}"; do install_locked "$lock"; done
install_showctl
if [[ $step == test ]]; then for folder in "${npm_folders[@]}"; do install_npm "$folder"; done; fi

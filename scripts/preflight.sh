#!/bin/sh
# Is everything there that the set-up needs? What is missing is named, with the command that
# installs it. Run by every make target that builds the environment, or by hand:
#
#     sh scripts/preflight.sh
#
# With --python, prints the interpreter to use (the first of $PYTHON, python3, python3.14 ...
# python3.11 that is 3.11 or later) and is silent otherwise. Exit status 2: something is missing.
set -u

print_python=no
[ "${1:-}" = "--python" ] && print_python=yes
missing=0

as_root() {
    if [ "$(id -u)" -eq 0 ]; then echo "$*"; else echo "sudo $*"; fi
}

# install_command NAME: how the package manager of this machine installs a Debian package's like.
install_command() {
    if command -v apt-get >/dev/null 2>&1; then
        as_root "apt-get install $1"
    elif command -v dnf >/dev/null 2>&1; then
        case $1 in
            python3 | python3*-venv) as_root "dnf install python3.12" ;;
            *) as_root "dnf install $1" ;;
        esac
    elif command -v apk >/dev/null 2>&1; then
        case $1 in
            python3*-venv) as_root "apk add python3" ;;
            *) as_root "apk add $1" ;;
        esac
    elif command -v brew >/dev/null 2>&1; then
        case $1 in
            python3 | python3*-venv) echo "brew install python" ;;
            *) echo "brew install $1" ;;
        esac
    else
        echo "(the package manager of this system) install $1"
    fi
}

report() {
    missing=1
    echo "vertebrisk: $1" >&2
    echo "  install it with:  $2" >&2
}

version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

is_recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

has_venv() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

# The first interpreter that is recent and can make environments; failing that, the first recent one.
python=
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    is_recent "$candidate" || continue
    [ -n "$python" ] || python=$candidate
    if has_venv "$candidate"; then
        python=$candidate
        break
    fi
done

if [ -z "$python" ]; then
    found=$(version_of "${PYTHON:-python3}" || true)
    if [ -n "$found" ]; then
        report "Python 3.11 or later is needed; ${PYTHON:-python3} is $found, and no later one was found (Debian 12 and Ubuntu 24.04 have one)." \
            "$(install_command python3)"
    else
        report "Python 3.11 or later is needed; ${PYTHON:-python3} was not found." \
            "$(install_command "python3 python3-venv")"
    fi
elif ! has_venv "$python"; then
    case $python in
        */* | python3) package=python3-venv ;;
        *) package=$python-venv ;;
    esac
    report "$python cannot make an environment: its modules venv and ensurepip are not installed." \
        "$(install_command "$package")"
fi

command -v git >/dev/null 2>&1 || report "git was not found." "$(install_command git)"
command -v make >/dev/null 2>&1 || report "make was not found." "$(install_command make)"

[ "$missing" -eq 0 ] || exit 2
if [ "$print_python" = yes ]; then
    command -v "$python"
else
    echo "vertebrisk: ready ($python is Python $(version_of "$python"); venv, git and make are there)."
fi

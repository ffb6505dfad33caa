#!/usr/bin/env bash
# The one command that sets everything up and does the main job: releases examples/polyglot into directory registries
# under target/demo and shows what was published. Again: nothing is left to do. After an edit: only what it touches.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source tests/setup.sh
cargo build --release --locked --quiet -p releasekit
releasekit=${CARGO_TARGET_DIR:-target}/release/releasekit

demo=target/demo
workspace=$demo/workspace
registry=$demo/registry

in_workspace() {
    git -C "$workspace" -c user.name=Demo -c user.email=demo@example.com -c commit.gpgsign=false "$@"
}

subject='fix: edit the example'
if [ ! -e "$workspace/.git" ]; then
    rm -rf "$demo"
    mkdir -p "$workspace"
    git init --quiet --initial-branch=main "$workspace"
    git -C "$workspace" config user.name Demo
    git -C "$workspace" config user.email demo@example.com
    subject='feat: first version'
fi
# The example's files as they are now; what it no longer has goes away, what git ignores stays.
in_workspace ls-files -z | (cd "$workspace" && xargs -0 --no-run-if-empty rm -f)
git ls-files -z --cached --others --exclude-standard examples/polyglot |
    while IFS= read -r -d '' file; do
        [ -e "$file" ] || continue
        mkdir -p "$workspace/$(dirname "${file#examples/polyglot/}")"
        cp -p "$file" "$workspace/${file#examples/polyglot/}"
    done
in_workspace add --all
in_workspace diff --cached --quiet 2>/dev/null || in_workspace commit --quiet --message "$subject"

"$releasekit" --directory "$workspace" publish --to-directory "$registry"

printf '\nPublished under %s:\n' "$registry"
(cd "$registry" && find . -type f ! -path '*/.*/*' ! -name '.*' | sed 's|^\./|  |' | sort)
printf '\nTags in %s:\n' "$workspace"
git -C "$workspace" tag --list | sed 's/^/  /'

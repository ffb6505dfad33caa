#!/usr/bin/env bash
# The one command that sets everything up and runs every check. With CI=true a missing tool is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source tests/setup.sh
if [ "${CI:-}" = true ] && [ ${#releasekit_missing[@]} -gt 0 ]; then
    echo "missing tools are failures where CI=true: ${releasekit_missing[*]}" >&2
    exit 1
fi
for part in clippy fmt; do
    cargo "$part" --version >/dev/null 2>&1 || rustup component add "$part" >&2
done

step() {
    printf '\n== %s\n' "$*" >&2
    "$@"
}

step cargo fmt --all --check
step cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
step cargo build --locked --quiet -p releasekit

skips=$(mktemp -d)
trap 'rm -rf "$skips"' EXIT
RELEASEKIT_TEST_SKIPS=$skips step cargo test --workspace --locked --quiet

skipped=${#releasekit_missing[@]}
if command -v cargo-deny >/dev/null 2>&1; then
    # Advisories need a database from outside: `cargo deny --config .deny.toml check advisories` where there is one.
    step cargo deny --locked --config .deny.toml check bans licenses sources
fi
tests=$(find "$skips" -type f | wc -l)
[ "$tests" -eq 0 ] || sort -u "$skips"/* | sed 's/^/skipped: /'
printf '\nall checks passed; %d tools not there, %d tests skipped for them\n' "$skipped" "$tests"

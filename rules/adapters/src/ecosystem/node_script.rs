//! The constant scripts that pack a Node.js package and try it out; all that differs comes as arguments.

use model::Version;

use super::environment;
use super::node::Owner;

/// The folder the tarball is in afterwards.
pub(super) const OUTPUT: &str = ".artifacts";

/// What packs a package; the arguments are those of `node::Plan`.
pub(super) fn pack(owner: Owner, arguments: Vec<String>) -> Vec<String> {
    environment::script(PACK, std::iter::once(owner.name().to_owned()).chain(arguments))
}

/// What installs a package from `location` and imports it.
pub(super) fn try_out(owner: Owner, name: &str, version: &Version, location: &str) -> Vec<String> {
    let arguments = [owner.name(), name, &version.to_string(), location].map(str::to_owned);
    environment::script(TRY, arguments)
}

/// Modules are installed with all siblings linked, whatever versions are written; then the pinned manifest is put
/// back, the package is built and packed.
const PACK: &str = r#"
umask 022
tool=$1 folder=$2 install=$3 build=$4 scripts=$5 workspace=$6
shift 6
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT
mkdir "$kept/packed"
chmod -R u=rwX,go=rX "$folder"
: >"$kept/siblings"
while [ "$1" != -- ]; do
    mkdir -p "$2"
    tar -xzf "$1"/*.tgz -C "$2" --strip-components=1
    rm -rf "$1"
    printf 'built\t%s\n' "$2" >>"$kept/siblings"
    shift 2
done
shift
rmdir .siblings 2>/dev/null || true
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    printf 'plain\t%s\n' "$1" >>"$kept/siblings"
    shift
done
[ $# -eq 0 ] || shift
if [ "$tool" = pnpm ]; then
    # pnpm 10 keeps settings of the environment from scripts that call pnpm again. This file is never packed.
    printf '\nmanage-package-manager-versions=false\npackage-manager-strict=false\n' >>"$workspace/.npmrc"
fi
if [ "$install" = install ]; then
    cp "$folder/package.json" "$kept/package.json"
    if [ "$workspace" != "$folder" ] && [ -e "$workspace/package.json" ]; then
        printf 'plain\t%s\n' "$workspace" >>"$kept/siblings"
    fi
    node -e '
        const fs = require("fs");
        const [tool, own, list] = process.argv.slice(1);
        const read = (file) => JSON.parse(fs.readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
        const lines = fs.readFileSync(list, "utf8").split("\n").filter(Boolean).map((line) => line.split("\t"));
        const all = [["plain", own], ...lines].map(([how, folder]) => {
            const file = folder + "/package.json";
            return { how, file, json: read(file) };
        });
        const names = new Set(all.map((manifest) => manifest.json.name));
        for (const { how, file, json } of all) {
            if (how === "built") { delete json.devDependencies; delete json.scripts; }
            for (const kind of ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"]) {
                for (const name of Object.keys(json[kind] || {})) {
                    if (names.has(name)) json[kind][name] = tool === "pnpm" ? "workspace:*" : "*";
                    else if (json[kind][name].startsWith("workspace:")) delete json[kind][name];
                }
            }
            fs.writeFileSync(file, JSON.stringify(json, null, 2));
        }
    ' "$tool" "$folder" "$kept/siblings"
    case $tool in
    npm) (cd "$workspace" && npm install --ignore-scripts --prefer-offline --loglevel=error) >&2 ;;
    pnpm) (cd "$workspace" && pnpm install --ignore-scripts --prefer-offline --no-frozen-lockfile --reporter=append-only) >&2 ;;
    esac
    cp "$kept/package.json" "$folder/package.json"
else
    for name in "$@"; do
        stand_in="$folder/node_modules/$name"
        [ -e "$stand_in/package.json" ] && continue
        mkdir -p "$stand_in"
        printf '{"name": "%s", "version": "0.0.0"}\n' "$name" >"$stand_in/package.json"
    done
fi
if [ "$build" != - ]; then (cd "$folder" && "$tool" run "$build") >&2; fi
case $tool-$scripts in
npm-run) (cd "$folder" && npm pack --loglevel=error --pack-destination "$kept/packed") >&2 ;;
npm-ignore) (cd "$folder" && npm pack --loglevel=error --ignore-scripts --pack-destination "$kept/packed") >&2 ;;
pnpm-run) (cd "$folder" && pnpm pack --pack-destination "$kept/packed") >&2 ;;
pnpm-ignore) (cd "$folder" && pnpm pack --config.ignore-scripts=true --pack-destination "$kept/packed") >&2 ;;
esac
mkdir -p .artifacts
mv "$kept"/packed/*.tgz .artifacts/
"#;

/// A folder of packages is served on the loopback address; names that are not in it are looked for where the user's
/// settings say, which works offline as long as none is needed.
const TRY: &str = r#"
tool=$1 name=$2 version=$3 location=$4
mkdir -p try
upstream=$(cd try && "$tool" config get registry)
cd try
printf '{"name": "try-out", "version": "0.0.0", "private": true}\n' >package.json
case $location in
*://*) registry=$location ;;
*)
    [ -e "$location/$name/index.json" ] || { echo "there is no $name in $location" >&2; exit 1; }
    node -e '
        const fs = require("fs"), path = require("path");
        const [root, upstream] = process.argv.slice(1);
        require("http").createServer((request, response) => {
            const asked = decodeURIComponent(request.url.split("?")[0]).slice(1);
            const inside = !asked.split("/").includes("..");
            const file = path.join(root, asked), index = path.join(file, "index.json");
            if (asked && inside && fs.existsSync(index)) {
                const about = JSON.parse(fs.readFileSync(index, "utf8"));
                for (const one of Object.values(about.versions)) {
                    const tarball = about.name.split("/").pop() + "-" + one.version + ".tgz";
                    one.dist.tarball = "http://" + request.headers.host + "/" + about.name + "/-/" + tarball;
                }
                response.setHeader("content-type", "application/json");
                response.end(JSON.stringify(about));
            } else if (asked && inside && fs.existsSync(file) && fs.statSync(file).isFile()) {
                fs.createReadStream(file).pipe(response);
            } else {
                response.writeHead(302, { location: upstream.replace(/\/+$/, "") + request.url }).end();
            }
        }).listen(0, "127.0.0.1", function () { console.log(this.address().port); });
    ' "$location" "$upstream" >port &
    server=$!
    trap 'kill "$server" 2>/dev/null || true' EXIT
    until [ -s port ]; do kill -0 "$server"; sleep 0.05; done
    registry=http://127.0.0.1:$(cat port)/ ;;
esac
export no_proxy="127.0.0.1,${no_proxy-}" NO_PROXY="127.0.0.1,${NO_PROXY-}"
printf 'registry=%s\n' "$registry" >.npmrc
case $name in @*/*) printf '%s:registry=%s\n' "${name%%/*}" "$registry" >>.npmrc ;; esac
case $tool in
npm) npm install --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1 --fetch-retry-mintimeout=500 "$name@$version" >&2 ;;
pnpm) printf 'minimumReleaseAge: 0\n' >pnpm-workspace.yaml
    pnpm add --ignore-scripts --workspace-root --reporter=append-only --config.fetch-retries=1 --config.fetch-retry-mintimeout=500 "$name@$version" >&2 ;;
esac
node --input-type=module -e '
    import fs from "node:fs";
    import { createRequire } from "node:module";
    const [name, version] = process.argv.slice(1);
    const folder = "node_modules/" + name + "/";
    const about = JSON.parse(fs.readFileSync(folder + "package.json", "utf8"));
    const fail = (text) => { console.error(text); process.exit(1); };
    if (about.version !== version) fail(name + " " + about.version + " was installed, not " + version);
    const programs = typeof about.bin === "string" ? [about.bin] : Object.values(about.bin || {});
    for (const program of programs) if (!fs.existsSync(folder + program)) fail("its program " + program + " is missing");
    const importable = about.main || about.module || about.exports || fs.existsSync(folder + "index.js");
    if (!importable) { console.log("there is nothing to import in it"); process.exit(0); }
    try {
        await import(name);
    } catch (error) {
        if (error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED") { console.log("it exports no main module"); process.exit(0); }
        try { createRequire(process.cwd() + "/")(name); } catch { fail(error.stack || String(error)); }
    }
    console.log("imported " + name);
    process.exit(0);
' "$name" "$version"
"#;

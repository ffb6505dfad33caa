//! The promise about versions in files, asked of all who keep it.

use std::collections::BTreeMap;

use model::{Mention, MentionKind, Package, PackageId, Version};
use proptest::prelude::{ProptestConfig, Strategy, prop, proptest};

use crate::tree::{Tree, try_discover};

type Files = Vec<(&'static str, &'static str)>;

/// One workspace of each kind with every form in it, and every place that is to be found:
/// `file:line place kind package text`, `!` where a requirement does not fit.
fn fixtures() -> Vec<(&'static str, Files, &'static [&'static str])> {
    vec![
        (
            "cargo",
            vec![
                (
                    "Cargo.toml",
                    "[workspace]\nmembers = [\"app\", \"core\", \"tool\"]\n[workspace.package]\nversion = \"1.2.0\" # all\n[workspace.dependencies]\ncore = { path = 'core', version = '1.1' }\nserde = \"1\"\n",
                ),
                (
                    "core/Cargo.toml",
                    "[package]\nname = \"core\"\nversion.workspace = true\n",
                ),
                (
                    "app/Cargo.toml",
                    "[package]\nname = \"app\"\nversion = { workspace = true }\n[dependencies]\ncore.workspace = true\nserde = \"1\"\ntool = \"9\"\n[target.'cfg(unix)'.build-dependencies]\nt = { package = \"tool\", path = \"../tool\", version = \"=0.3.0\" }\n[dev-dependencies.core]\npath = \"../core\"\nversion = \">=1, <1.2\"\n",
                ),
                (
                    "tool/Cargo.toml",
                    "[package]\nname = \"tool\"\nversion = \"0.3.0\"\n",
                ),
                (
                    "Cargo.lock",
                    "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"1.2.0\"\n\n[[package]]\nname = \"core\"\nversion = \"1.1.0\"\n\n[[package]]\nname = \"core\"\nversion = \"0.9.0\"\nsource = \"registry+x\"\n",
                ),
            ],
            &[
                "Cargo.lock:5 package.app.version Lock app 1.2.0",
                "Cargo.lock:9 package.core.version Lock core 1.1.0",
                "Cargo.toml:4 workspace.package.version Manifest app 1.2.0",
                "Cargo.toml:4 workspace.package.version Manifest core 1.2.0",
                "Cargo.toml:6 workspace.dependencies.core Requirement core 1.1",
                "app/Cargo.toml:9 target.cfg(unix).build-dependencies.t Requirement tool =0.3.0",
                "app/Cargo.toml:12 dev-dependencies.core Requirement core >=1, <1.2 !",
                "tool/Cargo.toml:3 package.version Manifest tool 0.3.0",
            ],
        ),
        (
            "uv",
            vec![
                ("pyproject.toml", "[tool.uv.workspace]\nmembers = [\"libs/*\"]\n"),
                (
                    "libs/core/pyproject.toml",
                    "[project]\nname = \"Core\"\nversion = \"1.2.0\"\n[build-system]\nrequires = []\n",
                ),
                (
                    "libs/app/pyproject.toml",
                    "[project]\nname = \"app\"\nversion = '1.0'\ndependencies = [\n  \"core[x] >=1.0 , <2 ; python_version > '3'\", # here\n  \"core @ file:x\",\n  \"idna>=2\",\n]\n[project.optional-dependencies]\nall = [\"core (>=2)\", \"app[x]\"]\n[dependency-groups]\ndev = [{include-group = \"x\"}, \"core\"]\n[build-system]\nrequires = [\"vcs~=0.1.0\"]\n[tool.uv]\ndev-dependencies = [\"core==1.2.*\"]\nconstraint-dependencies = [\"core<1\"]\noverride-dependencies = [\"core<1\"]\n",
                ),
                (
                    "libs/vcs/pyproject.toml",
                    "[project]\nname = \"vcs\"\ndynamic = [\"version\"]\n[build-system]\nbuild-backend = \"hatchling.build\"\n[tool.hatch.version]\npath = \"about.py\"\n",
                ),
                ("libs/vcs/about.py", "__version__ = \"0.1.5\"\n"),
                (
                    "uv.lock",
                    "version = 1\n[[package]]\nname = \"app\"\nversion = \"1.0\"\nsource = { virtual = \"libs/app\" }\n[[package]]\nname = \"core\"\nversion = \"1.1.0\"\nsource = { editable = \"libs/core\" }\n[[package]]\nname = \"vcs\"\nsource = { editable = \"libs/vcs\" }\n[[package]]\nname = \"idna\"\nversion = \"3.0\"\nsource = { registry = \"x\" }\n",
                ),
            ],
            &[
                "libs/app/pyproject.toml:3 project.version Manifest app 1.0",
                "libs/app/pyproject.toml:5 project.dependencies Requirement Core >=1.0 , <2",
                "libs/app/pyproject.toml:10 project.optional-dependencies.all Requirement Core (>=2) !",
                "libs/app/pyproject.toml:14 build-system.requires Requirement vcs ~=0.1.0",
                "libs/app/pyproject.toml:16 tool.uv.dev-dependencies Requirement Core ==1.2.*",
                "libs/core/pyproject.toml:3 project.version Manifest Core 1.2.0",
                "libs/vcs/about.py:1 version Manifest vcs 0.1.5",
                "uv.lock:4 package.app.version Lock app 1.0",
                "uv.lock:8 package.core.version Lock Core 1.1.0",
            ],
        ),
        (
            "npm",
            vec![
                (
                    "package.json",
                    "{\n  \"name\": \"root\",\n  \"version\": \"1.0.0\",\n  \"workspaces\": [\"packages/*\"]\n}\n",
                ),
                (
                    "packages/core/package.json",
                    "{\"name\": \"@a/core\",\n\"version\": \"1.2.0\"}",
                ),
                (
                    "packages/app/package.json",
                    "{\n\t\"name\" : \"app\",\n\t\"version\": \"0.1.0\",\n\t\"dependencies\": { \"@a/core\": \"~1.2\", \"left\": \"1\" },\n\t\"optionalDependencies\": { \"old\": \"npm:@a/core@^1.0.0\" },\n\t\"peerDependencies\": {\"@a/core\": \"^0.9 || ^1.3\"},\n\t\"peerDependenciesMeta\": {\"@a/core\": {\"optional\": true}},\n\t\"devDependencies\": { \"@a/core\": \"file:../core\" },\n\t\"overrides\": {\"@a/core\": \"0.1.0\"}\n}\n",
                ),
                (
                    "package-lock.json",
                    "{\n  \"name\": \"root\",\n  \"version\": \"0.9.0\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": {\n      \"version\": \"1.0.0\"\n    },\n    \"node_modules/@a/core\": { \"resolved\": \"packages/core\", \"link\": true },\n    \"packages/app/node_modules/left\": { \"version\": \"1.2.0\" },\n    \"packages/core\": {\n      \"name\": \"@a/core\",\n      \"version\": \"1.1.0\"\n    }\n  }\n}\n",
                ),
            ],
            &[
                "package-lock.json:3 version Lock root 0.9.0",
                "package-lock.json:7 packages[\"\"].version Lock root 1.0.0",
                "package-lock.json:13 packages[\"packages/core\"].version Lock @a/core 1.1.0",
                "package.json:3 version Manifest root 1.0.0",
                "packages/app/package.json:3 version Manifest app 0.1.0",
                "packages/app/package.json:4 dependencies.@a/core Requirement @a/core ~1.2",
                "packages/app/package.json:6 peerDependencies.@a/core Requirement @a/core ^0.9 || ^1.3 !",
                "packages/app/package.json:8 devDependencies.@a/core Requirement @a/core file:../core",
                "packages/core/package.json:2 version Manifest @a/core 1.2.0",
            ],
        ),
        (
            "pnpm",
            vec![
                (
                    "pnpm-workspace.yaml",
                    "packages:\n  - 'packages/*'\ncatalog:\n  core: ^1.1.0 # ours\n  left: ^1.0.0\ncatalogs:\n  old:\n    \"core\": '~0.9.0'\n",
                ),
                ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n"),
                ("package.json", "{\"name\": \"root\", \"private\": true}"),
                (
                    "packages/core/package.json",
                    "{\"name\": \"core\", \"version\": \"1.2.0\"}",
                ),
                (
                    "packages/app/package.json",
                    "{\n  \"name\": \"app\",\n  \"version\": \"0.1.0\",\n  \"dependencies\": {\"core\": \"workspace:^\"},\n  \"peerDependencies\": {\"core\": \"workspace:^1.0.0\"},\n  \"optionalDependencies\": {\"core\": \"catalog:\"},\n  \"devDependencies\": {\"x\": \"workspace:core@1.1.0\"}\n}\n",
                ),
            ],
            &[
                "packages/app/package.json:3 version Manifest app 0.1.0",
                "packages/app/package.json:4 dependencies.core Requirement core workspace:^",
                "packages/app/package.json:5 peerDependencies.core Requirement core workspace:^1.0.0",
                "packages/app/package.json:7 devDependencies.x Requirement core workspace:core@1.1.0 !",
                "packages/core/package.json:1 version Manifest core 1.2.0",
                "pnpm-workspace.yaml:4 catalog.core Requirement core ^1.1.0",
                "pnpm-workspace.yaml:8 catalogs.old.core Requirement core ~0.9.0 !",
            ],
        ),
    ]
}

/// The same files as another editor would have saved them.
fn saved(files: &Files, crlf: bool, mark: bool, last: bool) -> Vec<(String, String)> {
    let save = |(path, text): &(&str, &str)| {
        let mut text = (*text).to_owned();
        if !last {
            text = text.trim_end().to_owned();
        }
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        if mark {
            text.insert(0, '\u{feff}');
        }
        ((*path).to_owned(), text)
    };
    files.iter().map(save).collect()
}

/// A workspace of one kind, as found in a tree.
pub(crate) struct Found {
    pub(crate) tree: Tree,
    pub(crate) packages: Vec<Package>,
    kind: &'static str,
}

impl Found {
    pub(crate) fn of(kind: &'static str, files: &[(String, String)]) -> Self {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
        Self {
            tree: Tree::new(&files),
            packages: try_discover(kind, &files, "").expect("sound manifests"),
            kind,
        }
    }

    pub(crate) fn all(&self) -> Vec<&Package> {
        self.packages.iter().collect()
    }

    pub(crate) fn mentions(&self) -> Vec<Mention> {
        let mentions = adapters::version_files()[self.kind].mentions(&self.tree, &self.all());
        mentions.expect("sound manifests")
    }

    /// Itself with `versions` written in.
    fn rewritten(&self, versions: &BTreeMap<PackageId, Version>) -> (Self, BTreeMap<String, String>) {
        let new = adapters::version_files()[self.kind]
            .rewritten(&self.tree, &self.all(), versions)
            .expect("sound manifests");
        let mut texts = self.tree.texts.clone();
        texts.extend(new.clone());
        let files: Vec<(String, String)> = texts.into_iter().collect();
        (Self::of(self.kind, &files), new)
    }

    /// Every text with what stands at its places taken out.
    fn around(&self) -> BTreeMap<String, String> {
        let mut texts: BTreeMap<String, Vec<String>> = self
            .tree
            .texts
            .iter()
            .map(|(path, text)| {
                (
                    path.clone(),
                    text.split_inclusive('\n').map(str::to_owned).collect(),
                )
            })
            .collect();
        for mention in self
            .mentions()
            .into_iter()
            .filter(|one| one.kind != MentionKind::Lock)
        {
            let line = &mut texts.get_mut(&mention.file).expect("a file")[mention.line as usize - 1];
            // Two packages may share one place; it is taken out once.
            *line = line.replacen(&mention.text, "", 1);
        }
        texts
            .into_iter()
            .map(|(path, lines)| (path, lines.concat()))
            .collect()
    }
}

pub(crate) fn line(mention: &Mention) -> String {
    let mark = if mention.fits { "" } else { " !" };
    format!(
        "{}:{} {} {:?} {} {}{mark}",
        mention.file, mention.line, mention.place, mention.kind, mention.package.name, mention.text
    )
}

#[test]
fn every_place_is_found_however_the_file_is_saved() {
    for (kind, files, expected) in fixtures() {
        for (crlf, mark, last) in [
            (false, false, true),
            (true, true, false),
            (true, false, true),
            (false, true, false),
        ] {
            let found = Found::of(kind, &saved(&files, crlf, mark, last));
            let mentions = found.mentions();
            let lines: Vec<String> = mentions.iter().map(line).collect();
            assert_eq!(lines, expected, "{kind}: CRLF {crlf}, BOM {mark}");
            for mention in &mentions {
                let text = &found.tree.texts[&mention.file];
                let line = text.split('\n').nth(mention.line as usize - 1).expect("a line");
                assert!(line.contains(&mention.text), "{mention:?} is not in {line:?}");
            }
            for package in found
                .packages
                .iter()
                .filter(|package| !package.written_version.is_empty())
            {
                let own = mentions
                    .iter()
                    .find(|mention| mention.package == package.id && mention.kind == MentionKind::Manifest)
                    .expect("a place");
                assert_eq!(own.text, package.written_version);
                let manifests = adapters::version_files()[kind]
                    .manifests(&found.tree, package)
                    .expect("sound manifests");
                assert_eq!(
                    manifests.get(&own.file),
                    found.tree.texts.get(&own.file),
                    "{own:?}"
                );
            }
        }
    }
}

#[test]
fn lock_files_are_refreshed_by_their_own_tool_without_a_network_first() {
    for (kind, files, _) in fixtures() {
        let found = Found::of(kind, &saved(&files, false, false, true));
        let promise = &adapters::version_files()[kind];
        let refresh = promise.refresh(&found.tree, "").expect("it has a lock file");
        assert!(found.tree.texts.contains_key(&refresh.lock), "{refresh:?}");
        let tool = adapters::ecosystem::standard()[kind].tool();
        assert_eq!(
            (&*refresh.command.argv[0], refresh.hint),
            (tool.program, tool.hint)
        );
        assert!(refresh.command.argv.contains(&"--offline".to_owned()));
        assert!(!refresh.online.argv.contains(&"--offline".to_owned()));
        let in_copy = &refresh.in_copy;
        assert_eq!(in_copy.argv[..2], ["sh", "-euc"]);
        assert!(in_copy.argv.ends_with(&refresh.online.argv), "{in_copy:?}");
        assert_eq!(
            (&in_copy.workdir, &in_copy.pass_env),
            (&refresh.online.workdir, &refresh.online.pass_env)
        );
        assert_eq!(promise.refresh(&found.tree, "packages/core"), None);
    }
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    let table = [
        (
            "cargo",
            "app/Cargo.toml",
            "[package\n",
            "app/Cargo.toml:1:9: this is not TOML",
        ),
        (
            "cargo",
            "Cargo.lock",
            "version = \n",
            "Cargo.lock:1:11: this is not TOML",
        ),
        (
            "uv",
            "uv.lock",
            "[[package]]\nname = \n",
            "uv.lock:2:8: this is not TOML",
        ),
        (
            "npm",
            "package-lock.json",
            "{,}",
            "package-lock.json:1:2: this is not JSON",
        ),
        (
            "npm",
            "packages/app/package.json",
            "[]",
            "packages/app/package.json:1:1: a manifest is an object",
        ),
        (
            "pnpm",
            "pnpm-workspace.yaml",
            "catalog: 1\n",
            "pnpm-workspace.yaml:1:10: this is not a workspace of pnpm",
        ),
    ];
    for (kind, path, text, expected) in table {
        let (_, files, _) = fixtures()
            .into_iter()
            .find(|(other, ..)| *other == kind)
            .expect("a fixture");
        let mut found = Found::of(kind, &saved(&files, false, false, true));
        found.tree.texts.insert(path.to_owned(), text.to_owned());
        let wrong = adapters::version_files()[kind]
            .mentions(&found.tree, &found.all())
            .expect_err("broken");
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(
            wrong[0].to_string().starts_with(expected),
            "{} is not {expected}",
            wrong[0]
        );
        assert!(wrong[0].hint.is_some());
    }
}

fn versions() -> impl Strategy<Value = Vec<Version>> {
    let one =
        (1_u64..4, 0_u64..4, 0_u64..4, prop::option::of(1_u64..4)).prop_map(|(major, minor, patch, rc)| {
            let rc = rc.map_or(String::new(), |number| format!("-rc.{number}"));
            format!("{major}.{minor}.{patch}{rc}").parse().expect("a version")
        });
    prop::collection::vec(one, 8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is written and however the file was saved: nothing else changes, what is read back is what was
    /// wanted, every requirement holds, and doing it again changes nothing.
    #[test]
    fn only_versions_change(wanted in versions(), crlf in prop::bool::ANY, mark in prop::bool::ANY, last in prop::bool::ANY) {
        for (kind, files, _) in fixtures() {
            let found = Found::of(kind, &saved(&files, crlf, mark, last));
            let mut wanted: BTreeMap<PackageId, Version> = found
                .packages
                .iter()
                .filter(|package| !package.written_version.is_empty())
                .map(|package| package.id.clone())
                .zip(wanted.iter().cloned())
                .collect();
            // Members that inherit one version have one.
            let shared = wanted.values().next().cloned().expect("a package");
            if kind == "cargo" {
                for (id, version) in &mut wanted {
                    if id.name != "tool" { *version = shared.clone(); }
                }
            }
            let (new, changed) = found.rewritten(&wanted);
            assert_eq!(new.around(), found.around());
            assert!(changed.keys().all(|path| !path.contains("lock")), "{changed:?}");
            for package in new.packages.iter().filter(|package| wanted.contains_key(&package.id)) {
                assert_eq!(package.version, wanted[&package.id], "{}", package.id);
            }
            for mention in new.mentions() {
                assert!(mention.fits, "{mention:?}");
            }
            let (_, again) = new.rewritten(&wanted);
            assert_eq!(again, BTreeMap::new());
        }
    }
}

/// A fixed group of packages that nothing changes about stays as it is, byte for byte.
#[test]
fn versions_that_are_there_already_change_nothing_but_what_does_not_hold() {
    for (kind, files, _) in fixtures() {
        let found = Found::of(kind, &saved(&files, true, true, false));
        let present = found
            .packages
            .iter()
            .map(|package| (package.id.clone(), package.version.clone()))
            .collect();
        let (new, changed) = found.rewritten(&present);
        assert!(new.mentions().iter().all(|mention| mention.fits));
        let unfit = found.mentions().into_iter().filter(|mention| !mention.fits);
        let files: std::collections::BTreeSet<String> = unfit.map(|mention| mention.file).collect();
        assert_eq!(
            changed.into_keys().collect::<std::collections::BTreeSet<_>>(),
            files,
            "{kind}"
        );
    }
}

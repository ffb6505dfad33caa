//! Archives, artifacts and tools for the tests of registries.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use bytes::Bytes;
use cas::Digest;
use engine::{Slot, SlotState, StepError};
use model::{Artifact, PackageId, Registry};

pub(crate) struct Shop {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) registry: Arc<dyn Registry>,
    ecosystem: &'static str,
}

impl Shop {
    pub(crate) fn open(ecosystem: &'static str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let registry = adapters::directories()[ecosystem](&folder.path().join("reg"));
        Self {
            folder,
            registry,
            ecosystem,
        }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("reg")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn artifact(&self, name: &str, version: &str, filename: &str, bytes: &[u8]) -> Artifact {
        Artifact {
            package: PackageId {
                ecosystem: self.ecosystem.to_owned(),
                name: name.to_owned(),
            },
            version: version.to_owned(),
            filename: filename.to_owned(),
            digest: Digest::of(bytes),
            channel: String::new(),
        }
    }

    pub(crate) fn slot(&self, artifact: &Artifact) -> Slot {
        Slot {
            target: self.registry.identity(),
            coordinate: self.registry.coordinate(artifact),
        }
    }

    pub(crate) fn observe(&self, artifact: &Artifact) -> SlotState {
        self.registry
            .observe(&self.slot(artifact))
            .expect("a directory can be looked at")
    }

    pub(crate) fn send(&self, artifact: &Artifact, bytes: &[u8]) -> Result<(), StepError> {
        self.registry.send(artifact, &Bytes::copy_from_slice(bytes))
    }

    /// Publishes a file that a tool built, looking before and after.
    pub(crate) fn publish(&self, name: &str, version: &str, file: &Path) {
        let bytes = std::fs::read(file).expect("a file that was built");
        let filename = file
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a plain name");
        let artifact = self.artifact(name, version, filename, &bytes);
        assert_eq!(self.observe(&artifact), SlotState::Absent);
        self.send(&artifact, &bytes).expect("a file that was built");
        assert_eq!(self.observe(&artifact), SlotState::Present(artifact.digest));
    }

    /// Every file, by path, with what it holds.
    pub(crate) fn snapshot(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.root()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.expect("our own folder").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).expect("our own file");
                    files.insert(path, bytes);
                }
            }
        }
        files
    }
}

pub(crate) fn tar_gz(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(
        Vec::new(),
        flate2::Compression::fast(),
    ));
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        // Not `set_path`, which refuses what hostile archives are made of.
        header.as_gnu_mut().expect("a GNU header").name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, text.as_bytes()).expect("memory");
    }
    builder.into_inner().expect("memory").finish().expect("memory")
}

pub(crate) fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, text) in files {
        writer
            .start_file(*path, zip::write::SimpleFileOptions::default())
            .expect("memory");
        writer.write_all(text.as_bytes()).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

/// A wheel that pip would install, with something in it that makes its bytes its own.
pub(crate) fn wheel(name: &str, version: &str, salt: &str) -> (String, Vec<u8>) {
    let info = format!("{name}-{version}.dist-info");
    let metadata = format!(
        "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >=3.8\n\n{salt}\n"
    );
    let tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
    let bytes = zipped(&[
        (&format!("{info}/METADATA"), &metadata),
        (&format!("{info}/WHEEL"), tags),
    ]);
    (format!("{name}-{version}-py3-none-any.whl"), bytes)
}

pub(crate) fn krate(name: &str, version: &str, salt: &str) -> (String, Vec<u8>) {
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n");
    let top = format!("{name}-{version}");
    let bytes = tar_gz(&[
        (&format!("{top}/Cargo.toml"), &manifest),
        (&format!("{top}/src/lib.rs"), salt),
    ]);
    (format!("{top}.crate"), bytes)
}

pub(crate) fn tarball(name: &str, version: &str, salt: &str) -> (String, Vec<u8>) {
    let manifest =
        format!("{{\"name\": \"{name}\", \"version\": \"{version}\", \"description\": \"{salt}\"}}");
    let base = name.trim_start_matches('@').replace('/', "-");
    (
        format!("{base}-{version}.tgz"),
        tar_gz(&[("package/package.json", &manifest)]),
    )
}

/// Whether a tool is there. Passed over if not, except in CI, where it must be.
pub(crate) fn has(tool: &str) -> bool {
    let folders = std::env::var("PATH").unwrap_or_default();
    if folders
        .split(':')
        .any(|folder| Path::new(folder).join(tool).is_file())
    {
        return true;
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "`{tool}` is missing"
    );
    eprintln!("passed over: `{tool}` is missing");
    false
}

/// Runs a tool that must succeed.
pub(crate) fn run(command: &mut Command) -> Output {
    let output = command.output().expect("a tool that is there");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    output
}

pub(crate) fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("our own folder");
    std::fs::write(path, text).expect("our own file");
}

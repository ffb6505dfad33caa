//! Folders as data: what is in them, byte for byte, and copies of them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Every file below a folder, by relative path.
pub type Listing = BTreeMap<String, Vec<u8>>;

/// Every file below `folder`; empty if there is no such folder. Symbolic links are listed by where they lead.
///
/// # Panics
/// Something there cannot be read.
#[must_use]
pub fn listing(folder: &Path) -> Listing {
    let mut found = Listing::new();
    if folder.is_dir() {
        collect(folder, "", &mut found);
    }
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut Listing) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let entry = entry.expect("a folder can be read");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().expect("the file is there");
        if kind.is_dir() {
            collect(&entry.path(), &format!("{name}/"), found);
        } else if kind.is_symlink() {
            let to = fs::read_link(entry.path()).expect("the link is there");
            found.insert(name, to.to_string_lossy().into_owned().into_bytes());
        } else if kind.is_file() {
            found.insert(name, fs::read(entry.path()).expect("a file can be read"));
        }
    }
}

/// Writes a file and the folders above it; one that begins with `#!` may be executed.
///
/// # Panics
/// It cannot be written.
pub fn write_file(path: &Path, content: impl AsRef<[u8]>) {
    let content = content.as_ref();
    fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the folder can be made");
    fs::write(path, content).expect("the file can be written");
    if content.starts_with(b"#!") {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    }
}

/// Copies every file below `from` to `to`, permissions included.
///
/// # Panics
/// Something cannot be read or written.
pub fn copy_tree(from: &Path, to: &Path) {
    for (name, content) in listing(from) {
        let target = to.join(&name);
        write_file(&target, content);
        let mode = fs::metadata(from.join(&name))
            .expect("the file is there")
            .permissions();
        fs::set_permissions(&target, mode).expect("the file is ours");
    }
}

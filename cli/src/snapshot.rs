//! The short way when nothing changed: a picture of everything the last `build` looked at and made. If the picture
//! is still true there is nothing to do, and nothing is evaluated, hashed or started to find that out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::SourceTree;
use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use serde::{Deserialize, Serialize};

use crate::plan::Prepared;
use crate::project::Project;
use crate::world::World;

const MAGIC: &[u8; 8] = b"rk-pic-1";
/// Two changes closer together than this may carry one time stamp.
const TICK: Duration = Duration::from_millis(20);
const CHECKSUM: usize = 32;

/// What was asked for: the same question has the same answer as long as the picture is true.
pub(crate) struct Question(pub(crate) Vec<String>);

/// A picture: what was asked, what was looked at, and how many actions were found done.
#[derive(Serialize, Deserialize)]
struct Picture {
    question: [u8; CHECKSUM],
    /// Variables the configuration read, and `PATH`, with a digest of their values.
    env: Vec<(String, [u8; CHECKSUM])>,
    /// The paths, each followed by a NUL; relative to the root unless absolute.
    paths: String,
    /// What the file system said of each path, in order.
    stats: Vec<Stat>,
    actions: u64,
}

/// What the file system says of a path; all zero if there is nothing. A folder's size does not count.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Stat {
    modified: i64,
    changed: i64,
    size: u64,
    inode: u64,
    mode: u32,
}

impl Stat {
    fn time(&self) -> i64 {
        self.modified.max(self.changed)
    }
}

/// How many actions are known to be done because nothing at all changed; `None` if something may have.
pub(crate) fn recall(world: &World, question: &Question) -> Option<u64> {
    let picture = read(&world.state("snapshot"))?;
    let same_question = picture.question == digest_of(world, question);
    let same_env = picture
        .env
        .iter()
        .all(|(name, value)| *value == digest_of_variable(world, name));
    if !same_question || !same_env {
        return None;
    }
    let paths: Vec<&str> = picture.paths.split_terminator('\0').collect();
    if paths.len() != picture.stats.len() {
        return None;
    }
    let (first_paths, second_paths) = paths.split_at(paths.len() / 2);
    let (first_stats, second_stats) = picture.stats.split_at(paths.len() / 2);
    let root = &world.root;
    let is_true = std::thread::scope(|scope| {
        let other = scope.spawn(move || all_same(root, second_paths, second_stats));
        all_same(root, first_paths, first_stats) && other.join().unwrap_or(false)
    });
    is_true.then_some(picture.actions)
}

/// Takes a picture of everything that was looked at and made, unless something else changed meanwhile.
pub(crate) fn keep(
    world: &World,
    question: &Question,
    project: &Project,
    prepared: &Prepared,
    began: SystemTime,
) -> Option<()> {
    std::thread::sleep(TICK);
    let began = nanoseconds(began.checked_sub(TICK)?)?;
    let root = open(&world.root)?;
    let made = made(world, prepared)?;
    let held: BTreeSet<&str> = made.iter().map(|made| folder_of(made)).collect();
    let (files, folders) = looked_at(world, project, &made)?;
    let mut paths = String::new();
    let mut stats = Vec::new();
    for path in files.union(&folders).chain(&made) {
        let stat = look(&root, path);
        let is_ours = made.contains(path) || held.contains(path.as_str());
        if stat.time() >= began && !is_ours {
            return None;
        }
        paths.push_str(path);
        paths.push('\0');
        stats.push(stat);
    }
    let names = project.env_read.iter().map(String::as_str).chain(["PATH"]);
    let env = names
        .map(|name| (name.to_owned(), digest_of_variable(world, name)))
        .collect();
    let needed = prepared.graph.needed(&prepared.wanted);
    let actions = u64::try_from(needed.into_iter().filter(|needed| *needed).count()).ok()?;
    write(
        &world.state("snapshot"),
        &Picture {
            question: digest_of(world, question),
            env,
            paths,
            stats,
            actions,
        },
    )
}

/// The files and folders of the working tree, of the repository's own records and of the tools; `None` if a file
/// came or went while we were looking.
fn looked_at(
    world: &World,
    project: &Project,
    made: &BTreeSet<String>,
) -> Option<(BTreeSet<String>, BTreeSet<String>)> {
    let now = adapters::WorkingTree::scan(&world.root, Arc::new(cas::FileDigests::in_memory())).ok()?;
    let before = project.tree.files.files();
    let same = now
        .files()
        .iter()
        .all(|file| before.contains(file) || made.contains(file))
        && before.iter().all(|file| now.files().contains(file));
    if !same {
        return None;
    }
    let mut files: BTreeSet<String> = now.files().difference(made).cloned().collect();
    let mut folders: BTreeSet<String> = now.folders().iter().cloned().collect();
    folders.insert(".".to_owned());
    files.extend([".git/HEAD", ".git/packed-refs", ".git/info/exclude"].map(str::to_owned));
    if world.root.join(".git").is_file() {
        return None;
    }
    walk(&world.root, ".git/refs", &mut files, &mut folders);
    files.extend(tools(world, project)?);
    Some((files, folders))
}

/// Where the tools are that the packages are built with.
fn tools(world: &World, project: &Project) -> Option<Vec<String>> {
    let known = adapters::ToolVersions::load(&world.cache_folder().join("tools"), world.env.clone());
    let kinds: BTreeSet<&str> = project
        .packages()
        .map(|package| package.id.ecosystem.as_str())
        .collect();
    let tools = kinds
        .iter()
        .filter_map(|kind| project.adapters.ecosystems.get(kind));
    tools
        .map(|ecosystem| Some(known.locate(&ecosystem.tool()).ok()?.to_str()?.to_owned()))
        .collect()
}

/// Everything that was laid down in the workspace.
fn made(world: &World, prepared: &Prepared) -> Option<BTreeSet<String>> {
    let mut made = BTreeSet::new();
    for path in prepared
        .graph
        .actions()
        .iter()
        .flat_map(|action| action.deliver.values())
    {
        made.insert(path.clone());
        if world.root.join(path).is_dir() {
            let mut folders = BTreeSet::new();
            walk(&world.root, path, &mut made, &mut folders);
            made.append(&mut folders);
        }
    }
    made.iter().all(|path| !path.contains('\0')).then_some(made)
}

/// Adds the files and folders below `path`, and `path` itself.
fn walk(root: &Path, path: &str, files: &mut BTreeSet<String>, folders: &mut BTreeSet<String>) {
    folders.insert(path.to_owned());
    let Ok(entries) = std::fs::read_dir(root.join(path)) else {
        return;
    };
    for entry in entries.flatten() {
        let Some(name) = entry.file_name().to_str().map(|name| format!("{path}/{name}")) else {
            continue;
        };
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(root, &name, files, folders);
        } else {
            files.insert(name);
        }
    }
}

/// The folder a path is in; `.` for the root.
fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

/// Forgets the picture: what it shows is about to change.
pub(crate) fn forget(world: &World) {
    // A picture that cannot be removed is found out by its time stamps.
    let _ = std::fs::remove_file(world.state("snapshot"));
}

fn all_same(root: &Path, paths: &[&str], stats: &[Stat]) -> bool {
    let Some(root) = open(root) else { return false };
    paths
        .iter()
        .zip(stats)
        .all(|(path, stat)| look(&root, path) == *stat)
}

fn open(root: &Path) -> Option<rustix::fd::OwnedFd> {
    rustix::fs::openat(
        CWD,
        root,
        OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .ok()
}

fn look(root: &rustix::fd::OwnedFd, path: &str) -> Stat {
    let Ok(stat) = rustix::fs::statat(root, path, AtFlags::SYMLINK_NOFOLLOW) else {
        return Stat::default();
    };
    let time = |seconds: i64, part: u64| {
        seconds
            .saturating_mul(1_000_000_000)
            .saturating_add(i64::try_from(part).unwrap_or(0))
    };
    let is_folder = stat.st_mode & 0o170_000 == 0o040_000;
    Stat {
        modified: time(stat.st_mtime, stat.st_mtime_nsec),
        changed: time(stat.st_ctime, stat.st_ctime_nsec),
        size: if is_folder {
            0
        } else {
            u64::try_from(stat.st_size).unwrap_or(0)
        },
        inode: stat.st_ino,
        mode: stat.st_mode,
    }
}

fn digest_of(world: &World, question: &Question) -> [u8; CHECKSUM] {
    let mut hasher = blake3::Hasher::new();
    let program = std::fs::metadata(&world.program).ok();
    let written = program
        .as_ref()
        .and_then(|program| nanoseconds(program.modified().ok()?))
        .unwrap_or(0);
    hasher.update(&written.to_le_bytes());
    hasher.update(&program.map_or(0, |program| program.len()).to_le_bytes());
    for word in question
        .0
        .iter()
        .map(String::as_bytes)
        .chain([world.root.as_os_str().as_encoded_bytes()])
    {
        hasher.update(&(word.len() as u64).to_le_bytes());
        hasher.update(word);
    }
    hasher.finalize().into()
}

fn digest_of_variable(world: &World, name: &str) -> [u8; CHECKSUM] {
    let value = world.env.get(name);
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[u8::from(value.is_some())]);
    hasher.update(value.map_or("", String::as_str).as_bytes());
    hasher.finalize().into()
}

fn nanoseconds(time: SystemTime) -> Option<i64> {
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()
}

/// A picture that is whole; anything else is no picture.
fn read(path: &PathBuf) -> Option<Picture> {
    let bytes = std::fs::read(path).ok()?;
    let (head, body) = bytes.split_at_checked(MAGIC.len() + CHECKSUM)?;
    let is_whole = head.starts_with(MAGIC) && blake3::hash(body).as_bytes() == &head[MAGIC.len()..];
    if !is_whole {
        return None;
    }
    let config = bincode::config::standard()
        .with_fixed_int_encoding()
        .with_limit::<{ 1 << 30 }>();
    let (picture, used) = bincode::serde::decode_from_slice(body, config).ok()?;
    (used == body.len()).then_some(picture)
}

fn write(path: &Path, picture: &Picture) -> Option<()> {
    let config = bincode::config::standard().with_fixed_int_encoding();
    let body = bincode::serde::encode_to_vec(picture, config).ok()?;
    let bytes = [MAGIC.as_slice(), blake3::hash(&body).as_bytes(), &body].concat();
    cas::write_atomically(path, &bytes).ok()
}

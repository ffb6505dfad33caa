//! Tables of whole-process figures: evaluating, null runs, full runs and restores, beside ninja on the same tree
//! in the same run. Nothing is asserted: figures are for people, and ratios are what to compare.

#![expect(clippy::print_stdout, reason = "a benchmark prints its tables")]

mod measure;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use measure::{ROUNDS, cache_of, median, milliseconds, ours, peak_memory, time};

const SIZES: [usize; 3] = [100, 1_000, 10_000];
const FILES_IN_A_FOLDER: usize = 100;

fn main() {
    let ninja = ninja();
    if ninja.is_none() {
        println!(
            "ninja is not on the search path, so its columns are empty (`pip install ninja` provides it)\n"
        );
    }
    println!(
        "Figures are medians of {ROUNDS} rounds, ours and ninja's in turn; ratios are ours to ninja's.\n"
    );
    evaluation();
    runs(ninja.as_deref());
}

/// How long `config` takes on a file with so many package declarations.
fn evaluation() {
    println!("Evaluating RELEASE.star (cold process, confined child included)");
    println!("{:>8}  {:>10}  {:>10}", "packages", "wall", "peak");
    for size in SIZES {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut text = String::from("load(\"@releasekit//rules/uv.star\", \"uv_package\")\n");
        for index in 0..size {
            let _ = writeln!(
                text,
                "uv_package(name = \"p{index}\", group = None, pin_strategy = \"exact\")"
            );
        }
        fs::write(folder.path().join("RELEASE.star"), text).expect("a writable folder");
        let mut command = ours(folder.path(), &["config", "--format", "json", "--quiet"]);
        let wall = median((0..ROUNDS).map(|_| time(&mut command)).collect());
        let peak = peak_memory(&ours(folder.path(), &["config", "--format", "json", "--quiet"]));
        println!("{size:>8}  {:>10}  {peak:>10}", milliseconds(wall));
    }
    println!();
}

/// Null runs, full runs and restores of so many actions that each copy one small file.
fn runs(ninja: Option<&Path>) {
    let header = [
        "actions", "what", "ours", "ninja", "ratio", "our peak", "its peak",
    ];
    println!("Actions that copy one file of 70 bytes each, `-j2`");
    println!(
        "{:>8}  {:<28}  {:>10}  {:>10}  {:>6}  {:>10}  {:>10}",
        header[0], header[1], header[2], header[3], header[4], header[5], header[6]
    );
    for size in SIZES {
        let tree = Tree::new(size);
        tree.full(ninja);
        tree.null(ninja);
        tree.restore();
        tree.everything_keyed(ninja);
    }
}

/// A tree that both tools build.
struct Tree {
    size: usize,
    folder: tempfile::TempDir,
}

impl Drop for Tree {
    fn drop(&mut self) {
        // What is left in the temporary folder is the system's to clean.
        let _ = fs::remove_dir_all(cache_of(self.folder.path()));
    }
}

impl Tree {
    fn new(size: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path();
        let mut star = String::new();
        let mut ninja = String::from("rule copy\n  command = cp $in $out\n");
        for index in 0..size {
            let place = format!("{}/{index}", index / FILES_IN_A_FOLDER);
            let input = root.join(format!("in/{place}"));
            fs::create_dir_all(input.parent().expect("it has one")).expect("a writable folder");
            fs::write(input, format!("{index:>69}\n")).expect("a writable folder");
            let _ = writeln!(
                star,
                "action(name = \"a{index}\", inputs = [\"in/{place}\"], outputs = [\"out/{place}\"], \
                 command = [\"cp\", \"in/{place}\", \"out/{place}\"])"
            );
            let _ = writeln!(ninja, "build nout/{place}: copy in/{place}");
        }
        fs::write(root.join("RELEASE.star"), star).expect("a writable folder");
        fs::write(root.join("build.ninja"), ninja).expect("a writable folder");
        Self { size, folder }
    }

    fn ours(&self) -> Command {
        ours(self.folder.path(), &["build", "-j2", "--quiet"])
    }

    fn ninja(&self, ninja: &Path) -> Command {
        let mut command = Command::new(ninja);
        command.args(["-j2", "--quiet"]).current_dir(self.folder.path());
        command
    }

    fn full(&self, ninja: Option<&Path>) {
        let mine = time(&mut self.ours());
        let its = ninja.map(|ninja| time(&mut self.ninja(ninja)));
        self.row("full run (once)", mine, its, None);
    }

    fn null(&self, ninja: Option<&Path>) {
        // Lets what was just written settle, as it has by the time a person asks again.
        std::thread::sleep(Duration::from_millis(100));
        time(&mut self.ours());
        let mut mine = Vec::new();
        let mut its = Vec::new();
        for _ in 0..ROUNDS {
            mine.push(time(&mut self.ours()));
            its.extend(ninja.map(|ninja| time(&mut self.ninja(ninja))));
        }
        let peaks = (
            peak_memory(&self.ours()),
            ninja.map(|ninja| peak_memory(&self.ninja(ninja))),
        );
        self.row(
            "nothing to do",
            median(mine),
            ninja.map(|_| median(its)),
            Some(peaks),
        );
    }

    /// Outputs deleted, cache warm. Ninja has no cache, so it has no figure here.
    fn restore(&self) {
        fs::remove_dir_all(self.folder.path().join("out")).expect("outputs are there");
        let mine = time(&mut self.ours());
        self.row("outputs restored from cache", mine, None, None);
    }

    /// RELEASE.star touched by a comment: everything is evaluated, lowered, keyed and looked up again.
    fn everything_keyed(&self, ninja: Option<&Path>) {
        let star = self.folder.path().join("RELEASE.star");
        let mut text = fs::read_to_string(&star).expect("written above");
        text.push_str("# one more line\n");
        fs::write(&star, text).expect("a writable folder");
        let build = self.folder.path().join("build.ninja");
        let mut text = fs::read_to_string(&build).expect("written above");
        text.push_str("# one more line\n");
        fs::write(&build, text).expect("a writable folder");
        let mine = time(&mut self.ours());
        let its = ninja.map(|ninja| time(&mut self.ninja(ninja)));
        self.row("configuration changed", mine, its, None);
    }

    fn row(
        &self,
        what: &str,
        mine: Duration,
        its: Option<Duration>,
        peaks: Option<(String, Option<String>)>,
    ) {
        let ratio = its
            .map(|its| format!("{:.2}", mine.as_secs_f64() / its.as_secs_f64()))
            .unwrap_or_default();
        let (my_peak, its_peak) = peaks.unwrap_or_default();
        println!(
            "{:>8}  {what:<28}  {:>10}  {:>10}  {ratio:>6}  {my_peak:>10}  {:>10}",
            self.size,
            milliseconds(mine),
            its.map(milliseconds).unwrap_or_default(),
            its_peak.unwrap_or_default(),
        );
    }
}

/// The program itself: the Python package's own copy if there is one, because what stands on the search path may
/// be a script that starts it.
fn ninja() -> Option<PathBuf> {
    let script = "import ninja, os; print(os.path.join(ninja.BIN_DIR, 'ninja'))";
    let output = Command::new("python3").arg("-c").arg(script).output().ok()?;
    let packaged = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if packaged.is_file() {
        return Some(packaged);
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join("ninja"))
        .find(|file| file.is_file())
}

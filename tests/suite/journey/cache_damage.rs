//! A cache is damaged a thousand times: nothing wrong ever comes out of it, and everything is made again.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use harness::{Listing, Random, Sandbox, listing, tell};

const DAMAGES: usize = 1_200;
const BATCH: usize = 30;

/// Thirty small outputs, six large ones, and one that reads them all.
fn workspace() -> Sandbox {
    let sandbox = Sandbox::new();
    let mut star = String::new();
    let mut action = |name: &str, inputs: &[String], output: &str, script: &str| {
        let _ = writeln!(
            star,
            "action(name = \"{name}\", inputs = {inputs:?}, outputs = [\"{output}\"], command = [\"sh\", \"-c\", \
             \"mkdir -p out; {script}\"])"
        );
    };
    let mut outputs = Vec::new();
    for number in 0..30 {
        let (input, output) = (format!("in/{number}.txt"), format!("out/small-{number}.txt"));
        sandbox.write(&input, format!("the text of {number}\n"));
        action(
            &format!("small-{number}"),
            std::slice::from_ref(&input),
            &output,
            &format!("sort {input} > {output}"),
        );
        outputs.push(output);
    }
    for number in 0..6 {
        let (input, output) = (format!("in/{number}.txt"), format!("out/large-{number}.txt"));
        let script = format!("yes $(cat {input}) | head -n 12000 > {output}");
        action(&format!("large-{number}"), &[input], &output, &script);
        outputs.push(output);
    }
    let script = format!("cat {} > out/all.txt", outputs.join(" "));
    action("all", &outputs, "out/all.txt", &script);
    sandbox.write("RELEASE.star", star);
    sandbox.write(".gitignore", "/out/\n/.releasekit/\n");
    sandbox.begin();
    sandbox
}

fn outputs(sandbox: &Sandbox) -> Listing {
    listing(&sandbox.path("out"))
}

fn cache_files(cache: &Path) -> Vec<PathBuf> {
    listing(cache).into_keys().map(|name| cache.join(name)).collect()
}

/// Does one random thing to random files. The word says what.
fn damage(cache: &Path, random: &mut Random) -> &'static str {
    let files = cache_files(cache);
    if files.is_empty() {
        return "nothing";
    }
    let victim = &files[random.index(files.len())];
    let mut bytes = fs::read(victim).expect("it was listed");
    let at = random.index(bytes.len().max(1));
    let word = match random.below(100) {
        // Whole files are few, so most damages are inside of them.
        0..2 => {
            fs::remove_file(victim).expect("it was listed");
            return "deleted";
        }
        2..4 => {
            let other = &files[random.index(files.len())];
            let others = fs::read(other).expect("it was listed");
            fs::write(other, &bytes).expect("the cache is ours");
            bytes = others;
            "swapped"
        }
        4..10 => {
            bytes.truncate(at);
            "truncated"
        }
        10..20 => {
            let end = (at + 1 + random.index(200)).min(bytes.len());
            bytes[at.min(end)..end].fill(0);
            "zeroed"
        }
        20..30 if bytes.len() > 64 => {
            let (one, other) = (random.index(bytes.len() - 32), random.index(bytes.len() - 32));
            for offset in 0..32 {
                bytes.swap(one + offset, other + offset);
            }
            "exchanged"
        }
        30..40 => {
            let tail: Vec<u8> = (0..random.index(300))
                .map(|_| u8::try_from(random.below(256)).unwrap_or(0))
                .collect();
            bytes.extend(tail);
            "extended"
        }
        _ if bytes.is_empty() => {
            bytes.push(1);
            "extended"
        }
        _ => {
            bytes[at] ^= 1 << random.below(8);
            "flipped"
        }
    };
    fs::write(victim, bytes).expect("the cache is ours");
    word
}

#[test]
fn no_damage_is_ever_served() {
    let sandbox = workspace();
    let _built = sandbox.run(&["build", "--format", "json"]).expect(0);
    let golden = outputs(&sandbox);
    assert_eq!(golden.len(), 37);
    assert!(golden["all.txt"].len() > 64 * 1024, "the large outputs are small");

    let mut random = Random::new(0x00da_4a6e);
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    let (mut executed, mut cached, mut done) = (0, 0, 0);
    while done < DAMAGES {
        for _ in 0..BATCH {
            *counts.entry(damage(sandbox.cache(), &mut random)).or_default() += 1;
        }
        done += BATCH;
        fs::remove_dir_all(sandbox.path("out")).expect("it was built");
        let rebuilt = sandbox.run(&["build", "--format", "json"]).expect(0);
        assert!(
            outputs(&sandbox) == golden,
            "wrong bytes after {done} damages ({counts:?}): {rebuilt}"
        );
        executed += rebuilt.count("executed");
        cached += rebuilt.count("cached");
    }
    tell(&format!(
        "{done} damages {counts:?}: 0 wrong; {executed} actions ran again, {cached} came from the cache"
    ));
    assert!(executed > 0, "no damage was noticed");

    // Once nobody damages it any more, the cache is as good as new.
    let _healed = sandbox.run(&["build", "--format", "json"]).expect(0);
    fs::remove_dir_all(sandbox.path("out")).expect("it was built");
    let whole = sandbox.run(&["build", "--format", "json"]).expect(0);
    assert_eq!(
        (whole.count("executed"), whole.count("cached")),
        (0, 37),
        "{whole}"
    );
    assert!(outputs(&sandbox) == golden, "wrong bytes from a healed cache");
}

#[test]
fn damage_is_found_and_dropped_by_verify() {
    let sandbox = workspace();
    let _built = sandbox.run(&["build"]).expect(0);
    let clean = sandbox.run(&["cache", "verify", "--format", "json"]).expect(0);
    assert_eq!(clean.json()["damaged"], 0, "{clean}");
    let mut largest = cache_files(sandbox.cache());
    largest.sort_by_key(|file| fs::metadata(file).map_or(0, |about| about.len()));
    let victim = largest.pop().expect("the cache holds something");
    let mut bytes = fs::read(&victim).expect("it was listed");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    fs::write(&victim, bytes).expect("the cache is ours");
    let found = sandbox.run(&["cache", "verify", "--format", "json"]).expect(0);
    assert_eq!(found.json()["damaged"], 1, "{found}");
    let again = sandbox.run(&["cache", "verify", "--format", "json"]).expect(0);
    assert_eq!(again.json()["damaged"], 0, "{again}");
}

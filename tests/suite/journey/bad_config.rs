//! Bad configurations: each is refused with a place, a message and a hint, quickly, and nothing is written.

use std::time::Duration;

use harness::Sandbox;

const LIMIT: Duration = Duration::from_secs(10);

/// A workspace that is wrong in one way.
struct Bad {
    /// What is wrong with it.
    what: &'static str,
    /// `file:line`, as shown; a file alone where any of its lines will do; empty where there is no file.
    at: &'static str,
    /// Words that the message must hold; `|` between words of which one is enough.
    says: &'static [&'static str],
    /// The files; what they do not hold is that of [`GOOD`].
    files: &'static str,
}

/// A workspace with nothing wrong in it.
const GOOD: &str = r#"
//- RELEASE.star
load("@releasekit//rules/uv.star", "uv_package", "uv_workspace")
uv_workspace(name = "all", root = ".")
uv_package(name = "wren")
//- pyproject.toml
[tool.uv.workspace]
members = ["wren", "wren-two"]
//- wren/pyproject.toml
[project]
name = "wren"
version = "0.1.0"
[build-system]
requires = ["uv_build>=0.8,<1"]
build-backend = "uv_build"
//- wren/src/wren/__init__.py
NAME = "wren"
//- wren-two/pyproject.toml
[project]
name = "wren-two"
version = "0.1.0"
[build-system]
requires = ["uv_build>=0.8,<1"]
build-backend = "uv_build"
//- wren-two/src/wren_two/__init__.py
NAME = "wren-two"
//- .gitignore
.releasekit/
"#;

const BAD: &[Bad] = &[
    Bad {
        what: "syntax error",
        at: "RELEASE.star:3",
        says: &["expected|unexpected|parse|syntax"],
        files: "//- RELEASE.star\nx = 1\n\ny = = 2\n",
    },
    Bad {
        what: "unclosed bracket",
        at: "RELEASE.star:",
        says: &["closed|end of file"],
        files: "//- RELEASE.star\nvcs(\"git\"\n",
    },
    Bad {
        what: "unknown function",
        at: "RELEASE.star:1",
        says: &["relese_train", "release_train"],
        files: "//- RELEASE.star\nrelese_train(name = \"default\")\n",
    },
    Bad {
        what: "unknown name",
        at: "RELEASE.star:2",
        says: &["nmaes", "names"],
        files: "//- RELEASE.star\nnames = []\nother = nmaes\n",
    },
    Bad {
        what: "unknown parameter",
        at: "RELEASE.star:2",
        says: &["gruop", "group"],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/uv.star\", \"uv_package\")\nuv_package(name = \"wren\", gruop = \"x\")\n",
    },
    Bad {
        what: "missing parameter",
        at: "RELEASE.star:2",
        says: &["name"],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/uv.star\", \"uv_package\")\nuv_package(group = \"x\")\n",
    },
    Bad {
        what: "wrong type",
        at: "RELEASE.star:2",
        says: &["`name`", "text|str"],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/uv.star\", \"uv_package\")\nuv_package(name = 3)\n",
    },
    Bad {
        what: "wrong type in a list",
        at: "RELEASE.star:1",
        says: &["inputs|list"],
        files: "//- RELEASE.star\naction(name = \"a\", inputs = [1], outputs = [\"out\"], command = \"true\")\n",
    },
    Bad {
        what: "load cycle",
        at: ".star:1",
        says: &["one.star", "two.star", "cycle|circle|itself|loads"],
        files: "//- RELEASE.star\nload(\"one.star\", \"a\")\n//- one.star\nload(\"two.star\", \"a\")\n//- two.star\nload(\"one.star\", \"a\")\n",
    },
    Bad {
        what: "missing file",
        at: "RELEASE.star:1",
        says: &["gone.star"],
        files: "//- RELEASE.star\nload(\"gone.star\", \"a\")\n",
    },
    Bad {
        what: "missing rule file",
        at: "RELEASE.star:1",
        says: &["uvv.star", "uv.star"],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/uvv.star\", \"uv_package\")\n",
    },
    Bad {
        what: "missing symbol",
        at: "RELEASE.star:1",
        says: &["uv_pakage", "uv_package"],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/uv.star\", \"uv_pakage\")\n",
    },
    Bad {
        what: "load from outside the repository",
        at: "RELEASE.star:1",
        says: &["outside|leaves|above|escape|.."],
        files: "//- RELEASE.star\nload(\"../../other.star\", \"a\")\n",
    },
    Bad {
        what: "error in a loaded file",
        at: "deep/rules.star:2",
        says: &["division|divide|zero"],
        files: "//- RELEASE.star\nload(\"deep/rules.star\", \"a\")\n//- deep/rules.star\ndef f():\n    return 1 // 0\n\na = f()\n",
    },
    Bad {
        what: "dependency cycle",
        at: "RELEASE.star:",
        says: &["circle|cycle", "wren", "wren-two"],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/uv.star\", \"uv_package\", \"uv_workspace\")\nuv_workspace(name = \"all\", root = \".\")\nuv_package(name = \"wren\", cross_deps = [\"wren-two\"])\nuv_package(name = \"wren-two\", cross_deps = [\"wren\"])\n",
    },
    Bad {
        what: "duplicate package",
        at: "RELEASE.star:4",
        says: &["wren", "twice|already|again|more than once|duplicate"],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/uv.star\", \"uv_package\", \"uv_workspace\")\nuv_workspace(name = \"all\", root = \".\")\nuv_package(name = \"wren\")\nuv_package(name = \"wren\")\n",
    },
    Bad {
        what: "unknown package",
        at: "RELEASE.star:3",
        says: &["wern", "wren"],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/uv.star\", \"uv_package\", \"uv_workspace\")\nuv_workspace(name = \"all\", root = \".\")\nuv_package(name = \"wern\")\n",
    },
    Bad {
        what: "unknown cross dependency",
        at: "RELEASE.star:3",
        says: &["wren-too", "wren-two"],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/uv.star\", \"uv_package\", \"uv_workspace\")\nuv_workspace(name = \"all\", root = \".\")\nuv_package(name = \"wren\", cross_deps = [\"wren-too\"])\n",
    },
    Bad {
        what: "unknown group in a train",
        at: "RELEASE.star:3",
        says: &[
            "takes the group `bords`, which is not declared",
            "did you mean `birds`",
        ],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/train.star\", \"release_group\", \"release_train\")\nrelease_group(name = \"birds\", packages = [\"wren\"])\nrelease_train(name = \"default\", groups = [\"bords\"])\n",
    },
    Bad {
        what: "unknown package in a group",
        at: "RELEASE.star:4",
        says: &["wern", "wren"],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/train.star\", \"release_group\")\nload(\"@releasekit//rules/uv.star\", \"uv_package\", \"uv_workspace\")\nuv_workspace(name = \"all\", root = \".\")\nrelease_group(name = \"birds\", packages = [\"wern\"])\nuv_package(name = \"wren\")\n",
    },
    Bad {
        what: "duplicate group",
        at: "RELEASE.star:3",
        says: &["group `birds` is declared twice", "RELEASE.star:2"],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/train.star\", \"release_group\")\nrelease_group(name = \"birds\", packages = [\"wren\"])\nrelease_group(name = \"birds\", packages = [\"wren\"])\n",
    },
    Bad {
        what: "bad tag format",
        at: "RELEASE.star:2",
        says: &["`tag_format` `{name}` must hold `{version}` exactly once"],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/train.star\", \"release_train\")\nrelease_train(name = \"default\", tag_format = \"{name}\")\n",
    },
    Bad {
        what: "bad pin strategy",
        at: "RELEASE.star:2",
        says: &["exat", "exact"],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/train.star\", \"release_train\")\nrelease_train(name = \"default\", pin_strategy = \"exat\")\n",
    },
    Bad {
        what: "no jobs",
        at: "RELEASE.star:2",
        says: &["jobs"],
        files: "//- RELEASE.star\nload(\"@releasekit//rules/train.star\", \"release_train\")\nrelease_train(name = \"default\", jobs = 0)\n",
    },
    Bad {
        what: "loop that does not end in time",
        at: "RELEASE.star",
        says: &["long|time|second|limit|steps"],
        files: "//- RELEASE.star\ndef spin():\n    for i in range(1000000000):\n        for j in range(1000000000):\n            pass\n\nspin()\n",
    },
    Bad {
        what: "huge allocation",
        at: "RELEASE.star",
        says: &["memory|MiB|large|limit"],
        files: "//- RELEASE.star\ndef grow():\n    text = \"0123456789abcdef\"\n    for i in range(60):\n        text = text + text\n    return text\n\nx = grow()\n",
    },
    Bad {
        what: "endless recursion",
        at: "RELEASE.star",
        says: &["recurs|deep|stack"],
        files: "//- RELEASE.star\ndef f(n):\n    return f(n + 1)\n\nx = f(0)\n",
    },
    Bad {
        what: "duplicate action",
        at: "RELEASE.star:2",
        says: &["twice|already|again|more than once|duplicate", "a"],
        files: "//- RELEASE.star\naction(name = \"a\", outputs = [\"out/a\"], command = \"true\")\naction(name = \"a\", outputs = [\"out/b\"], command = \"true\")\n",
    },
    Bad {
        what: "one output, two actions",
        at: "RELEASE.star",
        says: &["out/x"],
        files: "//- RELEASE.star\naction(name = \"a\", outputs = [\"out/x\"], command = \"true\")\naction(name = \"b\", outputs = [\"out/x\"], command = \"true\")\n",
    },
    Bad {
        what: "actions in a circle",
        at: "RELEASE.star",
        says: &["circle|cycle"],
        files: "//- RELEASE.star\naction(name = \"a\", inputs = [\"out/b\"], outputs = [\"out/a\"], command = \"true\")\naction(name = \"b\", inputs = [\"out/a\"], outputs = [\"out/b\"], command = \"true\")\n",
    },
    Bad {
        what: "output outside the workspace",
        at: "RELEASE.star:1",
        says: &["../out"],
        files: "//- RELEASE.star\naction(name = \"a\", outputs = [\"../out\"], command = \"true\")\n",
    },
    Bad {
        what: "absolute input",
        at: "RELEASE.star:1",
        says: &["/etc/hosts"],
        files: "//- RELEASE.star\naction(name = \"a\", inputs = [\"/etc/hosts\"], outputs = [\"out\"], command = \"true\")\n",
    },
    Bad {
        what: "missing input",
        at: "RELEASE.star:1",
        says: &["gone.txt"],
        files: "//- RELEASE.star\naction(name = \"a\", inputs = [\"gone.txt\"], outputs = [\"out\"], command = \"true\")\n",
    },
    Bad {
        what: "broken manifest",
        at: "wren/pyproject.toml:2",
        says: &["TOML|expected|invalid|parse"],
        files: "//- wren/pyproject.toml\n[project]\nname = wren\nversion = \"0.1.0\"\n",
    },
    Bad {
        what: "not UTF-8",
        at: "RELEASE.star:2",
        says: &["UTF-8"],
        files: "//- RELEASE.star\nx = \"(latin)\"\n",
    },
    Bad {
        what: "no configuration at all",
        at: "",
        says: &["RELEASE.star", "generate|init"],
        files: "//- RELEASE.star\n(gone)\n",
    },
];

/// What was said, without the lines of the source that are quoted: they hold what is wrong whatever is said of it.
fn reasons(said: &str) -> String {
    let is_quoted = |line: &&str| {
        let line = line.trim_start();
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < line.len() && rest.starts_with(" |")
    };
    let said: Vec<&str> = said.lines().filter(|line| !is_quoted(line)).collect();
    said.join("\n")
}

/// What is wrong with how `bad` is refused.
fn complaints(bad: &Bad, deep: Option<&str>) -> Vec<String> {
    let sandbox = Sandbox::of(GOOD);
    for (path, content) in harness::fixture(bad.files) {
        match content.trim() {
            "(gone)" => std::fs::remove_file(sandbox.path(&path)).expect("it was there"),
            "x = \"(latin)\"" => sandbox.write(&path, b"# a\nx = \"\xe9\"\n"),
            _ => sandbox.write(&path, deep.unwrap_or(&content)),
        }
    }
    sandbox.begin();
    let before = sandbox.listing();
    let refused = sandbox.publish();
    let mut complaints = Vec::new();
    let mut complain = |complaint: String| complaints.push(format!("{}: {complaint}", bad.what));
    if refused.code != 3 {
        complain(format!("exit code {}", refused.code));
    }
    if refused.took > LIMIT {
        complain(format!("took {:?}", refused.took));
    }
    // Where the line is up to the evaluator, some line of the file has to be named all the same.
    let names_a_line = refused.stderr.split(bad.at).skip(1).any(|rest| {
        let line = rest.strip_prefix(':').unwrap_or_default();
        line.starts_with(|first: char| ('1'..='9').contains(&first))
    });
    if !bad.at.is_empty() && !bad.at.contains(':') && !names_a_line {
        complain("names no line".to_owned());
    }
    if !refused.stderr.contains(bad.at) {
        complain(format!("does not say `{}`", bad.at));
    }
    let words = reasons(&refused.stderr).to_lowercase();
    for says in bad.says {
        if !says.to_lowercase().split('|').any(|word| words.contains(word)) {
            complain(format!("does not say `{says}`"));
        }
    }
    if !(words.contains("help:") || words.contains("hint:")) {
        complain("has no hint".to_owned());
    }
    if !refused.stdout.is_empty() {
        complain("writes to standard output".to_owned());
    }
    if sandbox.listing() != before || sandbox.registry().exists() {
        complain("wrote something".to_owned());
    }
    if !complaints.is_empty() {
        complaints.push(format!("--- it said ({})\n{}---", refused.code, refused.stderr));
    }
    complaints
}

#[test]
fn the_workspace_they_are_made_from_is_good() {
    let sandbox = Sandbox::of(GOOD);
    sandbox.begin();
    let _planned = sandbox.run(&["plan"]).expect(0);
}

#[test]
fn every_bad_configuration_is_refused_with_a_place_and_a_hint() {
    assert!(BAD.len() >= 20, "only {}", BAD.len());
    let mut found: Vec<String> = BAD.iter().flat_map(|bad| complaints(bad, None)).collect();
    let deep = format!("x = {}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let nesting = Bad {
        what: "deep nesting",
        at: "RELEASE.star",
        says: &["deep|nest|stack"],
        files: "//- RELEASE.star\n(deep)\n",
    };
    found.extend(complaints(&nesting, Some(&deep)));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn several_errors_are_reported_at_once() {
    let sandbox = Sandbox::of(GOOD);
    let star = "load(\"@releasekit//rules/train.star\", \"release_group\", \"release_train\")\n\
                load(\"@releasekit//rules/uv.star\", \"uv_package\", \"uv_workspace\")\n\
                uv_workspace(name = \"all\", root = \".\")\n\
                uv_package(name = \"wren\", pin_strategy = \"exat\")\n\
                release_group(name = \"birds\", packages = [\"robin\"])\n\
                release_train(name = \"default\", groups = [\"bords\"])\n";
    sandbox.write("RELEASE.star", star);
    sandbox.begin();
    let refused = sandbox.publish().expect(3);
    for place in ["RELEASE.star:4", "RELEASE.star:5", "RELEASE.star:6"] {
        assert!(refused.stderr.contains(place), "{place} is not named: {refused}");
    }
}

#[test]
fn a_remote_registry_is_refused_in_plain_words() {
    let sandbox = Sandbox::of(GOOD);
    sandbox.edit(
        "RELEASE.star",
        "name = \"wren\"",
        "name = \"wren\", registry = \"somewhere-far\"",
    );
    sandbox.begin();
    let before = sandbox.listing();
    let refused = sandbox.run(&["publish"]).expect(3);
    assert!(refused.stderr.contains("RELEASE.star:3"), "{refused}");
    assert!(refused.stderr.contains("somewhere-far"), "{refused}");
    assert!(
        refused.stderr.contains("--to-directory"),
        "the way out is not named: {refused}"
    );
    assert!(sandbox.listing() == before, "something was written");
}

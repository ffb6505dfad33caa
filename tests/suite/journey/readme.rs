//! The README tells the truth: every command in it is run, or is one of the two long ones that are run elsewhere.

use harness::{Running, Sandbox, binary, repository, require_tool, tell};

/// Run by a person or by CI; what they run is tested by itself.
const LONG: [&str; 2] = ["bash examples/demo.sh", "bash tests/run.sh"];
/// How a person gets here, and no command of ours.
const BEFORE: [&str; 3] = ["git clone ", "cd ", "cargo install "];

/// The shell blocks of a Markdown text, as scripts: prompts, comments and output left out.
fn scripts(markdown: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut inside: Option<bool> = None;
    for line in markdown.lines() {
        let text = line.trim_start();
        if let Some(language) = text.strip_prefix("```") {
            inside = match inside {
                Some(_) => None,
                None => Some(["sh", "bash", "shell", "console"].contains(&language.trim())),
            };
            if inside == Some(true) {
                found.push(String::new());
            }
        } else if inside == Some(true)
            && let Some(script) = found.last_mut()
        {
            script.push_str(text);
            script.push('\n');
        }
    }
    for script in &mut found {
        let with_prompts = script.lines().any(|line| line.starts_with("$ "));
        let commands = script.lines().filter_map(|line| match line.strip_prefix("$ ") {
            Some(command) => Some(command),
            None => (!with_prompts).then_some(line),
        });
        let lines: Vec<&str> = commands
            .map(str::trim_end)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
        *script = lines.join("\n");
    }
    found.retain(|script| !script.is_empty());
    found
}

#[test]
fn every_command_in_the_readme_works() {
    if !require_tool("uv") || !require_tool("npm") {
        return;
    }
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("there is a README");
    let scripts = scripts(&readme);
    for long in LONG {
        assert!(
            scripts
                .iter()
                .any(|script| script.lines().any(|line| line == long)),
            "the README does not say `{long}`"
        );
        let file = long.trim_start_matches("bash ");
        assert!(repository().join(file).is_file(), "{file} is not there");
    }
    let sandbox = Sandbox::example("polyglot");
    let folder = binary().parent().expect("a file is in a folder").to_path_buf();
    sandbox.program(
        "releasekit",
        &format!(
            "#!/bin/sh\nexec '{}' \"$@\"\n",
            folder.join("releasekit").display()
        ),
    );
    let mut ran = 0;
    for script in scripts {
        let is_ours = |line: &&str| {
            let command = line.split(" #").next().unwrap_or_default().trim();
            !LONG.contains(&command) && !BEFORE.iter().any(|start| command.starts_with(start))
        };
        let commands: Vec<&str> = script.lines().filter(is_ours).collect();
        if commands.is_empty() {
            continue;
        }
        ran += commands.len();
        let mut shell = sandbox.tool("bash");
        shell.args(["-euo", "pipefail", "-c", &commands.join("\n")]);
        let _done = Running::start(shell).finish().expect(0);
    }
    tell(&format!("{ran} commands of the README were run"));
}

#[test]
fn commands_are_found_in_any_style() {
    let text = "# T\n```sh\n# a comment\nreleasekit plan   # why\n```\n\n```\nnot this\n```\n\
                ```console\n$ releasekit build\nsome output\n```\n```starlark\nnor(this)\n```\n";
    assert_eq!(scripts(text), ["releasekit plan   # why", "releasekit build"]);
}

//! The hooks folder of a repository: our scripts in it, and those of others.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::exit::{Failure, Kind};
use crate::world::{World, workspace_error};

/// The hooks we write.
const HOOKS: [&str; 3] = ["pre-commit", "commit-msg", "pre-push"];
/// What a hook is called that was there before ours.
const EARLIER: &str = ".before-releasekit";
/// A line that only our scripts hold.
const MARK: &str = "# written by `releasekit hooks install`; `releasekit hooks uninstall` takes it away";

/// A hooks folder.
pub(super) struct Folder(adapters::HooksFolder);

/// One hook.
pub(super) struct State {
    pub(super) name: &'static str,
    /// `None` if there is none.
    is_ours: Option<bool>,
    /// Whether one that was there before is kept beside it.
    pub(super) has_earlier: bool,
}

impl State {
    pub(super) const fn word(&self) -> &'static str {
        match self.is_ours {
            Some(true) => "installed",
            Some(false) => "somebody else's",
            None => "not installed",
        }
    }
}

impl Folder {
    pub(super) fn find(world: &World) -> Result<Self, Failure> {
        let found = adapters::git_hooks(&world.root, world.env.clone()).map_err(workspace_error)?;
        let none = || {
            Failure::new(
                Kind::Config,
                "this folder is in no git repository, and only git has these hooks",
            )
            .hint("`git init` makes one")
        };
        found.map(Self).ok_or_else(none)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0.path
    }

    fn hook(&self, name: &str) -> PathBuf {
        self.0.path.join(name)
    }

    fn earlier(&self, name: &str) -> PathBuf {
        self.0.path.join(format!("{name}{EARLIER}"))
    }

    pub(super) fn states(&self) -> Result<Vec<State>, Failure> {
        let state = |name: &'static str| {
            Ok(State {
                name,
                is_ours: is_ours(&self.hook(name))?,
                has_earlier: self.earlier(name).symlink_metadata().is_ok(),
            })
        };
        HOOKS.into_iter().map(state).collect()
    }

    /// Writes our hooks; keeps those that are there beside them. All is checked before the first is written.
    pub(super) fn install(&self, world: &World) -> Result<(), Failure> {
        let states = self.states()?;
        if let Some(state) = states
            .iter()
            .find(|state| state.is_ours == Some(false) && state.has_earlier)
        {
            let (hook, earlier) = (self.hook(state.name), self.earlier(state.name));
            let message = format!(
                "both `{}` and `{}` are there, and neither is ours",
                hook.display(),
                earlier.display()
            );
            return Err(Failure::new(Kind::Refused, message).hint("make one of the two, and run again"));
        }
        let program = world.program.to_str().filter(|path| !path.contains('\n'));
        let program = program.ok_or_else(|| {
            Failure::new(
                Kind::Config,
                "this program is in a folder whose name no script can hold",
            )
        })?;
        std::fs::create_dir_all(&self.0.path)?;
        for state in states {
            let hook = self.hook(state.name);
            if state.is_ours == Some(false) {
                std::fs::rename(&hook, self.earlier(state.name))?;
            }
            cas::write_atomically(&hook, script(state.name, program, &self.0.below).as_bytes())?;
            std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755))?;
        }
        Ok(())
    }

    /// Takes our hooks away and puts back those that were there before.
    pub(super) fn uninstall(&self) -> Result<(), Failure> {
        for state in self.states()? {
            let (hook, earlier) = (self.hook(state.name), self.earlier(state.name));
            match (state.is_ours, state.has_earlier) {
                (Some(false), _) | (None, false) => {}
                (Some(true), false) => std::fs::remove_file(&hook)?,
                (Some(true) | None, true) => std::fs::rename(&earlier, &hook)?,
            }
        }
        Ok(())
    }
}

/// Whether a hook is one of ours; `None` if there is none.
fn is_ours(hook: &Path) -> Result<Option<bool>, Failure> {
    match std::fs::read(hook) {
        Ok(bytes) => Ok(Some(
            String::from_utf8_lossy(&bytes).lines().any(|line| line == MARK),
        )),
        // A link that leads nowhere is somebody's all the same.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(hook.symlink_metadata().ok().map(|_| false)),
        Err(error) => Err(error.into()),
    }
}

/// The script of a hook: whoever was there before is asked first, with all that git says.
fn script(name: &str, program: &str, below: &str) -> String {
    let directory = if below.is_empty() {
        String::new()
    } else {
        format!("--directory {} ", quoted(below))
    };
    let (program, hint) = (
        quoted(program),
        quoted(&format!(
            "releasekit is neither on PATH nor where it was: install it, or take the hook {name} away"
        )),
    );
    let call = format!("\"$program\" {directory}hooks run {name} \"$@\"");
    let earlier = format!("earlier=$(dirname \"$0\")/{name}{EARLIER}");
    let body = if name == "pre-push" {
        format!(
            "said=$(cat)\nsay() {{ [ -z \"$said\" ] || printf '%s\\n' \"$said\"; }}\n{earlier}\n\
             if [ -x \"$earlier\" ]; then\n    say | \"$earlier\" \"$@\" || exit $?\nfi\n"
        )
    } else {
        format!("{earlier}\nif [ -x \"$earlier\" ]; then\n    \"$earlier\" \"$@\" || exit $?\nfi\n")
    };
    let last = if name == "pre-push" {
        format!("say | {call}\n")
    } else {
        format!("exec {call}\n")
    };
    format!(
        "#!/bin/sh\n{MARK}\n{body}program={program}\nif command -v releasekit >/dev/null 2>&1; then\n    \
         program=releasekit\nelif [ ! -x \"$program\" ]; then\n    echo {hint} >&2\n    exit 1\nfi\n{last}"
    )
}

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_path_is_more_than_a_path() {
        assert_eq!(quoted("/a b/it's $(x)"), r"'/a b/it'\''s $(x)'");
        let text = script("pre-commit", "/o'p/releasekit", "sub dir");
        assert!(
            text.starts_with("#!/bin/sh\n") && text.contains(r"program='/o'\''p/releasekit'"),
            "{text}"
        );
        assert!(
            text.contains("--directory 'sub dir' hooks run pre-commit \"$@\""),
            "{text}"
        );
    }
}

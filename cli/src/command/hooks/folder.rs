//! The hooks folder of a repository: our scripts in it, and those of others.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::exit::{Failure, Kind};
use crate::world::{World, workspace_error};

/// The hooks we write.
const HOOKS: [&str; 3] = ["pre-commit", "commit-msg", "pre-push"];
/// Where a hook is kept that was there before ours, under its own name: many look at what they are called.
const EARLIER: &str = "before-releasekit";
/// A line that only our scripts hold.
const MARK: &str = "# written by `releasekit hooks install`; `releasekit hooks uninstall` takes it away";

/// A hooks folder.
pub(super) struct Folder {
    found: adapters::HooksFolder,
    /// Whether it is husky's, which runs what is in it by `sh -e`, whether it is executable or not.
    is_husky: bool,
}

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
        found.map(Self::of).ok_or_else(none)
    }

    /// husky tells git of a folder that it writes anew at every installation; a person's hooks are in the one above.
    fn of(mut found: adapters::HooksFolder) -> Self {
        let is_husky = found.path.ends_with(".husky/_");
        if is_husky {
            found.path.pop();
        }
        Self { found, is_husky }
    }

    pub(super) fn path(&self) -> &Path {
        &self.found.path
    }

    fn hook(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn earlier(&self, name: &str) -> PathBuf {
        self.path().join(EARLIER).join(name)
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
        std::fs::create_dir_all(self.path())?;
        for state in states {
            let hook = self.hook(state.name);
            if state.is_ours == Some(false) {
                std::fs::create_dir_all(self.path().join(EARLIER))?;
                std::fs::rename(&hook, self.earlier(state.name))?;
            }
            cas::write_atomically(&hook, self.script(state.name, program).as_bytes())?;
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
        match std::fs::remove_dir(self.path().join(EARLIER)) {
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => {
                Err(error.into())
            }
            _ => Ok(()),
        }
    }

    /// The script of a hook: whoever was there before is asked first, with all that git says.
    fn script(&self, name: &str, program: &str) -> String {
        let directory = match &*self.found.below {
            "" => String::new(),
            below => format!("--directory {} ", quoted(below)),
        };
        let (is_there, ask) = if self.is_husky {
            ("-f", "sh -e ")
        } else {
            ("-x", "")
        };
        let (listen, say) = if name == "pre-push" {
            (
                "said=$(cat)\nsay() { [ -z \"$said\" ] || printf '%s\\n' \"$said\"; }\n",
                "say | ",
            )
        } else {
            ("", "")
        };
        // husky's folder is everybody's, and where the program is on this machine is not.
        let program = if self.is_husky { "" } else { program };
        let hint = format!(
            "releasekit is neither on PATH nor where it was: install it, or take the hook {name} away"
        );
        let (program, hint) = (quoted(program), quoted(&hint));
        format!(
            "#!/bin/sh\n{MARK}\n{listen}earlier=$(dirname \"$0\")/{EARLIER}/{name}\n\
             if [ {is_there} \"$earlier\" ]; then\n    {say}{ask}\"$earlier\" \"$@\" || exit $?\nfi\n\
             program={program}\nif command -v releasekit >/dev/null 2>&1; then\n    program=releasekit\n\
             elif [ ! -x \"$program\" ]; then\n    echo {hint} >&2\n    exit 1\nfi\n\
             {say}\"$program\" {directory}hooks run {name} \"$@\"\n"
        )
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
        let found = |path: &str| adapters::HooksFolder {
            path: path.into(),
            below: "sub dir".to_owned(),
        };
        let text = Folder::of(found("/r/.git/hooks")).script("pre-commit", "/o'p/releasekit");
        assert!(
            text.starts_with("#!/bin/sh\n") && text.contains(r"program='/o'\''p/releasekit'"),
            "{text}"
        );
        assert!(
            text.contains("--directory 'sub dir' hooks run pre-commit \"$@\""),
            "{text}"
        );
        // What everybody has holds no path of one machine.
        let husky = Folder::of(found("/r/.husky/_"));
        assert_eq!(husky.path(), Path::new("/r/.husky"));
        assert!(!husky.script("pre-push", "/o'p/releasekit").contains("/o"));
    }
}

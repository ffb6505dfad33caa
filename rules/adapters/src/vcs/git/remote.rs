//! Another repository that ours is pushed to: only what is named, all of it or nothing, nothing by force.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::{StepError, printable};
use model::{CommitId, Push, Remote, Tag};

use super::address::{hide, without_credentials};
use super::refs;
use super::run::{Done, Runner, commit_id, git};

/// What of the environment says how another machine is reached. All other variables of git stay out.
const REACH: [&str; 8] = [
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSH_VARIANT",
    "GIT_ASKPASS",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GIT_SSL_CERT",
    "GIT_SSL_KEY",
];
/// Nothing is asked of a person, and a server that says nothing is given up. Hooks are not run: `pre-push` is for
/// people, and a release has gates of its own.
const SETTINGS: [&str; 10] = [
    "protocol.file.allow=always",
    "protocol.ssh.allow=always",
    "protocol.https.allow=always",
    "protocol.http.allow=always",
    "protocol.git.allow=always",
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=60",
    "gc.auto=0",
    "maintenance.auto=false",
    "push.recurseSubmodules=no",
];
const SSH: &str =
    "ssh -o BatchMode=yes -o ConnectTimeout=30 -o ServerAliveInterval=15 -o ServerAliveCountMax=4";
/// The longest anything may take.
const PATIENCE: Duration = Duration::from_secs(240);
/// What the operating system takes as arguments, with room to spare.
const LONGEST: usize = 1 << 20;
/// What is said by a remote that will say it again.
const FINAL: [&str; 8] = [
    "Authentication failed",
    "Permission denied",
    "Permission to ",
    "could not read Username",
    "does not appear to be a git repository",
    "epository not found",
    "Could not resolve hostname",
    "Host key verification failed",
];

/// A remote of a git repository.
pub struct GitRemote {
    runner: Runner,
    name: String,
    /// What git is given: the name, or the address if it is pushed to another one than it is fetched from.
    place: String,
    /// As it was written, credentials included.
    secret: String,
    address: String,
}

impl GitRemote {
    /// The remote called `name` of the repository that `root` lies in; `None` if it has none of that name.
    ///
    /// # Errors
    /// git is not there, or the remote is several places at once.
    pub fn open(root: &Path, env: BTreeMap<String, String>, name: &str) -> Result<Option<Self>, StepError> {
        Self::open_beneath(root, env, name, None)
    }

    /// The same; `repository` is git's own folder where git does not find it by itself.
    ///
    /// # Errors
    /// git is not there, or the remote is several places at once.
    pub fn open_beneath(
        root: &Path,
        env: BTreeMap<String, String>,
        name: &str,
        repository: Option<&Path>,
    ) -> Result<Option<Self>, StepError> {
        let kept: Vec<(String, String)> = env
            .iter()
            .filter(|(variable, _)| REACH.contains(&variable.as_str()))
            .map(|(variable, value)| (variable.clone(), value.clone()))
            .collect();
        let runner = git(root, env)?.set(SETTINGS).with(kept.iter().cloned());
        let runner = match repository {
            Some(repository) => runner.elsewhere(root, &[("GIT_DIR", repository)]),
            None => runner,
        };
        let Some(pushed) = addresses(&runner, name, &["--push", "--all"])? else {
            return Ok(None);
        };
        let [address] = &pushed[..] else {
            let message = format!("the remote `{name}` is pushed to {} places at once", pushed.len());
            return Err(StepError::new(message)
                .hint("give `push` a remote with one address: what is sent is sent as a whole"));
        };
        let fetched = addresses(&runner, name, &[])?.unwrap_or_default();
        let asks = kept.iter().any(|(variable, _)| variable.starts_with("GIT_SSH"))
            || runner.setting(&["core.sshCommand"])?.is_some();
        let shown = shown(&runner, address)?;
        let runner = if asks {
            runner
        } else {
            runner.with([("GIT_SSH_COMMAND".to_owned(), SSH.to_owned())])
        };
        Ok(Some(Self {
            runner,
            name: name.to_owned(),
            place: if fetched == pushed {
                name.to_owned()
            } else {
                address.clone()
            },
            address: shown,
            secret: address.clone(),
        }))
    }

    fn run(&self, args: &[&str]) -> Result<Done, StepError> {
        let done = self.runner.run_within(args, PATIENCE)?;
        Ok(done.map_words(|text| hide(&text, &self.secret)))
    }

    /// The error that a failed conversation is: one that may pass, unless the remote would say the same again.
    fn failure(&self, done: &Done) -> StepError {
        let error = done.failure();
        let message = format!("{}: {}", self.address, error.message);
        let is_final = FINAL.iter().any(|words| done.stderr.contains(words));
        StepError {
            message,
            hint: Some(error.hint.unwrap_or_else(|| {
                format!(
                    "try `git ls-remote {}`: nobody is asked for a password here",
                    self.name
                )
            })),
            transient: !is_final,
        }
    }

    /// What the remote's references that fit `pattern` name, by full name; tags name commits in the end.
    fn list(&self, pattern: &str) -> Result<BTreeMap<String, CommitId>, StepError> {
        let done = self.run(&["ls-remote", "--quiet", "--", &self.place, pattern])?;
        if !done.succeeded() {
            return Err(self.failure(&done));
        }
        let mut found = BTreeMap::new();
        for line in done
            .stdout
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            // Names that are not UTF-8 are not ours.
            let Ok(line) = str::from_utf8(line) else { continue };
            let Some((id, name)) = line.split_once('\t') else {
                return Err(StepError::new(
                    "`git ls-remote` answered in a form that is not known",
                ));
            };
            // The commit of an annotated tag follows the tag itself, and wins.
            found.insert(
                name.strip_suffix("^{}").unwrap_or(name).to_owned(),
                commit_id(id)?,
            );
        }
        Ok(found)
    }

    /// Those of the references to be pushed that are not there yet.
    fn missing(&self, push: &Push) -> Result<Vec<String>, StepError> {
        let there = self.list("refs/tags/*")?;
        let here = refs::list(&self.runner, "refs/tags/")?;
        let here: BTreeMap<&str, &CommitId> = here
            .iter()
            .filter_map(|tag| Some((tag.name.as_str(), tag.commit.as_ref()?)))
            .collect();
        let mut missing = Vec::new();
        for name in &push.tags {
            let reference = format!("refs/tags/{name}");
            let ours = *here.get(reference.as_str()).ok_or_else(|| {
                StepError::new(format!("there is no tag `{name}` here that could be pushed"))
            })?;
            match there.get(&reference) {
                Some(theirs) if theirs == ours => {}
                Some(theirs) => {
                    let message = format!(
                        "the tag `{name}` already names commit {theirs} in {}, not commit {ours}",
                        self.address
                    );
                    return Err(StepError::new(message).hint(
                        "tags are never moved: release another version, or delete that tag if nobody has seen it",
                    ));
                }
                None => missing.push(format!("{reference}:{reference}")),
            }
        }
        if let Some((branch, commit)) = &push.branch
            && !self.leads_to(branch, commit)?
        {
            missing.push(format!("{commit}:refs/heads/{branch}"));
        }
        Ok(missing)
    }
}

impl Remote for GitRemote {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn address(&self) -> String {
        self.address.clone()
    }

    fn tags(&self) -> Result<Vec<Tag>, StepError> {
        let tags = self.list("refs/tags/*")?.into_iter();
        let tags = tags.filter_map(|(name, commit)| {
            let name = name.strip_prefix("refs/tags/")?.to_owned();
            Some(Tag { name, commit })
        });
        Ok(tags.collect())
    }

    fn branch(&self, name: &str) -> Result<Option<CommitId>, StepError> {
        let reference = format!("refs/heads/{name}");
        Ok(self.list(&reference)?.remove(&reference))
    }

    fn leads_to(&self, branch: &str, commit: &CommitId) -> Result<bool, StepError> {
        let commit = commit_id(&commit.0)?;
        let Some(tip) = self.branch(branch)? else {
            return Ok(false);
        };
        if tip == commit {
            return Ok(true);
        }
        if self.runner.resolve(&format!("{tip}^{{commit}}"))?.is_none() {
            let reference = format!("refs/heads/{branch}");
            let done = self.run(&[
                "fetch",
                "--quiet",
                "--no-tags",
                "--no-write-fetch-head",
                "--no-recurse-submodules",
                "--refmap=",
                "--",
                &self.place,
                &reference,
            ])?;
            if !done.succeeded() {
                return Err(self.failure(&done));
            }
        }
        let done = self
            .runner
            .run(&["merge-base", "--is-ancestor", &commit.0, &tip.0], b"")?;
        match done.code {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(done.failure()),
        }
    }

    fn push(&self, push: &Push) -> Result<(), StepError> {
        let missing = self.missing(push)?;
        if missing.is_empty() {
            return Ok(());
        }
        if missing.iter().map(String::len).sum::<usize>() > LONGEST {
            let message = format!("{} references are too many to be pushed at once", missing.len());
            return Err(
                StepError::new(message).hint("release fewer packages at a time: name them, or a train")
            );
        }
        let mut args = vec![
            "push",
            "--atomic",
            "--porcelain",
            "--no-follow-tags",
            "--no-verify",
            "--recurse-submodules=no",
            "--no-progress",
            "--",
            &self.place,
        ];
        args.extend(missing.iter().map(String::as_str));
        let done = self.run(&args)?;
        if done.succeeded() {
            return Ok(());
        }
        let refused = refusals(&done.text());
        // Somebody who pushed the same at the same time was faster, or the answer got lost.
        if self.missing(push)?.is_empty() {
            return Ok(());
        }
        if refused.is_empty() {
            return Err(self.failure(&done));
        }
        Err(self.refusal(&refused, &done))
    }
}

impl GitRemote {
    /// The error that a refused push is.
    fn refusal(&self, refused: &BTreeMap<String, String>, done: &Done) -> StepError {
        let one = |(name, why): (&String, &String)| format!("`{}`: {}", printable(name), printable(why));
        let named: Vec<String> = refused.iter().map(one).collect();
        let said: Vec<&str> = done
            .stderr
            .lines()
            .filter_map(|line| line.strip_prefix("remote: "))
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let said = if said.is_empty() {
            String::new()
        } else {
            format!("\nit said: {}", said.join("\n"))
        };
        let message = format!(
            "{} refused {}; nothing was pushed{said}",
            self.address,
            named.join(", ")
        );
        let is_behind = refused
            .values()
            .any(|why| why.contains("fetch first") || why.contains("non-fast-forward"));
        let is_busy = refused.values().any(|why| why.contains("lock"));
        let hint = if is_behind {
            "the branch has moved on there: nothing is forced; bring it here (`git pull`) and run again"
        } else {
            "ask who may push there, and run again: everything else is kept"
        };
        StepError {
            transient: is_busy,
            ..StepError::new(message).hint(hint)
        }
    }
}

/// An address that says the same wherever it is read: without credentials, and a path from the root on. A relative
/// one is seen from the top of the working tree.
fn shown(runner: &Runner, address: &str) -> Result<String, StepError> {
    if address.contains(':') || address.starts_with('/') {
        return Ok(without_credentials(address));
    }
    let top = runner.run(&["rev-parse", "--show-toplevel"], b"")?;
    let top = if top.succeeded() {
        PathBuf::from(top.text())
    } else {
        runner.root().to_path_buf()
    };
    let place = top.join(address);
    let place = place.canonicalize().unwrap_or(place);
    Ok(place.to_string_lossy().into_owned())
}

/// The addresses of a remote; `None` if there is no such remote.
fn addresses(runner: &Runner, name: &str, which: &[&str]) -> Result<Option<Vec<String>>, StepError> {
    let done = runner.run(&[&["remote", "get-url"], which, &["--", name]].concat(), b"")?;
    match done.code {
        Some(0) => Ok(Some(done.text().lines().map(str::to_owned).collect())),
        _ if done.stderr.contains("No such remote") => Ok(None),
        _ => Err(done.failure()),
    }
}

/// The references that were refused, each with why, as `git push --porcelain` tells it: a flag, `from:to` and a
/// summary, separated by tabs. Those that fell with others are left out.
fn refusals(output: &str) -> BTreeMap<String, String> {
    let mut refused = BTreeMap::new();
    for line in output.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        if let ["!", names, summary] = fields[..] {
            let name = names.rsplit_once(':').map_or(names, |(_, to)| to);
            refused.insert(name.to_owned(), summary.to_owned());
        }
    }
    let fell: BTreeSet<String> = refused
        .iter()
        .filter(|(_, why)| why.contains("(atomic "))
        .map(|(name, _)| name.clone())
        .collect();
    if fell.len() < refused.len() {
        refused.retain(|name, _| !fell.contains(name));
    }
    refused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_refused_is_told_from_who_fell_with_them() {
        let output = "To /x\n!\trefs/tags/a:refs/tags/a\t[rejected] (atomic push failed)\n\
                      !\trefs/tags/b:refs/tags/b\t[rejected] (already exists)\n=\tx:refs/heads/c\t[up to date]\nDone\n";
        let expected = [("refs/tags/b".to_owned(), "[rejected] (already exists)".to_owned())];
        assert_eq!(refusals(output), BTreeMap::from(expected));
        let all = "!\trefs/tags/a:refs/tags/a\t[remote rejected] (atomic push failed)\n";
        assert_eq!(refusals(all).len(), 1);
        assert_eq!(refusals("fatal: no\n"), BTreeMap::new());
    }
}

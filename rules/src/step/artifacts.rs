//! The artifacts of one package's build, and the registry they go to: what publishing, polling and verifying share.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Provided, Slot, SlotState, StepError};
use model::{Artifact, PackageId, Registry, Version};
use serde::{Deserialize, Serialize};

/// Where the output folder of the build is laid out for the steps that read it.
pub const ARTIFACTS: &str = "artifacts";

/// Which artifacts, and where they go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifacts {
    /// The registry's identity.
    pub registry: String,
    /// Whose they are.
    pub package: PackageId,
    /// Which version, as the package's ecosystem writes it.
    pub version: String,
    /// The channel they go to.
    pub channel: String,
}

/// A version as an ecosystem writes it: Python has a notation of its own, everybody else has `SemVer`'s.
#[must_use]
pub fn written(ecosystem: &str, version: &Version) -> String {
    if ecosystem == "uv" {
        version.pep440_or_semver()
    } else {
        version.to_string()
    }
}

impl Artifacts {
    /// The artifacts, source distributions before wheels (an installer that finds only the former can still build),
    /// each sorted by name.
    pub(super) fn list(&self, inputs: &dyn Provided) -> Result<Vec<Artifact>, StepError> {
        let mut artifacts = Vec::new();
        for (path, digest) in inputs.files() {
            let Some(name) = path
                .strip_prefix(ARTIFACTS)
                .and_then(|rest| rest.strip_prefix('/'))
            else {
                continue;
            };
            if name.contains('/') {
                let message = format!(
                    "the build of `{}` made `{name}`, which is inside a folder",
                    self.package.name
                );
                return Err(
                    StepError::new(message).hint("a build's output folder holds artifacts and nothing else")
                );
            }
            artifacts.push(Artifact {
                package: self.package.clone(),
                version: self.version.clone(),
                filename: name.to_owned(),
                digest: *digest,
                channel: self.channel.clone(),
            });
        }
        if artifacts.is_empty() {
            return Err(
                StepError::new(format!("the build of `{}` made no artifacts", self.package.name))
                    .hint("look at what the build tool says, and where it puts what it makes"),
            );
        }
        artifacts
            .sort_by(|a, b| (is_wheel(&a.filename), &a.filename).cmp(&(is_wheel(&b.filename), &b.filename)));
        Ok(artifacts)
    }

    /// Looks at every artifact's slot. Bytes other than ours are an error for good, absence one that may pass.
    pub(super) fn look(
        &self,
        registries: &Registries,
        inputs: &dyn Provided,
        is_cancelled: impl Fn() -> bool,
    ) -> Result<usize, StepError> {
        let artifacts = self.list(inputs)?;
        let registry = registries.find(&self.registry)?;
        for artifact in &artifacts {
            if is_cancelled() {
                return Err(StepError::transient("the run is being stopped"));
            }
            let slot = slot(&**registry, artifact);
            let (name, place) = (&artifact.filename, registry.name());
            match registry.observe(&slot)? {
                SlotState::Present(found) if found == artifact.digest => {}
                SlotState::Present(found) => {
                    let ours = artifact.digest;
                    let message = format!("`{name}` in {place} holds other bytes: {found} instead of {ours}");
                    return Err(StepError::new(message)
                        .hint("somebody else published this version: release another one"));
                }
                SlotState::Absent => {
                    return Err(StepError::transient(format!("`{name}` is not in {place} yet")));
                }
                SlotState::Unknown(why) => {
                    return Err(StepError::transient(format!(
                        "what {place} has of `{name}` is not known: {why}"
                    )));
                }
            }
        }
        Ok(artifacts.len())
    }
}

fn is_wheel(name: &str) -> bool {
    name.ends_with(".whl")
}

/// The place of an artifact in a registry.
pub(super) fn slot(registry: &dyn Registry, artifact: &Artifact) -> Slot {
    Slot {
        target: registry.identity(),
        coordinate: registry.coordinate(artifact),
    }
}

/// How many files, in words.
pub(super) fn files(count: usize) -> String {
    if count == 1 {
        "1 file".to_owned()
    } else {
        format!("{count} files")
    }
}

/// Registries by identity.
#[derive(Clone)]
pub(super) struct Registries(pub(super) BTreeMap<String, Arc<dyn Registry>>);

impl Registries {
    pub(super) fn find(&self, identity: &str) -> Result<&Arc<dyn Registry>, StepError> {
        self.0.get(identity).ok_or_else(|| {
            StepError::new(format!("the registry `{identity}` is not part of this release"))
                .hint("this is a defect in releasekit: please report it")
        })
    }
}

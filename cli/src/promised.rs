//! Bytes that an unfinished release has sent already, where this one would send others: found before it sends any.

use std::collections::BTreeMap;

use cas::Digest;
use engine::{Claim, EffectKind, Recovered};
use model::{Artifact, PackageId};

use crate::plan::Prepared;
use crate::unfinished::{Begun, Unfinished};

/// The files that were built, by package and name.
pub(crate) type Built = BTreeMap<PackageId, BTreeMap<String, Digest>>;

/// The release that was begun from another commit, and that has sent, or may have sent, other bytes to a place that
/// these go to.
pub(crate) fn elsewhere(
    prepared: &Prepared,
    recovered: &Recovered,
    begun: &[Begun],
    built: &Built,
) -> Option<Unfinished> {
    let head = prepared.history.commit()?;
    let run = prepared.versions.iter().find_map(|planned| {
        let registry = prepared.registries.get(&planned.package)?;
        let files = built.get(&planned.package)?;
        files.iter().find_map(|(name, digest)| {
            let artifact = Artifact {
                package: planned.package.clone(),
                version: rules::written(&planned.package.ecosystem, &planned.next),
                filename: name.clone(),
                digest: *digest,
                channel: planned.channel.clone(),
            };
            let slot = engine::Slot {
                target: registry.identity(),
                coordinate: registry.coordinate(&artifact),
            };
            match recovered.claim(&prepared.run, &slot, digest, EffectKind::CreateOnce) {
                Claim::Other { run, .. } => Some(run),
                _ => None,
            }
        })
    })?;
    let is_it = |one: &&Begun| one.run == run && one.is_left && one.commit != *head;
    begun.iter().rfind(is_it).map(|one| Unfinished {
        begun: one.clone(),
        tags: Vec::new(),
        back: None,
    })
}

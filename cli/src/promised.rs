//! Bytes that an unfinished release has sent already, where this one would send others: found before it sends any.

use std::collections::BTreeMap;

use cas::Digest;
use engine::{Claim, EffectKind, Recovered, Slot};
use model::{Artifact, PackageId};

use crate::plan::Prepared;
use crate::unfinished::{Begun, Unfinished};

/// The files that were built, by package and name.
pub(crate) type Built = BTreeMap<PackageId, BTreeMap<String, Digest>>;

/// The release that was begun from another commit, and that has sent, or may have sent, something else to a place that
/// this one goes to: other bytes, or a tag. `vcs` is the name of the version control system.
pub(crate) fn elsewhere(
    prepared: &Prepared,
    vcs: &str,
    recovered: &Recovered,
    begun: &[Begun],
    built: &Built,
) -> Option<Unfinished> {
    let head = prepared.history.commit()?;
    let tags = prepared.tags.iter().map(|tag| rules::tag_slot(vcs, tag, head));
    let run = uploads(prepared, built).chain(tags).find_map(|(slot, digest)| {
        match recovered.claim(&prepared.run, &slot, &digest, EffectKind::CreateOnce) {
            Claim::Other { run, .. } => Some(run),
            _ => None,
        }
    })?;
    let is_it = |one: &&Begun| one.run == run && one.is_left && one.commit != *head;
    begun.iter().rfind(is_it).map(|one| Unfinished {
        begun: one.clone(),
        tags: Vec::new(),
        back: None,
    })
}

/// Where every file that was built goes, and what is sent there.
fn uploads(prepared: &Prepared, built: &Built) -> impl Iterator<Item = (Slot, Digest)> {
    prepared.versions.iter().flat_map(|planned| {
        let package = &planned.package;
        let registry = prepared.registries.get(package);
        let files = built.get(package).into_iter().flatten();
        files.filter_map(move |(name, digest)| {
            let artifact = Artifact {
                package: package.clone(),
                version: rules::written(&package.ecosystem, &planned.next),
                filename: name.clone(),
                digest: *digest,
                channel: planned.channel.clone(),
            };
            let slot = Slot {
                target: registry?.identity(),
                coordinate: registry?.coordinate(&artifact),
            };
            Some((slot, *digest))
        })
    })
}

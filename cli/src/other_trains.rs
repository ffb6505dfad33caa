//! What other trains have to release, where the one that is meant has nothing.

use model::Bump;

use crate::exit::Failure;
use crate::history::{History, VersionFlags};
use crate::plan::Prepared;
use crate::project::Project;
use crate::world::World;

/// Names the other trains that have something to release, if this one has nothing and nobody chose it.
///
/// # Errors
/// There is no train.
pub(crate) fn tell(
    world: &World,
    project: &Project,
    prepared: &Prepared,
    flags: &VersionFlags,
) -> Result<(), Failure> {
    if !prepared.versions.is_empty() || flags.train.is_some() {
        return Ok(());
    }
    let own = &project.train(None)?.name;
    let others = project.config().trains.iter().filter(|train| train.name != *own);
    for train in others {
        let asked = VersionFlags {
            set: Vec::new(),
            ..flags.clone()
        };
        let name = &train.name;
        let told = match History::quietly(world, project, train, &asked) {
            Ok(history) => {
                let is_new = |version: &&rules::PlannedVersion| version.bump != Bump::None;
                match history.begun.iter().filter(is_new).count() {
                    0 => continue,
                    1 => format!("`{name}` has 1 package to release: `--train {name}`"),
                    count => format!("`{name}` has {count} packages to release: `--train {name}`"),
                }
            }
            Err(_) => format!("what `{name}` has to release cannot be planned: `--train {name}` says why"),
        };
        world.terminal.note(&told);
    }
    Ok(())
}

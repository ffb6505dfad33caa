//! Whether a configuration would do, before it is written.

use rules::{Evaluation, Loader, Reach, Request};

use crate::exit::{Failure, Kind};
use crate::history::{History, VersionFlags};
use crate::project::{CONFIG_FILE, Project};
use crate::world::World;

/// The stack to evaluate on. Pages that are not touched cost nothing.
const STACK: usize = 256 << 20;

/// A workspace whose only file is the configuration.
struct Only<'t>(&'t str);

impl Loader for Only<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == CONFIG_FILE {
            Ok(self.0.as_bytes().to_vec())
        } else {
            Err("this file cannot be loaded".to_owned())
        }
    }
}

/// Evaluates a configuration that releasekit wrote by itself, together with the packages, tags and history there are:
/// what `version` would do. Leaves the project as that configuration has it.
///
/// # Errors
/// What would be refused.
pub(crate) fn foresee(world: &World, project: &mut Project, text: &str) -> Result<(), Failure> {
    project.config = Some(rules::resolve(&evaluated(world, text)?)?);
    project.look(Reach::Declared)?;
    for train in &project.config().trains {
        project.members(train)?;
        History::quietly(world, project, train, &VersionFlags::default())?;
    }
    Ok(())
}

/// The text is ours: it needs no confinement, only room.
fn evaluated(world: &World, text: &str) -> Result<Evaluation, Failure> {
    let run = || {
        rules::evaluate(&Request {
            roots: vec![CONFIG_FILE.to_owned()],
            loader: &Only(text),
            env: &world.env,
            trace: None,
            calls: &[],
        })
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, run)?;
        let died = |_| Failure::new(Kind::Defect, "evaluating a new configuration died");
        thread.join().map_err(died)
    })
}

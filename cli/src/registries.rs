//! The registries that packages go to, each folder opened once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{PackageId, Registry, TrainDecl};

use crate::exit::{Failure, Kind};
use crate::project::Project;
use crate::world::World;

/// Registries by what RELEASE.star says, or all of them folders in one.
pub(crate) struct OpenedRegistries<'a> {
    world: &'a World<'a>,
    project: &'a Project,
    train: &'a TrainDecl,
    to_directory: Option<PathBuf>,
    opened: RefCell<BTreeMap<PathBuf, Arc<dyn Registry>>>,
}

impl<'a> OpenedRegistries<'a> {
    /// The registries of a train; `to_directory` replaces all of them.
    pub(crate) fn new(
        world: &'a World<'a>,
        project: &'a Project,
        train: &'a TrainDecl,
        to_directory: Option<&Path>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            world,
            project,
            train,
            to_directory: to_directory.map(std::path::absolute).transpose()?,
            opened: RefCell::default(),
        })
    }

    /// The registry a package goes to. Needs a configuration, or a folder that replaces all registries.
    pub(crate) fn of(&self, id: &PackageId) -> Result<Arc<dyn Registry>, Failure> {
        let folder = match &self.to_directory {
            Some(folder) => folder.clone(),
            None => self.world.root.join(rules::registry_folder(
                self.project.config(),
                self.train,
                &self.project.workspace,
                id,
            )?),
        };
        let open = self.project.adapters.directories.get(id.ecosystem.as_str());
        let open = open.ok_or_else(|| {
            let message = format!("there is no directory registry for {} packages", id.ecosystem);
            Failure::new(Kind::Config, message)
        })?;
        let folder = folder.join(adapters::directory_name(&id.ecosystem));
        let mut opened = self.opened.borrow_mut();
        Ok(Arc::clone(
            opened.entry(folder.clone()).or_insert_with(|| open(&folder)),
        ))
    }
}

//! The registries that packages go to, each folder opened once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{Diagnostic, PackageId, Registry, TrainDecl};

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
        self.open(id, &self.folder(id)?)
    }

    /// The registry a package goes to, as [`Self::of`]; `None` if it is a remote one, which this version does not ask.
    pub(crate) fn of_folder(&self, id: &PackageId) -> Result<Option<Arc<dyn Registry>>, Failure> {
        let folder = self.folder(id).ok();
        folder.map(|folder| self.open(id, &folder)).transpose()
    }

    /// The folder that stands for a registry; an error if none does.
    fn folder(&self, id: &PackageId) -> Result<PathBuf, Diagnostic> {
        if let Some(folder) = &self.to_directory {
            return Ok(folder.clone());
        }
        let (config, workspace) = (self.project.config(), &self.project.workspace);
        let folder = rules::registry_folder(config, self.train, workspace, id)?;
        Ok(self.world.root.join(folder))
    }

    fn open(&self, id: &PackageId, folder: &Path) -> Result<Arc<dyn Registry>, Failure> {
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

//! Refuses tags before the first is made: those git would refuse, and those that would be two things.

use std::collections::HashMap;

use model::{Diagnostic, Location, Package, TagFormat, TrainDecl};

/// Diagnostics about the tags that a train would make, and about those it says it made before: tags that git
/// refuses, packages that would share tags although their versions are not the same, tags that would be read as
/// somebody else's. `elsewhere` are packages of other trains; `unit_of` says with which others a package always shares
/// its version.
pub(super) fn check<'a>(
    packages: &[&Package],
    elsewhere: impl Iterator<Item = (&'a Package, &'a TrainDecl)>,
    train: &TrainDecl,
    unit_of: impl Fn(usize) -> usize,
) -> Vec<Diagnostic> {
    let mut checking = Checking {
        packages,
        at: train.location.as_ref(),
        unit_of: &unit_of,
        owners: HashMap::new(),
        wrong: Vec::new(),
    };
    let tags = &train.tags;
    checking.made("tag_format", &train.tag_format);
    for format in &tags.secondary {
        checking.made("secondary_tags", format);
    }
    elsewhere.for_each(|(package, other)| checking.elsewhere(package, other));
    checking.umbrella(train);
    for format in tags.former.iter().filter(|format| format.has_name()) {
        checking.former(format);
    }
    checking.wrong
}

/// Who has the tags with something before and something after the version: a package, or the release as a whole.
type Owners = HashMap<(String, String), Option<usize>>;

struct Checking<'a> {
    packages: &'a [&'a Package],
    at: Option<&'a Location>,
    unit_of: &'a dyn Fn(usize) -> usize,
    owners: Owners,
    wrong: Vec<Diagnostic>,
}

impl Checking<'_> {
    fn refuse(&mut self, message: String, hint: String) {
        self.wrong
            .push(Diagnostic::error(message, self.at.cloned()).hint(hint));
    }

    /// A format of tags that are made.
    fn made(&mut self, attribute: &str, format: &TagFormat) {
        for (index, package) in self.packages.iter().enumerate() {
            let around = format.around(&package.id.ecosystem, package.name());
            let example = format!("{}{}{}", around.0, package.version, around.1);
            if let Err(reason) = model::legal_tag(&example) {
                let message = format!("`{}` cannot be tagged `{example}`: {reason}", package.id);
                self.refuse(message, format!("choose another `{attribute}`"));
            }
            let Some(first) = self.owners.insert(around, Some(index)).flatten() else {
                continue;
            };
            if first == index {
                let message = format!("`{}` would be tagged `{example}` twice", package.id);
                self.refuse(message, format!("take `{format}` out of `{attribute}`"));
            } else if (self.unit_of)(first) != (self.unit_of)(index) {
                self.shared(attribute, format, first, index, &example);
            }
        }
    }

    fn shared(&mut self, attribute: &str, format: &TagFormat, first: usize, second: usize, example: &str) {
        let (first, second) = (self.packages[first], self.packages[second]);
        let message = format!(
            "`{}` and `{}` would have the same tags, such as `{example}`",
            first.id, second.id
        );
        let fixed = "put both into one group with `versioning = \"fixed\"`: one version, one tag";
        let missing = ["{name}", "{ecosystem}"];
        let differs = [
            first.name() != second.name(),
            first.id.ecosystem != second.id.ecosystem,
        ];
        let missing = missing.iter().zip(differs).find(|(_, differs)| *differs);
        let hint = match missing {
            Some((missing, _)) if !format.pattern().contains(missing) => {
                format!("{fixed}; or put `{missing}` into `{attribute}`, which is `{format}`")
            }
            _ => format!("{fixed}; or choose another `{attribute}` than `{format}`"),
        };
        self.refuse(message, hint);
    }

    /// A package of another train, which must not have tags that this one makes.
    fn elsewhere(&mut self, package: &Package, train: &TrainDecl) {
        for format in std::iter::once(&train.tag_format).chain(&train.tags.secondary) {
            let (before, after) = format.around(&package.id.ecosystem, package.name());
            let example = format!("{before}{}{after}", package.version);
            if let Some(Some(ours)) = self.owners.get(&(before, after)) {
                let message = format!(
                    "`{}` and `{}` would have the same tags, such as `{example}`",
                    self.packages[*ours].id, package.id
                );
                let hint = format!(
                    "the train `{}` releases the other one: give one of the trains another `tag_format`, such as \
                     `{}/v{{version}}`",
                    train.name, train.name
                );
                self.refuse(message, hint);
                return;
            }
        }
    }

    fn umbrella(&mut self, train: &TrainDecl) {
        let Some(umbrella) = &train.tags.umbrella else {
            return;
        };
        let around = umbrella.format.around("", &train.name);
        let example = format!("{}1.0.0{}", around.0, around.1);
        if let Err(reason) = model::legal_tag(&example) {
            let message = format!("the release cannot be tagged `{example}`: {reason}");
            self.refuse(message, "choose another `umbrella_tag`".to_owned());
        }
        let former = train
            .tags
            .former
            .iter()
            .find(|format| format.around("", &train.name) == around);
        if let Some(Some(index)) = self.owners.get(&around) {
            let message = format!(
                "`{}` and the release as a whole would both be tagged `{example}`",
                self.packages[*index].id
            );
            self.refuse(
                message,
                "choose another `umbrella_tag`, or leave it out".to_owned(),
            );
        } else if let Some(former) = former {
            let message = format!(
                "`{example}` would be a tag of the release as a whole, and read as one of every package"
            );
            self.refuse(
                message,
                format!("choose another `umbrella_tag`, or take `{former}` out of `former_tags`"),
            );
        }
        self.owners.insert(around, None);
    }

    /// A format of tags that were made, each of which has to mean one package.
    fn former(&mut self, format: &TagFormat) {
        for (index, package) in self.packages.iter().enumerate() {
            let around = format.around(&package.id.ecosystem, package.name());
            let example = format!("{}{}{}", around.0, package.version, around.1);
            let owner = match self.owners.get(&around) {
                Some(Some(owner)) if (self.unit_of)(*owner) == (self.unit_of)(index) => continue,
                Some(Some(owner)) => format!("`{}`", self.packages[*owner].id),
                Some(None) => "the release as a whole".to_owned(),
                None => continue,
            };
            let message = format!(
                "`{example}` is a tag of {owner}, and would be read as a former one of `{}`",
                package.id
            );
            self.refuse(
                message,
                format!("take `{format}` out of `former_tags`, or choose another `tag_format`"),
            );
        }
    }
}

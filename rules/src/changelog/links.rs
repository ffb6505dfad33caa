//! Where a forge shows commits, pull requests, issues and comparisons: from the address of a repository.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::address::Place;

/// How a forge writes its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Shape {
    Github,
    Gitlab,
    Bitbucket,
    /// Bitbucket's own servers (Data Center), unlike its service.
    BitbucketServer,
    /// Forgejo too.
    Gitea,
    /// Azure Repos.
    Azure,
}

/// The pages of one repository at its forge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Links {
    shape: Shape,
    /// The repository's own page, without a slash at the end.
    page: String,
}

impl Links {
    /// The pages of the repository at `address`, as it is given to a version control system (https, ssh, git, or
    /// `user@host:path`). `forge` is what kind it is (`github`, `gitlab`, `bitbucket`, `gitea`, `forgejo`, `azure`);
    /// without it the host's name must tell. `None` if it does not, or the address is not one of a forge's repository. User names,
    /// passwords and tokens in the address are left out.
    #[must_use]
    pub fn of(forge: Option<&str>, address: &str) -> Option<Self> {
        let place = Place::parse(address.trim())?;
        let shape = match forge {
            Some(forge) => named(forge)?,
            None => guessed(&place.host)?,
        };
        let shape = match shape {
            Shape::Bitbucket if place.host != "bitbucket.org" => Shape::BitbucketServer,
            shape => shape,
        };
        let (host, path) = match shape {
            Shape::Azure => azure(&place)?,
            Shape::BitbucketServer => (place.host, server_path(&place.path)?),
            _ => (place.host, place.path),
        };
        let port = place.port.map(|port| format!(":{port}")).unwrap_or_default();
        let page = format!("{}://{host}{port}/{path}", place.scheme);
        Some(Self { shape, page })
    }

    /// The page of a commit.
    #[must_use]
    pub fn commit(&self, id: &str) -> Option<String> {
        let folder = match self.shape {
            Shape::Github | Shape::Gitea | Shape::Azure => "commit",
            Shape::Gitlab => "-/commit",
            Shape::Bitbucket | Shape::BitbucketServer => "commits",
        };
        let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then(|| format!("{}/{folder}/{id}", self.page))
    }

    /// The page of a pull request (a merge request, where it is called that).
    #[must_use]
    pub fn pull_request(&self, number: u64) -> String {
        let folder = match self.shape {
            Shape::Github => "pull",
            Shape::Gitlab => "-/merge_requests",
            Shape::Bitbucket | Shape::BitbucketServer => "pull-requests",
            Shape::Gitea => "pulls",
            Shape::Azure => "pullrequest",
        };
        format!("{}/{folder}/{number}", self.page)
    }

    /// The page of an issue; `None` where the forge keeps none.
    #[must_use]
    pub fn issue(&self, number: u64) -> Option<String> {
        let page = &self.page;
        match self.shape {
            Shape::Github | Shape::Gitea | Shape::Bitbucket => Some(format!("{page}/issues/{number}")),
            Shape::Gitlab => Some(format!("{page}/-/issues/{number}")),
            Shape::BitbucketServer => None,
            // They belong to the project, not to the repository.
            Shape::Azure => page
                .split_once("/_git/")
                .map(|(project, _)| format!("{project}/_workitems/edit/{number}")),
        }
    }

    /// The page of what changed from one tag to another.
    #[must_use]
    pub fn compare(&self, from: &str, to: &str) -> String {
        let (from, to) = (encoded(from), encoded(to));
        match self.shape {
            Shape::Github | Shape::Gitea => format!("{}/compare/{from}...{to}", self.page),
            Shape::Gitlab => format!("{}/-/compare/{from}...{to}", self.page),
            // Between the two is a carriage return, and the newer comes first.
            Shape::Bitbucket => format!("{}/branches/compare/{to}%0D{from}", self.page),
            Shape::BitbucketServer => format!(
                "{}/compare/commits?sourceBranch=refs/tags/{to}&targetBranch=refs/tags/{from}",
                self.page
            ),
            Shape::Azure => format!(
                "{}/branchCompare?baseVersion=GT{from}&targetVersion=GT{to}",
                self.page
            ),
        }
    }

    /// The mark before the number of a pull request: `#12`, or `!12`.
    pub(super) const fn pull_request_mark(&self) -> char {
        match self.shape {
            Shape::Gitlab => '!',
            _ => '#',
        }
    }
}

fn named(forge: &str) -> Option<Shape> {
    match forge {
        "github" => Some(Shape::Github),
        "gitlab" => Some(Shape::Gitlab),
        "bitbucket" => Some(Shape::Bitbucket),
        "gitea" | "forgejo" => Some(Shape::Gitea),
        "azure" => Some(Shape::Azure),
        _ => None,
    }
}

fn guessed(host: &str) -> Option<Shape> {
    let known = [
        ("github", Shape::Github),
        ("gitlab", Shape::Gitlab),
        ("bitbucket", Shape::Bitbucket),
        ("gitea", Shape::Gitea),
        ("forgejo", Shape::Gitea),
        ("codeberg", Shape::Gitea),
        ("azure", Shape::Azure),
        ("visualstudio", Shape::Azure),
    ];
    // A name for a host in a person's ssh settings leads nowhere.
    if !host.contains('.') {
        return None;
    }
    let of = |label: &str| known.iter().find(|(name, _)| label.starts_with(name));
    host.split('.').find_map(of).map(|(_, shape)| *shape)
}

/// Where Azure shows a repository: `organisation/project/_git/name`, whichever of its addresses is given.
fn azure(place: &Place) -> Option<(String, String)> {
    let parts: Vec<&str> = place.path.split('/').collect();
    let service = "dev.azure.com".to_owned();
    match (place.host.split_once('.'), &parts[..]) {
        (Some(("ssh" | "vs-ssh", _)), ["v3", organisation, project, name]) => {
            Some((service, format!("{organisation}/{project}/_git/{name}")))
        }
        (Some((organisation, "visualstudio.com")), [.., project, "_git", name]) => {
            Some((service, format!("{organisation}/{project}/_git/{name}")))
        }
        (_, [.., _, "_git", _]) => Some((place.host.clone(), place.path.clone())),
        _ => None,
    }
}

/// Where Bitbucket's own servers show a repository: `scm/PROJECT/name` by https, `PROJECT/name` by ssh.
fn server_path(path: &str) -> Option<String> {
    let mut parts = path.strip_prefix("scm/").unwrap_or(path).split('/');
    let (project, name) = (parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some(match project.strip_prefix('~') {
        Some(person) => format!("users/{person}/repos/{name}"),
        None => format!("projects/{project}/repos/{name}"),
    })
}

/// A tag's name as part of an address (RFC 3986, 2.3); slashes stay.
fn encoded(tag: &str) -> String {
    let mut encoded = String::with_capacity(tag.len());
    for byte in tag.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(forge: Option<&str>, address: &str) -> Option<String> {
        Links::of(forge, address).map(|links| links.page)
    }

    #[test]
    fn addresses_of_every_form_lead_to_one_page() {
        for address in [
            "https://github.com/acme/kit",
            "https://github.com/acme/kit.git",
            "https://github.com/acme/kit/",
            "https://GitHub.com:443/acme/kit.git",
            "https://user:secret@github.com/acme/kit.git",
            "https://x-access-token:ghs_1@github.com/acme/kit",
            "git@github.com:acme/kit.git",
            "git@github.com:/acme/kit.git",
            "github.com:acme/kit",
            "ssh://git@github.com/acme/kit.git",
            "ssh://git@github.com:22/acme/kit.git",
            "ssh://git@ssh.github.com:443/acme/kit.git",
            "git+ssh://git@github.com/acme/kit.git",
            "git+https://github.com/acme/kit.git",
            "git://github.com/acme/kit.git",
        ] {
            assert_eq!(
                page(None, address).as_deref(),
                Some("https://github.com/acme/kit"),
                "{address}"
            );
        }
        for address in [
            "https://dev.azure.com/acme/tools/_git/kit",
            "https://acme@dev.azure.com/acme/tools/_git/kit",
            "git@ssh.dev.azure.com:v3/acme/tools/kit",
            "https://acme.visualstudio.com/tools/_git/kit",
            "https://acme.visualstudio.com/DefaultCollection/tools/_git/kit",
            "acme@vs-ssh.visualstudio.com:v3/acme/tools/kit",
        ] {
            let expected = Some("https://dev.azure.com/acme/tools/_git/kit");
            assert_eq!(page(None, address).as_deref(), expected, "{address}");
        }
        let others = [
            (
                None,
                "https://bitbucket.example.com/scm/acme/kit.git",
                "https://bitbucket.example.com/projects/acme/repos/kit",
            ),
            (
                Some("bitbucket"),
                "ssh://git@code.example.com:7999/~ada/kit.git",
                "https://code.example.com/users/ada/repos/kit",
            ),
            (
                None,
                "https://gitlab.example.com:8443/group/sub/kit.git",
                "https://gitlab.example.com:8443/group/sub/kit",
            ),
            (
                None,
                "ssh://git@gitlab.example.com:2222/group/kit",
                "https://gitlab.example.com/group/kit",
            ),
            (
                Some("gitea"),
                "http://localhost:3000/acme/kit.git",
                "http://localhost:3000/acme/kit",
            ),
            (
                Some("github"),
                "git@code.example.com:acme/kit.git",
                "https://code.example.com/acme/kit",
            ),
        ];
        for (forge, address, expected) in others {
            assert_eq!(page(forge, address).as_deref(), Some(expected), "{address}");
        }
    }

    #[test]
    fn what_is_no_forges_repository_has_no_pages() {
        for address in [
            "",
            "kit",
            "../kit",
            "/srv/git/kit.git",
            "C:/src/kit",
            "file:///srv/kit.git",
            "https://example.com/acme/kit",
            "https://github.com/kit",
            "https://github.com/",
            "https://github.com/acme/../kit",
            "https://github.com/acme/kit?x=1",
            "https://github.com/acme/k)it",
            "https://github.com/acme/k it",
            "https://github.com:port/acme/kit",
            "https://git\u{202e}hub.com/acme/kit",
            "javascript://github.com/acme/kit",
            "https://notgithub.com/acme/kit",
            "https://dev.azure.com/acme/kit",
            "https://bitbucket.example.com/scm/acme/kit/more.git",
            "https://[::1]:3000/acme/kit",
            "git@github-work:acme/kit.git",
        ] {
            assert_eq!(page(None, address), None, "{address}");
        }
        assert_eq!(page(Some("sourcehut"), "https://github.com/acme/kit"), None);
    }

    #[test]
    fn every_forge_has_its_own_shapes() {
        let table = [
            (
                "https://github.com/a/k",
                "commit/abc1234",
                "pull/12",
                "issues/3",
                "compare/core/v1.0.0...%40a/b%401.1.0",
            ),
            (
                "https://gitlab.com/a/k",
                "-/commit/abc1234",
                "-/merge_requests/12",
                "-/issues/3",
                "-/compare/core/v1.0.0...%40a/b%401.1.0",
            ),
            (
                "https://bitbucket.org/a/k",
                "commits/abc1234",
                "pull-requests/12",
                "issues/3",
                "branches/compare/%40a/b%401.1.0%0Dcore/v1.0.0",
            ),
            (
                "https://codeberg.org/a/k",
                "commit/abc1234",
                "pulls/12",
                "issues/3",
                "compare/core/v1.0.0...%40a/b%401.1.0",
            ),
        ];
        for (address, commit, pull_request, issue, compare) in table {
            let links = Links::of(None, address).expect("a forge");
            let page = |rest: &str| format!("{address}/{rest}");
            assert_eq!(links.commit("abc1234"), Some(page(commit)));
            assert_eq!(links.pull_request(12), page(pull_request));
            assert_eq!(links.issue(3), Some(page(issue)));
            assert_eq!(links.compare("core/v1.0.0", "@a/b@1.1.0"), page(compare));
            assert_eq!(links.commit("abc)"), None);
        }
        let azure = Links::of(None, "https://dev.azure.com/a/p/_git/k").expect("a forge");
        let page = |rest: &str| format!("https://dev.azure.com/a/p/{rest}");
        assert_eq!(azure.commit("abc1234"), Some(page("_git/k/commit/abc1234")));
        assert_eq!(azure.pull_request(12), page("_git/k/pullrequest/12"));
        assert_eq!(azure.issue(3), Some(page("_workitems/edit/3")));
        let compared = "_git/k/branchCompare?baseVersion=GTv1&targetVersion=GT%40a/b%402";
        assert_eq!(azure.compare("v1", "@a/b@2"), page(compared));
        let server = Links::of(None, "https://bitbucket.example.com/scm/A/k.git").expect("a forge");
        let page = |rest: &str| format!("https://bitbucket.example.com/projects/A/repos/k/{rest}");
        assert_eq!(server.pull_request(12), page("pull-requests/12"));
        assert_eq!(server.issue(3), None);
        let compared = "compare/commits?sourceBranch=refs/tags/v2&targetBranch=refs/tags/v1";
        assert_eq!(server.compare("v1", "v2"), page(compared));

        let links = Links::of(None, "https://github.com/a/k").expect("a forge");
        assert!(!links.compare("a)b", "c[d").contains([')', '[']));
    }
}

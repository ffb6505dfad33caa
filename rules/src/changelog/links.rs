//! Where a forge shows commits, pull requests, issues and comparisons: from the address of a repository.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// How a forge writes its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Shape {
    Github,
    Gitlab,
    Bitbucket,
    /// Forgejo too.
    Gitea,
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
    /// `user@host:path`). `forge` is what kind it is (`github`, `gitlab`, `bitbucket`, `gitea`); without it the host's
    /// name must tell. `None` if it does not, or the address is not one of a forge's repository. User names,
    /// passwords and tokens in the address are left out.
    #[must_use]
    pub fn of(forge: Option<&str>, address: &str) -> Option<Self> {
        let place = Place::parse(address.trim())?;
        let shape = match forge {
            Some(forge) => named(forge)?,
            None => guessed(&place.host)?,
        };
        // Bitbucket's own servers, unlike its service, write everything in another way.
        if shape == Shape::Bitbucket && place.host != "bitbucket.org" {
            return None;
        }
        let port = place.port.map(|port| format!(":{port}")).unwrap_or_default();
        let page = format!("{}://{}{port}/{}", place.scheme, place.host, place.path);
        Some(Self { shape, page })
    }

    /// The page of a commit.
    #[must_use]
    pub fn commit(&self, id: &str) -> Option<String> {
        let folder = match self.shape {
            Shape::Github | Shape::Gitea => "commit",
            Shape::Gitlab => "-/commit",
            Shape::Bitbucket => "commits",
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
            Shape::Bitbucket => "pull-requests",
            Shape::Gitea => "pulls",
        };
        format!("{}/{folder}/{number}", self.page)
    }

    /// The page of an issue.
    #[must_use]
    pub fn issue(&self, number: u64) -> String {
        let folder = if self.shape == Shape::Gitlab {
            "-/issues"
        } else {
            "issues"
        };
        format!("{}/{folder}/{number}", self.page)
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
    ];
    let of = |label: &str| known.iter().find(|(name, _)| label.starts_with(name));
    host.split('.').find_map(of).map(|(_, shape)| *shape)
}

/// The parts of an address, each of them made of harmless characters.
struct Place {
    scheme: &'static str,
    host: String,
    port: Option<u16>,
    path: String,
}

impl Place {
    fn parse(address: &str) -> Option<Self> {
        let (scheme, rest) = match address.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, address),
        };
        let (server, path) = match scheme {
            Some(_) => rest.split_once('/')?,
            // As scp has it; a single letter is a drive.
            None => rest.split_once(':').filter(|(server, _)| server.len() > 1)?,
        };
        if scheme.is_none() && server.contains('/') {
            return None;
        }
        let server = server.rsplit_once('@').map_or(server, |(_, server)| server);
        let (host, port) = match server.split_once(':') {
            Some((host, port)) => (host, Some(port.parse::<u16>().ok()?)),
            None => (server, None),
        };
        let (scheme, port) = match scheme.as_deref() {
            Some("https" | "git+https") => ("https", port.filter(|port| *port != 443)),
            Some("http" | "git+http") => ("http", port.filter(|port| *port != 80)),
            // Pages are not served where git is.
            None | Some("ssh" | "git+ssh" | "ssh+git" | "git") => ("https", None),
            Some(_) => return None,
        };
        let host = pages(&host.to_ascii_lowercase());
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/');
        (is_host(&host) && is_repository(path)).then(|| Self {
            scheme,
            host,
            port,
            path: path.to_owned(),
        })
    }
}

/// The host whose pages belong to a host that is only there for ssh through a proxy.
fn pages(host: &str) -> String {
    let host = match host {
        "ssh.github.com" => "github.com",
        "altssh.gitlab.com" => "gitlab.com",
        "altssh.bitbucket.org" => "bitbucket.org",
        other => other,
    };
    host.to_owned()
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        let plain = label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain && !label.is_empty() && !label.starts_with('-')
    };
    host.split('.').all(is_label)
}

/// An owner (or groups in groups) and a name.
fn is_repository(path: &str) -> bool {
    let is_part = |part: &str| {
        let plain = part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte));
        plain && !matches!(part, "" | "." | "..")
    };
    path.contains('/') && path.split('/').all(is_part)
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
        let others = [
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
            "https://bitbucket.example.com/scm/acme/kit.git",
            "https://[::1]:3000/acme/kit",
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
            assert_eq!(links.issue(3), page(issue));
            assert_eq!(links.compare("core/v1.0.0", "@a/b@1.1.0"), page(compare));
            assert_eq!(links.commit("abc)"), None);
        }
        let links = Links::of(None, "https://github.com/a/k").expect("a forge");
        assert!(!links.compare("a)b", "c[d").contains([')', '[']));
    }
}

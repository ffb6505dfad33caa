//! The address of a repository, as it is given to a version control system, taken apart.

/// The parts of an address, each of them made of harmless characters.
pub(super) struct Place {
    pub(super) scheme: &'static str,
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) path: String,
}

impl Place {
    pub(super) fn parse(address: &str) -> Option<Self> {
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

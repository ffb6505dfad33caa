//! Addresses of repositories, without what gives access to them.

/// The address without a password, and without a user where the user may be a token; as it is if it has neither.
pub(super) fn without_credentials(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let scheme_name = scheme.to_ascii_lowercase();
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let authority = match authority.rsplit_once('@') {
        // Who logs in is part of the place, and keys are elsewhere.
        Some((user, host)) if scheme_name.ends_with("ssh") => {
            format!("{}@{host}", user.split(':').next().unwrap_or_default())
        }
        Some((_, host)) => host.to_owned(),
        None => authority.to_owned(),
    };
    format!("{scheme}://{authority}{path}")
}

/// A text in which nothing of `address` is left that gives access to it.
pub(super) fn hide(text: &str, address: &str) -> String {
    let shown = without_credentials(address);
    if shown == address {
        return text.to_owned();
    }
    let mut text = text.replace(address, &shown);
    let user = address
        .split_once("://")
        .and_then(|(_, rest)| rest.split('/').next())
        .and_then(|authority| authority.rsplit_once('@'))
        .map_or("", |(user, _)| user);
    for secret in user.split(':').chain([user]).filter(|part| part.len() > 3) {
        text = text.replace(secret, "***");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_left_out() {
        for (address, shown) in [
            ("https://me:s3cret@h.example/a/b.git", "https://h.example/a/b.git"),
            ("https://t0ken@h.example:8443/a", "https://h.example:8443/a"),
            ("https://h.example/a?access_token=x", "https://h.example/a"),
            ("ssh://git:pw@h.example:22/a", "ssh://git@h.example:22/a"),
            ("git@h.example:a/b.git", "git@h.example:a/b.git"),
            ("/srv/a@b:c.git", "/srv/a@b:c.git"),
            ("file:///srv/a.git", "file:///srv/a.git"),
            ("https://a:p@ss@h.example", "https://h.example"),
        ] {
            assert_eq!(without_credentials(address), shown);
        }
        let said = "fatal: unable to access 'https://me:s3cret@h.example/x/': s3cret";
        let hidden = hide(said, "https://me:s3cret@h.example/x");
        assert_eq!(hidden, "fatal: unable to access 'https://h.example/x/': ***");
        assert_eq!(hide("as it is", "/srv/a.git"), "as it is");
    }
}

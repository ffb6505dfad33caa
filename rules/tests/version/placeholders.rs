//! First releases of packages whose manifests hold no version yet.

use model::{Calendar, Channel, Strategy, Versioning};

use crate::support::{Repo, package, version};

/// A package whose manifest says this, and the version it is computed as.
fn at(written: &str, computed: &str) -> Repo {
    let mut package = package("core", computed, &[]);
    package.written_version = written.to_owned();
    let mut repo = Repo::new(vec![package]);
    repo.commit("chore: start", &["core/a"]);
    repo
}

#[test]
fn a_placeholder_is_never_released() {
    for (written, computed) in [
        ("0.0.0-dev", "0.0.0-dev"),
        ("0.0.0", "0.0.0"),
        ("0.0.0.dev0", "0.0.0-dev.0"),
        ("0.0.0-semantically-released", "0.0.0-semantically-released"),
        ("", "0.0.0"),
    ] {
        let mut repo = at(written, computed);
        let plan = repo.plan();
        assert_eq!(plan[0].next, version("0.1.0"), "{written}");
        assert_eq!(plan[0].reason, "first release");
        for (channel, expected) in [
            ("rc", "0.1.0-rc.1"),
            ("latest", "0.1.0"),
            ("nightly", "0.1.0-nightly.20260102"),
        ] {
            repo.channel = Channel::named(channel, None);
            assert_eq!(repo.plan()[0].next, version(expected), "{written} {channel}");
        }
        repo.channel = Channel::default();
        repo.release();
        assert_eq!(repo.words(), ["core 0.1.0 none"]);
        repo.commit("feat: x", &["core/a"]);
        assert_eq!(repo.words(), ["core 0.2.0 minor"], "{written}");
    }
    // What is computed and known is no placeholder to begin with.
    assert_eq!(at("", "2.3.4").plan()[0].next, version("2.3.4"));
    let mut repo = at("0.0.0-dev", "0.0.0-dev");
    repo.train.strategy = Strategy::Calendar(Calendar::MONTH);
    assert_eq!(repo.plan()[0].next, version("2026.1.0"));
}

#[test]
fn a_placeholder_goes_with_its_group() {
    let mut repo = at("0.0.0-dev", "0.0.0-dev");
    repo.packages.push(package("web", "1.4.0", &[]));
    repo.train.versioning = Versioning::Fixed;
    assert_eq!(repo.words(), ["core 1.4.0 initial", "web 1.4.0 initial"]);
    repo.tag("web/v1.4.0");
    assert_eq!(repo.words(), ["core 1.4.0 initial", "web 1.4.0 none"]);
}

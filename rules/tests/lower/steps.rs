//! What steps do with what they are given.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cas::Digest;
use engine::{Cancel, EffectKind, Mnemonic, Payload, Slot, SlotState};
use model::{CommitId, NewTag, Tag};

use crate::bench::{Bench, Inputs, NeverTried};
use crate::support::{World, id, planned};

fn artifacts() -> Inputs {
    Inputs::of(&[
        ("artifacts/core-0.2.0-py3-none-any.whl", "wheel"),
        ("artifacts/core-0.2.0.tar.gz", "sdist"),
        ("artifacts/a-core-0.2.0-py3-none-any.whl", "other wheel"),
    ])
}

#[test]
fn pin_writes_versions_into_manifests() {
    let bench = Bench::new();
    let inputs = Inputs::of(&[("core/toy.toy", "name core\n")]);
    let made = bench
        .make(&rules::PIN, &bench.params("core:pin"), &inputs)
        .expect("pinned");
    assert_eq!(made["core/toy.toy"], "name core\npinned 0.2.0\n");
    let broken = bench.params("core:pin").replace("\"core\"", "\"broken\"");
    assert_eq!(
        bench
            .make(&rules::PIN, &broken, &inputs)
            .expect_err("refused")
            .message,
        "it is broken"
    );
    let unknown = bench.params("core:pin").replace("\"toy\"", "\"rocket\"");
    assert!(bench.make(&rules::PIN, &unknown, &inputs).is_err());
    assert!(bench.make(&rules::PIN, "{}", &inputs).is_err());
}

#[test]
fn checksums_are_what_sha256sum_prints() {
    let bench = Bench::new();
    let inputs = Inputs::of(&[
        ("artifacts/b", ""),
        ("artifacts/a\\b", "x"),
        ("artifacts/a", "abc"),
    ]);
    let made = bench
        .make(&rules::CHECKSUMS, &bench.params("core:checksums"), &inputs)
        .expect("listed");
    let expected = "\
ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a
\\2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  a\\\\b
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b
";
    assert_eq!(made["SHA256SUMS"], expected);
}

#[test]
fn changelog_needs_nothing_but_its_parameters() {
    let bench = Bench::new();
    let made = bench
        .make(
            &rules::CHANGELOG,
            &bench.params("core:changelog"),
            &Inputs::default(),
        )
        .expect("written");
    let expected = "## 0.2.0 (2026-01-02)\n\n### Features\n\n- **x:** begin &lt;it&gt; (abc1234)\n";
    assert_eq!(made["CHANGELOG.md"], expected);
}

#[test]
fn changelog_is_written_by_the_template_of_the_repository() {
    let mut world = World::new(&[
        ("core/toy.toy", "name core\n"),
        ("core/a", ""),
        ("news.jinja", "# {{ version }}\n\n{{ nmae }}\n"),
    ]);
    world.config.trains[0].changelog.template = Some("news.jinja".to_owned());
    let actions = world.lower();
    assert_eq!(actions.inputs("core:changelog"), ["news.jinja"]);
    let engine::Work::Step { params, .. } = &actions.get("core:changelog").work else {
        panic!("a step")
    };
    let bench = Bench::new();
    let make = |template: &str| {
        bench.make(
            &rules::CHANGELOG,
            params,
            &Inputs::of(&[("news.jinja", template)]),
        )
    };
    let made = make("# {{ version }} of {{ name }}").expect("written");
    assert_eq!(made["CHANGELOG.md"], "# 0.2.0 of core\n");
    let wrong = make("# {{ version }}\n\n{{ nmae }}\n").expect_err("misspelt");
    assert!(wrong.message.starts_with("news.jinja:3: "), "{wrong}");

    world.config.trains[0].changelog.template = Some("other.jinja".to_owned());
    let wrong = world.try_lower().expect_err("it is not there");
    assert_eq!(wrong.len(), 1, "once for all packages: {wrong:?}");
    assert_eq!(
        wrong[0].location.as_ref().map(|at| at.file.as_str()),
        Some("other.jinja")
    );
}

#[test]
fn publish_sends_every_artifact_once_source_first() {
    let bench = Bench::new();
    let (publish, inputs) = (bench.effect(&rules::PUBLISH), artifacts());
    assert_eq!(publish.kind(), EffectKind::CreateOnce);
    let sendings = publish
        .sendings(&bench.params("core:publish"), &inputs)
        .expect("sendings");
    let places: Vec<&str> = sendings
        .iter()
        .map(|sending| sending.slot.coordinate.as_str())
        .collect();
    assert_eq!(
        places,
        [
            "core/0.2.0/core-0.2.0.tar.gz",
            "core/0.2.0/a-core-0.2.0-py3-none-any.whl",
            "core/0.2.0/core-0.2.0-py3-none-any.whl",
        ]
    );
    for sending in &sendings {
        assert_eq!(
            (sending.slot.target.as_str(), &sending.payload),
            ("shelf:main", &Payload::Blob)
        );
        assert!(publish.is_cheap_to_observe(&sending.slot));
        assert_eq!(publish.observe(&sending.slot).expect("seen"), SlotState::Absent);
        publish.send(sending, &inputs).expect("sent");
        assert_eq!(
            publish.observe(&sending.slot).expect("seen"),
            SlotState::Present(sending.digest)
        );
        assert!(publish.send(sending, &inputs).is_err());
    }
    let elsewhere = Slot {
        target: "shelf:other".to_owned(),
        coordinate: "x".to_owned(),
    };
    assert!(!publish.is_cheap_to_observe(&elsewhere) && publish.observe(&elsewhere).is_err());
}

#[test]
fn publish_refuses_builds_without_plain_artifacts() {
    let bench = Bench::new();
    let publish = bench.effect(&rules::PUBLISH);
    let none = publish
        .sendings(&bench.params("core:publish"), &Inputs::default())
        .expect_err("nothing to send");
    assert_eq!(none.message, "the build of `core` made no artifacts");
    let deep = Inputs::of(&[("artifacts/a/b", "x")]);
    let deep = publish
        .sendings(&bench.params("core:publish"), &deep)
        .expect_err("a folder");
    assert_eq!(
        deep.message,
        "the build of `core` made `a/b`, which is inside a folder"
    );
}

#[test]
fn poll_and_verify_look_at_every_slot() {
    let bench = Bench::new();
    let inputs = artifacts();
    for (mnemonic, action, words) in [
        (rules::POLL, "core:poll", "3 files visible"),
        (rules::VERIFY, "core:verify", "3 files as built"),
    ] {
        bench.shelf.held.lock().expect("free").clear();
        let publish = bench.effect(&rules::PUBLISH);
        let sendings = publish
            .sendings(&bench.params("core:publish"), &inputs)
            .expect("sendings");
        for sending in &sendings {
            // Not everything is there yet: that may pass.
            let absent = bench
                .observe(&mnemonic, action, &inputs)
                .expect_err("not all is there");
            assert!(absent.transient, "{absent:?}");
            publish.send(sending, &inputs).expect("sent");
        }
        assert_eq!(
            bench
                .observe(&mnemonic, action, &inputs)
                .expect("all is there")
                .summary,
            words
        );
        // Other bytes are an error for good.
        let mut held = bench.shelf.held.lock().expect("free");
        held.insert(sendings[1].slot.coordinate.clone(), Bytes::from_static(b"other"));
        drop(held);
        let other = bench
            .observe(&mnemonic, action, &inputs)
            .expect_err("other bytes");
        assert!(
            !other.transient && other.message.contains("holds other bytes"),
            "{other:?}"
        );
    }
    let stopped = Cancel::new();
    stopped.cancel();
    let handler = &bench.handlers.observed[&rules::POLL];
    assert!(
        handler
            .observe(&bench.params("core:poll"), &inputs, Duration::ZERO, &stopped)
            .is_err()
    );
}

#[test]
fn tags_mean_commits() {
    let bench = Bench::new();
    let tag = bench.effect(&rules::TAG);
    let sendings = tag
        .sendings(&bench.params("core:tag"), &Inputs::default())
        .expect("one");
    let [sending] = &sendings[..] else {
        panic!("one tag")
    };
    assert_eq!(
        (sending.slot.target.as_str(), sending.slot.coordinate.as_str()),
        ("git", "refs/tags/core/v0.2.0")
    );
    assert_eq!(
        (sending.digest, &sending.payload),
        (Digest::of(b"commit abc1234def\n"), &Payload::None)
    );
    assert!(tag.is_cheap_to_observe(&sending.slot) && tag.kind() == EffectKind::CreateOnce);
    assert_eq!(tag.observe(&sending.slot).expect("seen"), SlotState::Absent);
    tag.send(sending, &Inputs::default()).expect("made");
    assert_eq!(
        tag.observe(&sending.slot).expect("seen"),
        SlotState::Present(sending.digest)
    );
    tag.send(sending, &Inputs::default())
        .expect("it is there already");
    let other = Tag {
        name: "core/v0.2.0".to_owned(),
        commit: CommitId("fff".to_owned()),
    };
    *bench.vcs.tags.lock().expect("free") = vec![other];
    assert_eq!(
        tag.observe(&sending.slot).expect("seen"),
        SlotState::Present(Digest::of(b"commit fff\n"))
    );
    assert!(tag.send(sending, &Inputs::default()).is_err());
    let read: NewTag = serde_json::from_str(&sending.detail).expect("JSON");
    assert_eq!(read.message, "core 0.2.0");
}

#[test]
fn everybody_is_there_and_tags_need_version_control() {
    let bench = Bench::new();
    let handlers = &bench.handlers;
    assert_eq!(
        handlers.pure.keys().map(Mnemonic::as_str).collect::<Vec<_>>(),
        ["Changelog", "Changes", "Checksums", "Logbook", "Pin"]
    );
    assert_eq!(
        handlers.observed.keys().map(Mnemonic::as_str).collect::<Vec<_>>(),
        ["Poll", "SmokeTest", "Verify"]
    );
    assert_eq!(
        handlers.effects.keys().map(Mnemonic::as_str).collect::<Vec<_>>(),
        ["CommitBack", "Publish", "Tag"]
    );
    let mut adapters = bench.world.adapters.clone();
    adapters.vcs = None;
    let handlers = rules::handlers(&adapters, &BTreeMap::new(), Arc::new(NeverTried));
    assert!(!handlers.effects.contains_key(&rules::TAG));
}

#[test]
fn a_release_is_sealed_in_one_canonical_way() {
    let commit = CommitId("abc".to_owned());
    let versions = [
        planned(&id("uv:b"), "1.0.0-rc.1", &commit),
        planned(&id("a"), "1.0.0-rc.1", &commit),
    ];
    let files = BTreeMap::from([("f".to_owned(), Digest::of(b""))]);
    let built = BTreeMap::from([
        (id("uv:b"), files.clone()),
        (id("a"), files.clone()),
        (id("stranger"), files),
    ]);
    let bytes = rules::seal("abc", &versions, &built);
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/0";
    let entry = |ecosystem: &str, name: &str, version: &str| {
        format!(
            "{{\"package\":{{\"ecosystem\":\"{ecosystem}\",\"name\":\"{name}\"}},\"version\":\"{version}\",\"files\":{{\"f\":\"{digest}\"}}}}"
        )
    };
    let expected = format!(
        "{{\"commit\":\"abc\",\"packages\":[{},{}]}}\n",
        entry("toy", "a", "1.0.0-rc.1"),
        entry("uv", "b", "1.0.0rc1")
    );
    assert_eq!(String::from_utf8(bytes).expect("text"), expected);
}

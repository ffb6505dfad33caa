//! What is done with a package in the world: publish, poll, smoke test, verify, tag.

use std::collections::BTreeSet;
use std::time::Duration;

use engine::{Action, ActionId, Class, Mnemonic, Policy};
use model::{CommitId, NewTag, Registry};

use super::chain::Effects;
use super::package::Maker;
use crate::step::{self, Artifacts, SmokeTest, Tagging};
use crate::version::PlannedVersion;

/// The longest one attempt to publish, poll, verify or tag may take.
pub(super) const ATTEMPT_TIME: Duration = Duration::from_secs(5 * 60);
/// The longest trying out may take.
const TRIAL_TIME: Duration = Duration::from_secs(10 * 60);
/// How often a registry that takes its time is looked at: with doubling waits, for about five minutes.
const LOOKS: u32 = 12;

/// Adds the actions, in the order of the chain.
pub(super) fn lower(
    maker: &Maker<'_, '_>,
    planned: &PlannedVersion,
    registry: &dyn Registry,
    ids: Effects,
    actions: &mut Vec<Action>,
) {
    let chain = maker.chain;
    let id = chain.package.id.clone();
    let artifacts = Artifacts {
        registry: registry.identity(),
        version: step::written(&id.ecosystem, &planned.next),
        channel: planned.channel.clone(),
        package: id,
    };
    let policy = policy(maker);
    let step = |mnemonic: Mnemonic, verb: &str, class: Class, after: Vec<ActionId>| Action {
        inputs: vec![maker.artifacts()],
        after,
        policy,
        ..maker.action(mnemonic, verb, class, step::work(&artifacts, 1))
    };
    let needed = maker.chains.needed(chain.package);
    let verified = needed
        .iter()
        .filter_map(|needed| needed.ids.effects.map(|effects| effects.verify));
    let own = [chain.ids.checksums, chain.ids.changelog].into_iter().flatten();
    let before = own.chain(verified).collect();
    maker.put(
        actions,
        ids.publish,
        step(step::PUBLISH, "publish", Class::Effect, before),
    );

    let is_slow = !registry.is_cheap_to_observe();
    let looks = if is_slow {
        policy.retries.max(LOOKS)
    } else {
        policy.retries
    };
    let poll = step(step::POLL, "poll", Class::Observed, vec![ids.publish]);
    maker.put(
        actions,
        ids.poll,
        Action {
            policy: Policy {
                retries: looks,
                ..policy
            },
            ..poll
        },
    );

    if let Some(smoke_test) = ids.smoke_test {
        maker.put(actions, smoke_test, self::smoke_test(maker, registry, ids.poll));
    }
    let seen = ids.smoke_test.unwrap_or(ids.poll);
    maker.put(
        actions,
        ids.verify,
        step(step::VERIFY, "verify", Class::Observed, vec![seen]),
    );
    if let (Some(tag), Some(head)) = (ids.tag, maker.chains.release.head) {
        maker.put(actions, tag, self::tag(maker, planned, head));
    }
}

fn policy(maker: &Maker<'_, '_>) -> Policy {
    Policy {
        timeout: ATTEMPT_TIME,
        retries: maker.chains.release.train.max_retries,
        ..Policy::default()
    }
}

/// A registry that takes its time is waited for, and may need another try.
fn smoke_test(maker: &Maker<'_, '_>, registry: &dyn Registry, poll: ActionId) -> Action {
    let train = maker.chains.release.train;
    let (delay, retries) = if registry.is_cheap_to_observe() {
        (Duration::ZERO, 0)
    } else {
        (train.smoke_test_delay, train.max_retries)
    };
    let chain = maker.chain;
    let test = SmokeTest {
        command: chain
            .ecosystem
            .try_out(chain.package, &chain.version, &registry.location()),
        delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
    };
    Action {
        inputs: vec![maker.artifacts()],
        after: vec![poll],
        policy: Policy {
            timeout: TRIAL_TIME + delay,
            retries,
            ..Policy::default()
        },
        ..maker.action(
            step::SMOKE_TEST,
            "smoke_test",
            Class::Observed,
            step::work(&test, 1),
        )
    }
}

/// A tag that several packages share is made when all of them are verified.
fn tag(maker: &Maker<'_, '_>, planned: &PlannedVersion, head: &CommitId) -> Action {
    let mut after = BTreeSet::new();
    let mut tags: Vec<NewTag> = Vec::new();
    for name in std::iter::once(&planned.tag).chain(&planned.secondary_tags) {
        if tags.iter().any(|tag| tag.name == *name) {
            continue;
        }
        let sharing = maker
            .chains
            .tagged
            .get(name.as_str())
            .map_or(&[][..], Vec::as_slice);
        after.extend(sharing.iter().copied());
        tags.push(NewTag {
            name: name.clone(),
            commit: head.clone(),
            message: match sharing.len() {
                0 | 1 => format!("{} {}", maker.chain.name, planned.next),
                _ => planned.next.to_string(),
            },
        });
    }
    let work = step::work(&Tagging { tags }, 2);
    Action {
        after: after.into_iter().collect(),
        policy: policy(maker),
        ..maker.action(step::TAG, "tag", Class::Effect, work)
    }
}

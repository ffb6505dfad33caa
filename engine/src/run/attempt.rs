//! Tries again what may pass, and waits without missing an interruption.

use std::time::Duration;

use super::{Context, Halt, Job, Told};
use crate::{Policy, StepError, clock};

/// How often somebody who waits looks up to see whether the run is being stopped.
const TICK: Duration = Duration::from_millis(20);
/// The longest wait between two attempts, before jitter.
const LONGEST: Duration = Duration::from_secs(60);

/// What is said about something that was not finished because the run is being stopped.
pub(crate) const INTERRUPTED: &str = "the run was interrupted";

impl Context {
    /// Waits for `duration`; `false` if the run is being stopped.
    pub(crate) fn pause(&self, duration: Duration) -> bool {
        let end = self.clock.monotonic() + duration;
        loop {
            if self.cancel.is_cancelled() {
                return false;
            }
            let left = end.saturating_sub(self.clock.monotonic());
            if left.is_zero() {
                return true;
            }
            self.clock.sleep(left.min(TICK));
        }
    }

    /// How long to wait after the `attempt`-th attempt, from 1.
    pub(crate) fn backoff(&self, policy: &Policy, attempt: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1).min(16));
        clock::jitter(policy.backoff.saturating_mul(doubled).min(LONGEST), &*self.random)
    }
}

impl Job<'_> {
    /// Does `work`, again after each failure that may pass, as often as the policy says.
    pub(crate) fn persist<T>(&self, mut work: impl FnMut() -> Result<T, Halt>) -> Result<T, Halt> {
        let policy = &self.action().policy;
        let mut attempt = 1;
        loop {
            match work() {
                Err(Halt::Failed(error)) if error.transient && attempt <= policy.retries => {
                    self.wait_after(attempt, error)?;
                }
                ended => return ended,
            }
            attempt += 1;
        }
    }

    /// Waits after the `attempt`-th attempt, which failed with `error`.
    pub(crate) fn wait_after(&self, attempt: u32, error: StepError) -> Result<(), Halt> {
        let wait = self.context.backoff(&self.action().policy, attempt);
        (self.tell)(Told::Retrying {
            attempt,
            wait,
            reason: error.message,
        });
        if self.context.pause(wait) {
            Ok(())
        } else {
            Err(Halt::Interrupted(INTERRUPTED.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Random, SeededRandom};

    /// Always the largest number.
    struct Largest;

    impl Random for Largest {
        fn next(&self) -> u64 {
            u64::MAX
        }
    }

    #[test]
    fn waits_double_up_to_a_limit() {
        let policy = Policy {
            backoff: Duration::from_secs(1),
            ..Policy::default()
        };
        let context = Context {
            random: std::sync::Arc::new(SeededRandom::new(1)),
            ..super::super::tests::context()
        };
        for attempt in 1..40 {
            let limit = Duration::from_secs(1 << (attempt - 1).min(6)).min(LONGEST);
            assert!(
                (0..100).all(|_| context.backoff(&policy, attempt) < limit),
                "attempt {attempt}"
            );
        }
        let context = Context {
            random: std::sync::Arc::new(Largest),
            ..super::super::tests::context()
        };
        assert!(context.backoff(&policy, 3) > Duration::from_millis(100));
    }

    #[test]
    fn a_pause_ends_when_the_run_is_stopped() {
        let context = super::super::tests::context();
        assert!(context.pause(Duration::from_secs(1)));
        context.cancel.cancel();
        assert!(!context.pause(Duration::from_secs(1_000_000)));
    }
}

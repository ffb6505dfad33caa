//! Time and chance, as contracts, so that a test can hold both still.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Tells the time and lets it pass.
pub trait Clock: Send + Sync {
    /// Seconds since 1970, for people.
    fn now_unix(&self) -> u64;

    /// Time since some moment, for measuring.
    fn monotonic(&self) -> Duration;

    /// Returns after `duration`.
    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// The system's clock.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock that measures from now on.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now_unix(&self) -> u64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A clock that only moves when someone sleeps.
#[derive(Debug, Default)]
pub struct FixedClock {
    unix: u64,
    passed: AtomicU64,
}

impl FixedClock {
    /// A clock that shows `unix` seconds since 1970.
    #[must_use]
    pub const fn new(unix: u64) -> Self {
        Self {
            unix,
            passed: AtomicU64::new(0),
        }
    }
}

impl Clock for FixedClock {
    fn now_unix(&self) -> u64 {
        self.unix + self.monotonic().as_secs()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_nanos(self.passed.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.passed.fetch_add(nanos, Ordering::SeqCst);
        std::thread::yield_now();
    }
}

/// Yields numbers nobody can foresee; nothing that is kept or sent depends on them.
pub trait Random: Send + Sync {
    /// The next number.
    fn next(&self) -> u64;
}

/// Numbers that follow from a seed.
#[derive(Debug)]
pub struct SeededRandom(AtomicU64);

impl SeededRandom {
    /// Numbers that follow from `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Random for SeededRandom {
    /// SplitMix64.
    fn next(&self) -> u64 {
        let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Numbers that follow from a seed the system chose.
#[derive(Debug)]
pub struct SystemRandom(SeededRandom);

impl SystemRandom {
    /// Takes a seed from the system.
    #[must_use]
    pub fn new() -> Self {
        Self(SeededRandom::new(RandomState::new().build_hasher().finish()))
    }
}

impl Default for SystemRandom {
    fn default() -> Self {
        Self::new()
    }
}

impl Random for SystemRandom {
    fn next(&self) -> u64 {
        self.0.next()
    }
}

/// A wait of at most `limit`, any length being as likely as any other: full jitter.
pub(crate) fn jitter(limit: Duration, random: &dyn Random) -> Duration {
    let limit = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(if limit == 0 { 0 } else { random.next() % limit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_by_sleeping() {
        let clock = FixedClock::new(100);
        assert_eq!((clock.now_unix(), clock.monotonic()), (100, Duration::ZERO));
        clock.sleep(Duration::from_millis(2500));
        assert_eq!(
            (clock.now_unix(), clock.monotonic()),
            (102, Duration::from_millis(2500))
        );
    }

    #[test]
    fn seeded_numbers_repeat_and_jitter_stays_below_its_limit() {
        let (a, b) = (SeededRandom::new(7), SeededRandom::new(7));
        assert!((0..100).all(|_| a.next() == b.next()));
        let limit = Duration::from_millis(10);
        assert!((0..1000).all(|_| jitter(limit, &a) < limit));
        assert_eq!(jitter(Duration::ZERO, &a), Duration::ZERO);
    }
}

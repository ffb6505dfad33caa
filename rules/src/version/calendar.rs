//! Versions made of a day.

use model::{Calendar, Version};

/// A day in UTC, and the time of that day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    year: u64,
    month: u64,
    day: u64,
    /// Seconds since midnight.
    seconds: i64,
}

impl Moment {
    /// A moment in seconds since 1970-01-01T00:00:00Z.
    pub(super) fn of(time: i64) -> Self {
        let date = crate::changelog::date(time);
        let mut parts = date
            .trim_start_matches('-')
            .split('-')
            .map(|part| part.parse().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        Self {
            year: next(),
            month: next(),
            day: next(),
            seconds: time.rem_euclid(86_400),
        }
    }

    /// The day as a number: 20260102.
    pub(super) fn number(self) -> u64 {
        self.year * 10_000 + self.month * 100 + self.day
    }

    /// `20260102030405`.
    pub(super) fn second(self) -> String {
        let seconds = self.seconds;
        format!(
            "{}{:02}{:02}{:02}",
            self.number(),
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    }
}

/// The version of a release at a moment, after `last`. Never lower than that, whatever the clock says.
pub(super) fn next(calendar: Calendar, last: Option<&Version>, now: Moment) -> Version {
    let Some(last) = last else {
        return first(calendar, now);
    };
    match calendar {
        Calendar::Month => {
            let (ours, today) = (last.semver(), (now.year, now.month));
            if (ours.major, ours.minor) < today {
                Version::new(today.0, today.1, 0)
            } else {
                Version::new(ours.major, ours.minor, ours.patch.saturating_add(1))
            }
        }
        Calendar::Day => {
            let today = first(calendar, now);
            if last.release() < today {
                return today;
            }
            let count = last.semver().build.as_str().parse::<u64>().unwrap_or(0);
            let again = last.release().with_build(&count.saturating_add(1).to_string());
            again.unwrap_or(today)
        }
    }
}

fn first(calendar: Calendar, now: Moment) -> Version {
    match calendar {
        Calendar::Month => Version::new(now.year, now.month, 0),
        Calendar::Day => Version::new(now.year, now.month, now.day),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_follow_the_calendar() {
        // 2026-01-02T03:04:05Z and 2026-02-01T00:00:00Z.
        let (january, february) = (1_767_323_045, 1_769_904_000);
        let table = [
            (Calendar::Month, None, january, "2026.1.0"),
            (Calendar::Month, Some("1.2.3"), january, "2026.1.0"),
            (Calendar::Month, Some("2026.1.3"), january, "2026.1.4"),
            (Calendar::Month, Some("2026.1.3"), february, "2026.2.0"),
            (Calendar::Month, Some("2025.12.3"), january, "2026.1.0"),
            (Calendar::Month, Some("2027.3.1"), january, "2027.3.2"),
            (Calendar::Day, None, january, "2026.1.2"),
            (Calendar::Day, Some("2026.1.1"), january, "2026.1.2"),
            (Calendar::Day, Some("2026.1.2"), january, "2026.1.2+1"),
            (Calendar::Day, Some("2026.1.2+1"), january, "2026.1.2+2"),
            (Calendar::Day, Some("2026.1.2+9"), january, "2026.1.2+10"),
            (Calendar::Day, Some("2026.1.2+1"), february, "2026.2.1"),
            (Calendar::Day, Some("2027.1.1"), january, "2027.1.1+1"),
        ];
        for (calendar, last, now, expected) in table {
            let last: Option<Version> = last.map(|text| text.parse().expect("a version"));
            let next = next(calendar, last.as_ref(), Moment::of(now));
            assert_eq!(next.to_string(), expected, "{last:?}");
            assert!(last.is_none_or(|last| next > last));
        }
        assert_eq!(Moment::of(january).second(), "20260102030405");
        assert_eq!(
            Version::new(2026, 1, 2)
                .with_build("1")
                .expect("a version")
                .to_pep440()
                .as_deref(),
            Ok("2026.1.2.1")
        );
    }
}

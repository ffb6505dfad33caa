//! Versions made of a day.

use model::{Calendar, CalendarPart, Version};

const DAY: i64 = 86_400;

/// A moment in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// Since 1970-01-01.
    days: i64,
    year: u64,
    month: u64,
    day: u64,
    /// Since midnight.
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
            days: time.div_euclid(DAY),
            year: next(),
            month: next(),
            day: next(),
            seconds: time.rem_euclid(DAY),
        }
    }

    /// The year and the week of ISO 8601: a week belongs to the year that its Thursday is in.
    fn week(self) -> (u64, u64) {
        // 1970-01-01 was one.
        let thursday = self.days - (self.days + 3).rem_euclid(7) + 3;
        let year = |days: i64| Self::of(days * DAY).year;
        let before = (1..=53).take_while(|weeks| year(thursday - 7 * weeks) == year(thursday));
        (year(thursday), before.zip(2..).last().map_or(1, |(_, week)| week))
    }

    /// The parts of a date, 0 where something counts up.
    fn parts(self, calendar: Calendar) -> [u64; 3] {
        let is_by_week = calendar.parts().any(|part| part == CalendarPart::Week);
        let year = if is_by_week { self.week().0 } else { self.year };
        let mut parts = [0; 3];
        for (value, part) in parts.iter_mut().zip(calendar.parts()) {
            *value = match part {
                CalendarPart::Year => year,
                CalendarPart::ShortYear => year.saturating_sub(2000),
                CalendarPart::Month => self.month,
                CalendarPart::Week => self.week().1,
                CalendarPart::Day => self.day,
                CalendarPart::Count => 0,
            };
        }
        parts
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
    let [major, minor, patch] = now.parts(calendar);
    let today = Version::new(major, minor, patch);
    let Some(last) = last else { return today };
    let dated = calendar
        .parts()
        .filter(|part| *part != CalendarPart::Count)
        .count();
    let ours = last.semver();
    let before = [ours.major, ours.minor, ours.patch];
    if before[..dated] < [major, minor, patch][..dated] {
        return today;
    }
    match dated {
        1 => Version::new(ours.major, ours.minor.saturating_add(1), 0),
        2 => Version::new(ours.major, ours.minor, ours.patch.saturating_add(1)),
        _ => {
            let count = ours.build.as_str().parse::<u64>().unwrap_or(0);
            let again = last.release().with_build(&count.saturating_add(1).to_string());
            again.unwrap_or(today)
        }
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
            (Calendar::MONTH, None, january, "2026.1.0"),
            (Calendar::MONTH, Some("1.2.3"), january, "2026.1.0"),
            (Calendar::MONTH, Some("2026.1.3"), january, "2026.1.4"),
            (Calendar::MONTH, Some("2026.1.3"), february, "2026.2.0"),
            (Calendar::MONTH, Some("2025.12.3"), january, "2026.1.0"),
            (Calendar::MONTH, Some("2027.3.1"), january, "2027.3.2"),
            (Calendar::DAY, None, january, "2026.1.2"),
            (Calendar::DAY, Some("2026.1.1"), january, "2026.1.2"),
            (Calendar::DAY, Some("2026.1.2"), january, "2026.1.2+1"),
            (Calendar::DAY, Some("2026.1.2+1"), january, "2026.1.2+2"),
            (Calendar::DAY, Some("2026.1.2+9"), january, "2026.1.2+10"),
            (Calendar::DAY, Some("2026.1.2+1"), february, "2026.2.1"),
            (Calendar::DAY, Some("2027.1.1"), january, "2027.1.1+1"),
        ];
        let written = [
            ("YY.MINOR", None, january, "26.0.0"),
            ("YY.MINOR", Some("25.3.1"), january, "26.0.0"),
            ("YY.MINOR", Some("26.2.1"), january, "26.3.0"),
            ("YY.MM", Some("25.12.0"), january, "26.1.0"),
            ("YY.MM", Some("26.1.0"), january, "26.1.1"),
            ("YY.MM.MICRO", Some("26.1.4"), february, "26.2.0"),
            // The first days of January may be in the last week of the year before; 2026 has 53.
            ("YYYY.WW", None, january, "2026.1.0"),
            ("YYYY.WW.MICRO", Some("2026.1.0"), february, "2026.5.0"),
            ("YYYY.WW.MICRO", Some("2026.52.3"), 1_798_761_600, "2026.53.0"),
            ("YY.WW", Some("26.53.0"), 1_798_761_600 + 3 * DAY, "27.1.0"),
        ];
        let written = written.map(|(pattern, last, now, expected)| {
            let calendar: Calendar = pattern.parse().expect("a calendar");
            (calendar, last, now, expected)
        });
        for (calendar, last, now, expected) in table.into_iter().chain(written) {
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

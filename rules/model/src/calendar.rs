//! Versions made of a day: which parts of the date they have, and what counts up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a version is made of a day, as <https://calver.org> writes it: two or three parts, of which the last may count
/// the releases of the time that those before it name.
///
/// Further releases at a time that is named by less than three parts and no count are counted by the third part:
/// `YYYY.MM` is 2026.1.0, then 2026.1.1. Where three parts name a day, they are `YYYY.MM.DD.1`, `.2` in ecosystems with a
/// fourth part (PEP 440), else `+1`, `+2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Calendar {
    /// The parts from left to right; the last is missing where there are two.
    parts: (CalendarPart, CalendarPart, Option<CalendarPart>),
}

/// A part of a version made of a day; none has leading zeros, which SemVer 2.0.0 (clause 2) does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarPart {
    /// `YYYY`: 2026.
    Year,
    /// `YY`: the years since 2000.
    ShortYear,
    /// `MM`: 1 to 12.
    Month,
    /// `WW`: the week of ISO 8601, 1 to 53, of that standard's year.
    Week,
    /// `DD`: the day of the month.
    Day,
    /// `MAJOR`, `MINOR` or `MICRO`: counts from 0 on.
    Count,
}

/// Why a pattern is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarError {
    /// What is wrong with it.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

impl Calendar {
    /// `YYYY.MM.MICRO`.
    pub const MONTH: Self = Self {
        parts: (CalendarPart::Year, CalendarPart::Month, Some(CalendarPart::Count)),
    };
    /// `YYYY.MM.DD`.
    pub const DAY: Self = Self {
        parts: (CalendarPart::Year, CalendarPart::Month, Some(CalendarPart::Day)),
    };

    /// The parts from left to right, two or three.
    pub fn parts(self) -> impl Iterator<Item = CalendarPart> {
        let (first, second, third) = self.parts;
        [Some(first), Some(second), third].into_iter().flatten()
    }
}

impl CalendarPart {
    fn of(written: &str) -> Result<Self, CalendarError> {
        Ok(match written {
            "YYYY" => Self::Year,
            "YY" => Self::ShortYear,
            "MM" => Self::Month,
            "WW" => Self::Week,
            "DD" => Self::Day,
            "MAJOR" | "MINOR" | "MICRO" => Self::Count,
            "0Y" | "0M" | "0W" | "0D" => {
                let letter = &written[1..];
                return Err(CalendarError {
                    message: format!(
                        "`{written}` has leading zeros, which versions cannot have (SemVer 2.0.0)"
                    ),
                    hint: format!("write `{letter}{letter}`, which is the same without them"),
                });
            }
            _ => {
                return Err(CalendarError {
                    message: format!("`{}` is no part of a date", written.escape_debug()),
                    hint: "parts are YYYY, YY, MM, WW and DD, and MAJOR, MINOR or MICRO for what counts up"
                        .to_owned(),
                });
            }
        })
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Year => "YYYY",
            Self::ShortYear => "YY",
            Self::Month => "MM",
            Self::Week => "WW",
            Self::Day => "DD",
            Self::Count => "MICRO",
        }
    }

    const fn is_year(self) -> bool {
        matches!(self, Self::Year | Self::ShortYear)
    }
}

impl FromStr for Calendar {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let parts = text
            .split('.')
            .map(CalendarPart::of)
            .collect::<Result<Vec<_>, _>>()?;
        let wrong = |message: &str, hint: &str| {
            Err(CalendarError {
                message: message.to_owned(),
                hint: hint.to_owned(),
            })
        };
        let (first, second, third) = match parts[..] {
            [first, second] => (first, second, None),
            [first, second, third] => (first, second, Some(third)),
            _ => {
                return wrong(
                    "it has to have two or three parts",
                    "such as `YYYY.MM.MICRO` or `YY.MINOR`",
                );
            }
        };
        if !first.is_year() {
            return wrong(
                "it does not begin with a year, so versions would go back",
                "begin with `YYYY` or `YY`",
            );
        }
        if second == CalendarPart::Count && third.is_some() {
            return wrong(
                "what counts up is not the last part, and there can be only one",
                "leave out what follows it",
            );
        }
        let is_order = matches!(
            (second, third),
            (
                CalendarPart::Count | CalendarPart::Month | CalendarPart::Week,
                None
            ) | (
                CalendarPart::Month | CalendarPart::Week,
                Some(CalendarPart::Count)
            ) | (CalendarPart::Month, Some(CalendarPart::Day))
        );
        if !is_order {
            return wrong(
                "its parts do not go from the larger to the smaller, so versions would go back",
                "the year comes first, then the month or the week, then the day or what counts up",
            );
        }
        Ok(Self {
            parts: (first, second, third),
        })
    }
}

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&str> = self.parts().map(CalendarPart::as_str).collect();
        f.write_str(&parts.join("."))
    }
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CalendarError {}

impl TryFrom<String> for Calendar {
    type Error = CalendarError;

    fn try_from(text: String) -> Result<Self, CalendarError> {
        text.parse()
    }
}

impl From<Calendar> for String {
    fn from(calendar: Calendar) -> Self {
        calendar.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_or_refused_with_a_way_out() {
        for (written, read) in [
            ("YYYY.MM.MICRO", "YYYY.MM.MICRO"),
            ("YYYY.MM.DD", "YYYY.MM.DD"),
            ("YY.MINOR", "YY.MICRO"),
            ("YY.MM", "YY.MM"),
            ("YYYY.WW.MINOR", "YYYY.WW.MICRO"),
        ] {
            let calendar: Calendar = written.parse().expect(written);
            assert_eq!(calendar.to_string(), read);
        }
        assert_eq!("YYYY.MM.MICRO".parse(), Ok(Calendar::MONTH));
        assert_eq!("YYYY.MM.DD".parse(), Ok(Calendar::DAY));
        for (written, words) in [
            ("YYYY.0M.MICRO", "write `MM`"),
            ("0Y.MM", "write `YY`"),
            ("YYYY", "such as"),
            ("YYYY.MM.DD.MICRO", "such as"),
            ("MM.YYYY", "begin with"),
            ("MAJOR.YYYY.MM", "begin with"),
            ("YYYY.MINOR.MICRO", "leave out"),
            ("YYYY.MINOR.DD", "leave out"),
            ("YYYY.DD.MM", "the year comes first"),
            ("YYYY.WW.DD", "the year comes first"),
            ("YYYY.YY", "the year comes first"),
            ("yyyy.mm", "parts are"),
            ("", "parts are"),
        ] {
            let wrong = written.parse::<Calendar>().expect_err(written);
            assert!(wrong.hint.contains(words), "{written}: {wrong:?}");
        }
    }
}

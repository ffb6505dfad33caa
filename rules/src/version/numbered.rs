//! The number of a pull request that a forge puts at the end of a commit's first line.

/// A number that no forge reaches.
const TOO_LARGE: u64 = 1_000_000_000;

/// What stands before a number at the end of a subject, its mark, and the number itself: `(#12)`, `(!12)`,
/// `(pull request #12)`.
pub(crate) fn numbered(subject: &str) -> Option<(&str, &str, u64)> {
    let (text, inner) = subject.trim_end().strip_suffix(')')?.rsplit_once('(')?;
    let mut marks = ["#", "pull request #", "!"].into_iter();
    let (mark, digits) = marks.find_map(|mark| Some((mark, inner.strip_prefix(mark)?)))?;
    let text = text.trim_end();
    let number = number(digits).filter(|_| !text.is_empty())?;
    Some((text, mark, number))
}

/// A number as forges count: from 1, and in digits only.
pub(crate) fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_number)?;
    (1..TOO_LARGE).contains(&number).then_some(number)
}

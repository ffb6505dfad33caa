//! Files of several commits: however many are asked for, one git answers.

use engine::StepError;

use super::run::Runner;

/// The bytes of each object, which is named as `COMMIT:PATH`; `None` for one that is not there or is no file. A name
/// of several lines is no name.
pub(super) fn contents(runner: &Runner, names: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StepError> {
    let is_line = |name: &&Vec<u8>| !name.contains(&b'\n');
    let asked: Vec<&[u8]> = names.iter().filter(is_line).map(Vec::as_slice).collect();
    if asked.is_empty() {
        return Ok(vec![None; names.len()]);
    }
    let input = [asked.join(&b"\n"[..]), b"\n".to_vec()].concat();
    let done = runner.success(&["cat-file", "--batch"], &input)?;
    let mut rest = done.stdout.as_slice();
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        found.push(if is_line(&name) { one(&mut rest)? } else { None });
    }
    Ok(found)
}

/// The first answer: `ID TYPE SIZE`, the bytes and a line's end, or one line that says why there is nothing.
fn one(rest: &mut &[u8]) -> Result<Option<Vec<u8>>, StepError> {
    let unknown = || StepError::new("`git cat-file` answered in a form that is not known");
    let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(unknown)?;
    let (line, after) = (&rest[..end], &rest[end + 1..]);
    *rest = after;
    if line.ends_with(b" missing") || line.ends_with(b" ambiguous") {
        return Ok(None);
    }
    let line = String::from_utf8_lossy(line);
    let fields: Vec<&str> = line.split(' ').collect();
    let size = match fields[..] {
        [_, _, size] => size.parse::<usize>().map_err(|_| unknown())?,
        _ => return Err(unknown()),
    };
    let (bytes, after) = after.split_at_checked(size).ok_or_else(unknown)?;
    *rest = after.strip_prefix(b"\n").ok_or_else(unknown)?;
    Ok((fields[1] == "blob").then(|| bytes.to_vec()))
}

//! Values: how Starlark's values become plain ones, and how what came from outside is recognised in them.

use std::collections::{BTreeMap, BTreeSet};

use model::{FunctionId, Value as Plain};
use starlark::values::dict::DictRef;
use starlark::values::list::ListRef;
use starlark::values::record::Record;
use starlark::values::structs::StructRef;
use starlark::values::tuple::TupleRef;
use starlark::values::{Value, ValueLike};

/// How deep values of an attribute may be nested.
const MAX_DEPTH: usize = 32;

/// The shortest value of an environment variable that is recognised inside a text.
const TELLING: usize = 8;

/// What a secret prints as, before its name.
const SECRET: &str = "record[Secret](name=\"";

/// How much may still be declared.
#[derive(Debug)]
pub(super) struct Budget {
    /// Values.
    values: usize,
    /// Bytes of text.
    bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            values: 2_000_000,
            bytes: 16 << 20,
        }
    }
}

impl Budget {
    /// Takes from what is left.
    pub(super) fn spend(&mut self, values: usize, bytes: usize) -> Result<(), Unfit> {
        match (self.values.checked_sub(values), self.bytes.checked_sub(bytes)) {
            (Some(values), Some(bytes)) => {
                *self = Self { values, bytes };
                Ok(())
            }
            _ => Err(("more is declared than a configuration can hold".to_owned(), None)),
        }
    }
}

/// The environment variables that were read, each with the values it was read as.
pub(super) type Read = BTreeMap<String, BTreeSet<String>>;

/// The variables whose values are long enough to tell, with those.
fn telling(read: &Read) -> impl Iterator<Item = (&str, &str)> {
    let all = read
        .iter()
        .flat_map(|(name, values)| values.iter().map(|value| (name.as_str(), value.as_str())));
    all.filter(|(_, value)| value.len() >= TELLING)
}

/// The variable whose value is in `text`.
fn source<'a>(text: &str, read: &'a Read) -> Option<&'a str> {
    telling(read)
        .find(|(_, value)| text.contains(value))
        .map(|(name, _)| name)
}

/// `text` without the values of environment variables.
pub(super) fn redacted(text: &str, read: &Read) -> String {
    telling(read).fold(text.to_owned(), |text, (name, value)| {
        text.replace(value, &format!("<env {name}>"))
    })
}

/// What cannot be an attribute's value: what is wrong, and what to do about it.
pub(super) type Unfit = (String, Option<String>);

/// Turns values into plain ones.
pub(super) struct Converter<'a, 'v> {
    /// What is left.
    pub(super) budget: &'a mut Budget,
    /// What was read.
    pub(super) read: &'a Read,
    /// How many functions there were before.
    pub(super) first: u32,
    /// Those that were met, in order.
    pub(super) functions: Vec<Value<'v>>,
}

impl<'v> Converter<'_, 'v> {
    /// The plain form of `value`.
    pub(super) fn convert(&mut self, value: Value<'v>) -> Result<Plain, Unfit> {
        self.at_depth(value, 0)
    }

    fn at_depth(&mut self, value: Value<'v>, depth: usize) -> Result<Plain, Unfit> {
        if depth > MAX_DEPTH {
            return Err((format!("values are nested more than {MAX_DEPTH} deep"), None));
        }
        self.budget.spend(1, 0)?;
        if value.is_none() {
            return Ok(Plain::None);
        }
        if let Some(truth) = value.unpack_bool() {
            return Ok(Plain::Bool(truth));
        }
        if let Some(text) = value.unpack_str() {
            let text = self.text(text)?;
            return Ok(match source(&text, self.read) {
                Some(name) => Plain::Env(name.to_owned(), Some(text)),
                None => Plain::Str(text),
            });
        }
        if let Some(list) = ListRef::from_value(value) {
            return self.list(list.content(), depth);
        }
        if let Some(tuple) = TupleRef::from_value(value) {
            return self.list(tuple.content(), depth);
        }
        if let Some(dict) = DictRef::from_value(value) {
            return self.dict(dict.iter(), depth);
        }
        if let Some(fields) = StructRef::from_value(value) {
            return self.dict(fields.iter().map(|(name, value)| (name.to_value(), value)), depth);
        }
        if let Some(name) = secret(value) {
            return Ok(Plain::Secret(name));
        }
        match value.get_type() {
            "int" => match value.unpack_i32() {
                Some(number) => Ok(Plain::Int(number.into())),
                None => value
                    .to_str()
                    .parse()
                    .map(Plain::Int)
                    .map_err(|_| ("the number is too large".to_owned(), None)),
            },
            "function" => {
                let id = FunctionId(self.first + u32::try_from(self.functions.len()).unwrap_or(u32::MAX));
                self.functions.push(value);
                Ok(Plain::Function(id, value.to_str()))
            }
            "float" => {
                let hint = "write a whole number".to_owned();
                Err((
                    "a number with a fraction cannot be configured".to_owned(),
                    Some(hint),
                ))
            }
            other => Err((format!("a value of type `{other}` cannot be configured"), None)),
        }
    }

    fn list(&mut self, items: &[Value<'v>], depth: usize) -> Result<Plain, Unfit> {
        items
            .iter()
            .map(|item| self.at_depth(*item, depth + 1))
            .collect::<Result<_, _>>()
            .map(Plain::List)
    }

    fn dict(
        &mut self,
        items: impl Iterator<Item = (Value<'v>, Value<'v>)>,
        depth: usize,
    ) -> Result<Plain, Unfit> {
        let mut plain = Vec::new();
        for (name, value) in items {
            let Some(name) = name.unpack_str() else {
                return Err((
                    format!("names must be texts, and `{}` is not", name.to_str()),
                    None,
                ));
            };
            plain.push((self.text(name)?, self.at_depth(value, depth + 1)?));
        }
        Ok(Plain::Dict(plain))
    }

    /// A text, unless a secret was printed into it.
    fn text(&mut self, text: &str) -> Result<String, Unfit> {
        self.budget.spend(0, text.len())?;
        if text.len() > SECRET.len()
            && let Some((_, rest)) = text.split_once(SECRET)
        {
            let name = rest.split('"').next().unwrap_or_default();
            let hint = format!("pass `secret(\"{name}\")` on its own");
            return Err((
                format!("the secret `{name}` cannot be part of a text"),
                Some(hint),
            ));
        }
        Ok(text.to_owned())
    }
}

/// The name of a secret.
fn secret(value: Value<'_>) -> Option<String> {
    let fields: Vec<(String, Option<String>)> = if let Some(record) = value.downcast_ref::<Record<'_>>() {
        record
            .iter()
            .map(|(field, value)| (field.to_owned(), value.unpack_str().map(str::to_owned)))
            .collect()
    } else {
        Vec::new()
    };
    let is_secret = value.get_type() == "record" && value.to_str().starts_with(SECRET);
    match fields.as_slice() {
        [(field, Some(name))] if field == "name" && is_secret => Some(name.clone()),
        _ => None,
    }
}

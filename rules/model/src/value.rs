//! A value of a configuration: plain data, with secrets as names only.

use serde::{Deserialize, Serialize};

use crate::FunctionId;

/// What an attribute of a declaration holds. There are no floating-point numbers in a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// Not given.
    None,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Str(String),
    /// Values in order.
    List(Vec<Value>),
    /// Values by name, in the order they were written.
    Dict(Vec<(String, Value)>),
    /// A secret, by name: its value never enters a configuration.
    Secret(String),
    /// An environment variable read while evaluating: its name, and its value if it was set. Never shown.
    Env(String, Option<String>),
    /// A function: which one, and how it is shown.
    Function(FunctionId, String),
}

impl Value {
    /// The text, if it is one (an environment variable's value counts).
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) | Self::Env(_, Some(text)) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub const fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    /// True or false, if it is one of them.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(truth) = self {
            Some(*truth)
        } else {
            None
        }
    }

    /// The values in order, if it is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Self::List(values) = self {
            Some(values)
        } else {
            None
        }
    }

    /// The texts in order, if it is a list of nothing else.
    #[must_use]
    pub fn as_strings(&self) -> Option<Vec<String>> {
        self.as_list()?
            .iter()
            .map(|value| value.as_str().map(str::to_owned))
            .collect()
    }

    /// Whether nothing was given.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

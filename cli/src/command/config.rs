//! `config`: what RELEASE.star says once evaluated.

use clap::Args;
use engine::printable;
use model::{Declaration, Value as Attribute};
use serde_json::{Map, Value, json};

use crate::app::Format;
use crate::exit::{Failure, Kind};
use crate::project::read_config;
use crate::world::World;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  releasekit config
  releasekit config --format json")]
pub(crate) struct Flags {
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(flags: &Flags, world: &World) -> Result<Kind, Failure> {
    let config = read_config(world)?;
    match flags.format {
        Format::Json => {
            let declarations: Vec<Value> = config.declarations.iter().map(declaration).collect();
            let files: Vec<Value> = config
                .files
                .iter()
                .map(|file| json!({"path": file.path, "sha256": file.digest.hex()}))
                .collect();
            let not_run: Vec<String> = config.unused.iter().map(ToString::to_string).collect();
            let value = json!({
                "schema": "releasekit.config/1", "files": files, "declarations": declarations, "not_run": not_run,
            });
            world.terminal.json(&value)?;
        }
        Format::Text => {
            let text: Vec<String> = config.declarations.iter().map(words).collect();
            world.terminal.result(&text.join("\n"))?;
        }
    }
    Ok(Kind::Done)
}

fn declaration(declaration: &Declaration) -> Value {
    let attributes: Map<String, Value> = declaration
        .attributes
        .iter()
        .map(|(name, value)| (name.clone(), attribute(value)))
        .collect();
    json!({
        "function": declaration.function,
        "location": declaration.location.to_string(),
        "attributes": attributes,
    })
}

/// A value as JSON. Secrets and environment variables are shown by name only.
fn attribute(value: &Attribute) -> Value {
    match value {
        Attribute::None => Value::Null,
        Attribute::Bool(truth) => json!(truth),
        Attribute::Int(number) => json!(number),
        Attribute::Str(text) => json!(text),
        Attribute::List(values) => values.iter().map(attribute).collect(),
        Attribute::Dict(entries) => Value::Object(
            entries
                .iter()
                .map(|(name, value)| (name.clone(), attribute(value)))
                .collect(),
        ),
        Attribute::Secret(name) => json!({"$secret": name}),
        Attribute::Env(name, _) => json!({"$env": name}),
        Attribute::Function(_, name) => json!({"$function": name}),
    }
}

fn words(declaration: &Declaration) -> String {
    let given = declaration
        .attributes
        .iter()
        .filter(|(_, value)| !is_empty(value));
    let lines: Vec<String> = given
        .map(|(name, value)| format!("    {name} = {}", attribute(value)))
        .collect();
    let text = format!(
        "{}  # {}\n{}",
        declaration.function,
        declaration.location,
        lines.join("\n")
    );
    printable(&text)
}

fn is_empty(value: &Attribute) -> bool {
    match value {
        Attribute::None => true,
        Attribute::Str(text) => text.is_empty(),
        Attribute::List(values) => values.is_empty(),
        Attribute::Dict(entries) => entries.is_empty(),
        _ => false,
    }
}

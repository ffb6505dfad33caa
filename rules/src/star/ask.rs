//! Asking: calls functions that were passed to declarations, once the file that passed them has run.

use model::{FunctionId, Location, Value as Plain};
use serde::{Deserialize, Serialize};
use starlark::environment::Module;
use starlark::eval::Evaluator;
use starlark::values::list::AllocList;
use starlark::values::structs::AllocStruct;
use starlark::values::tuple::TupleRef;
use starlark::values::{Heap, Value};

use super::native::Host;

/// A question to a function of RELEASE.star.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Which function.
    pub function: FunctionId,
    /// What it is asked about; a dictionary becomes a struct. Its one argument.
    pub subject: Plain,
    /// Where the function was passed, for what is wrong with its answer.
    pub location: Location,
}

/// Remembers functions that were passed to a declaration of this module, in order.
pub(super) fn note<'v>(evaluator: &Evaluator<'v, '_, '_>, functions: Vec<Value<'v>>) {
    let module = evaluator.module();
    for function in functions {
        let before = module.extra_value().unwrap_or_else(Value::new_none);
        module.set_extra_value(evaluator.heap().alloc((before, function)));
    }
}

/// The functions that were passed to declarations of this module, in order.
fn noted<'v>(module: &Module<'v>) -> Vec<Value<'v>> {
    let mut functions = Vec::new();
    let mut rest = module.extra_value();
    while let Some(pair) = rest.and_then(TupleRef::from_value) {
        let [before, function] = pair.content() else { break };
        functions.push(*function);
        rest = Some(*before);
    }
    functions.reverse();
    functions
}

/// Puts the calls that are for this module's functions, the first of which is number `first`.
pub(super) fn ask<'v>(
    evaluator: &mut Evaluator<'v, '_, '_>,
    module: &Module<'v>,
    first: u32,
    calls: &[Call],
) -> starlark::Result<()> {
    let functions = noted(module);
    for (number, call) in calls.iter().enumerate() {
        let place = call.function.0.checked_sub(first).map(|place| place as usize);
        let Some(function) = place.and_then(|place| functions.get(place)) else {
            continue;
        };
        let subject = allocated(evaluator.heap(), &call.subject);
        let answer = evaluator.eval_function(*function, &[subject], &[])?;
        Host::answered(number, answer, &call.location)?;
    }
    Ok(())
}

fn allocated<'v>(heap: Heap<'v>, value: &Plain) -> Value<'v> {
    match value {
        Plain::None | Plain::Secret(_) | Plain::Function(..) | Plain::Env(_, None) => Value::new_none(),
        Plain::Bool(truth) => Value::new_bool(*truth),
        Plain::Int(number) => heap.alloc(*number),
        Plain::Str(text) | Plain::Env(_, Some(text)) => heap.alloc(text.as_str()),
        Plain::List(items) => {
            let items: Vec<Value<'v>> = items.iter().map(|item| allocated(heap, item)).collect();
            heap.alloc(AllocList(items))
        }
        Plain::Dict(fields) => {
            let fields: Vec<(&str, Value<'v>)> = fields
                .iter()
                .map(|(name, value)| (name.as_str(), allocated(heap, value)))
                .collect();
            heap.alloc(AllocStruct(fields))
        }
    }
}

//! Parses, runs, exits.

mod app;
mod carry_out;
mod closing;
mod command;
mod confine;
mod exit;
mod fault;
mod foresight;
mod graph;
mod history;
mod left_behind;
mod observe;
mod obstacles;
mod other_trains;
mod outcome;
mod past;
mod plan;
mod project;
mod promised;
mod registries;
mod rewrite;
mod signals;
mod snapshot;
mod terminal;
mod unfinished;
mod world;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == "evaluate-confined")
    {
        return confine::child();
    }
    app::main()
}

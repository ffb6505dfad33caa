//! How the engine behaves, told through its public interface. `stage` is read first.

mod stage;

mod cache;
mod commands;
mod crash;
mod effects;
mod forecasts;
mod graphs;
mod journals;
mod keys;
mod locks;
mod schedules;
mod stages;

//! Which version comes next, told as histories.

mod attribution;
mod channels;
mod dialects;
mod fixed;
mod history;
mod needs;
mod placeholders;
mod plain;
mod plans;
mod properties;
mod refused;
mod revert;
mod strategies;
mod support;
mod tags;
mod unread;

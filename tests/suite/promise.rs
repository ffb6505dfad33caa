//! The promises, asked of everyone who makes them. What one promise means in depth is tested beside its keepers.

mod roll_call;

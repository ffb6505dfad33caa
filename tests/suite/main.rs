//! One binary: the architecture, the promises every adapter keeps, and journeys told through the real program.

mod architecture;
mod journey;
mod promise;

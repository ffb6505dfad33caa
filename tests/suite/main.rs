//! One binary: the architecture, comparisons with other tools, the promises every adapter keeps, and journeys told through the real program.

mod architecture;
mod differential;
mod journey;
mod promise;

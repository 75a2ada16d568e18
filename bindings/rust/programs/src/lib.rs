//! What proves that this binding does as the others do: the conformance runner and the member of a
//! ring, by the rules of `docs/conformance.md`.

pub mod bytes;
pub mod call;
pub mod ledger;
pub mod node;
pub mod patience;
pub mod rules;
pub mod scenario;

/// A reason to stop the program.
pub type Stop = Box<dyn std::error::Error + Send + Sync>;

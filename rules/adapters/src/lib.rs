//! Hands. Each file keeps one promise for one tool or service. Never decides whether, only how.


//! `foldback check`: reads the configuration as `serve` would and says what is wrong.

use std::path::Path;

use crate::config::{Config, Problem};

/// Everything that is wrong with the file; nothing when `serve` would take it.
pub fn problems(path: &Path) -> Vec<Problem> {
    match Config::load(path) {
        Ok(_) => Vec::new(),
        Err(problems) => problems,
    }
}

#[cfg(test)]
mod tests;

//! `foldback check`: reads the configuration as `serve` would and says what is wrong.

use std::path::Path;

use crate::{
    config::{Config, Problem},
    journal::sqlite::file,
};

/// What is wrong with the file, and what is worth a word though `serve` would take it.
pub fn examine(path: &Path) -> (Vec<Problem>, Vec<Problem>) {
    let config = match Config::load(path) {
        Ok(config) => config,
        Err(problems) => return (problems, Vec::new()),
    };
    let remarks = file::remarks(&config.sqlite).into_iter();
    let remarks = remarks.map(|message| Problem {
        file: path.to_owned(),
        key: "journal.sqlite".to_owned(),
        message,
    });
    (Vec::new(), remarks.collect())
}

#[cfg(test)]
mod tests;

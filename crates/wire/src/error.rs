//! What can be wrong with a body: where, which value, which limit, and what to do.

/// A body that cannot be accepted.
///
/// The message is one lower-case sentence fit for an error answer: it names the JSON path, the value
/// found (cut to 64 characters) and the limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The body is not JSON at all.
    #[error("the body is not JSON: {message} at line {line}, column {column}")]
    NotJson {
        /// What the parser expected.
        message: String,
        /// Line of the first bad character, from 1.
        line: usize,
        /// Column of the first bad character, from 1.
        column: usize,
    },
    /// A member has the wrong type or is missing.
    #[error("{path}: {message}")]
    WrongShape {
        /// JSON path such as `$.participantMixerLevels[0].sourceLevels[1].level`.
        path: String,
        /// What was found and what was expected.
        message: String,
    },
    /// A value lies outside its limit.
    #[error("{path}: {value} is not allowed; {limit}")]
    OutOfLimit {
        /// JSON path of the value.
        path: String,
        /// The value found, cut to 64 characters.
        value: String,
        /// The limit in words, for example `a level is a whole percent from 0 to 100`.
        limit: String,
    },
}

impl Error {
    /// The JSON path the error is about; `$` for a body that is not JSON.
    pub fn path(&self) -> &str {
        match self {
            Self::NotJson { .. } => "$",
            Self::WrongShape { path, .. } | Self::OutOfLimit { path, .. } => path,
        }
    }

    /// A value outside its limit; `value` is cut to 64 characters.
    pub fn out_of_limit(
        path: impl Into<String>,
        value: impl std::fmt::Display,
        limit: impl Into<String>,
    ) -> Self {
        Self::OutOfLimit {
            path: path.into(),
            value: cut(&value.to_string(), 64),
            limit: limit.into(),
        }
    }

    /// The same error about the same value, whose path is known only by the caller.
    #[must_use]
    pub(crate) fn at(mut self, place: &str) -> Self {
        if let Self::WrongShape { path, .. } | Self::OutOfLimit { path, .. } = &mut self {
            place.clone_into(path);
        }
        self
    }
}

/// The first `max` characters, the last of them an ellipsis when something is left out.
pub(crate) fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max.saturating_sub(1)).chain(['…']).collect()
}

//! People whom the issuer knows and who have no role here: each is written down once in a while, however
//! often they try.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use foldback_model::OperatorId;
use tokio::time::Instant;

/// How long somebody's next try is no news.
const QUIET: Duration = Duration::from_mins(10);

/// Most people that are remembered. Nobody without an account of the organization gets among them.
const MOST: usize = 1_000;

/// Who was refused lately.
#[derive(Debug, Default)]
pub struct Refused(Mutex<HashMap<OperatorId, Instant>>);

impl Refused {
    /// Whether nobody has written down lately that this person was refused.
    pub fn is_news(&self, operator: &OperatorId) -> bool {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lately.get(operator).is_some_and(|at| at.elapsed() < QUIET) {
            return false;
        }
        if lately.len() >= MOST {
            lately.retain(|_, at| at.elapsed() < QUIET);
        }
        if lately.len() < MOST {
            lately.insert(operator.clone(), Instant::now());
        }
        true
    }

    /// It could not be written down: the next try is news.
    pub fn forget(&self, operator: &OperatorId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(operator);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> OperatorId {
        OperatorId::new(format!("somebody-{number}")).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn somebody_is_news_once_in_a_while() {
        let refused = Refused::default();
        assert!(refused.is_news(&id(0)));
        assert!(!refused.is_news(&id(0)));
        assert!(refused.is_news(&id(1)));
        refused.forget(&id(1));
        assert!(refused.is_news(&id(1)) && !refused.is_news(&id(0)));
        tokio::time::advance(QUIET).await;
        assert!(refused.is_news(&id(0)));
        assert!((2..3 * MOST).all(|number| refused.is_news(&id(number))), "nobody goes unnoticed");
        assert!(refused.0.lock().unwrap().len() <= MOST);
    }
}

//! Room for connections: so many in all, so many of one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::network::owner;

/// See the module.
#[derive(Debug)]
pub struct Places {
    most: usize,
    most_each: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    each: HashMap<IpAddr, usize>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// There are as many connections as there may be.
    All,
    /// This address has as many as one may have.
    Address,
}

impl Places {
    /// All free.
    pub fn new(most: usize, most_each: usize) -> Self {
        Self { most, most_each, taken: Mutex::default() }
    }

    /// A place for a connection from there; a proxy that many people are behind is only counted among
    /// all.
    ///
    /// # Errors
    /// [`Full`].
    pub fn take(self: &Arc<Self>, from: IpAddr, is_proxy: bool) -> Result<Place, Full> {
        let mut taken = self.taken();
        if taken.all >= self.most {
            return Err(Full::All);
        }
        let from = (!is_proxy).then(|| owner(from));
        if let Some(from) = from {
            let own = taken.each.entry(from).or_default();
            if *own >= self.most_each {
                return Err(Full::Address);
            }
            *own += 1;
        }
        taken.all += 1;
        drop(taken);
        Ok(Place { places: Arc::clone(self), from })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place, given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    from: Option<IpAddr>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all = taken.all.saturating_sub(1);
        let Some(from) = self.from else { return };
        if let Some(own) = taken.each.get_mut(&from) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                taken.each.remove(&from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_and_come_back() {
        let places = Arc::new(Places::new(5, 2));
        let [here, there] = ["203.0.113.1", "203.0.113.2"].map(|it| it.parse().unwrap());
        let mut held: Vec<_> = (0..2).map(|_| places.take(here, false).unwrap()).collect();
        assert_eq!(places.take(here, false).unwrap_err(), Full::Address);
        held.extend((0..3).map(|_| places.take(there, true).unwrap()));
        assert_eq!(places.take(there, false).unwrap_err(), Full::All);
        held.clear();
        assert!(places.taken().each.is_empty() && places.taken().all == 0);
        assert!(places.take(here, false).is_ok());
    }
}

//! When a layer's request may leave. Pure: time is handed in.
//!
//! - A listener is in one request at a time; the next waits and then carries the newest values.
//! - While a control moves, its layer sends at most once in [`MOVING_MS`]; letting go sends at once.

use foldback_model::{Layer, ParticipantId};

use super::edits::Ticket;

/// Shortest time between two requests of one layer while a control moves, in milliseconds.
pub const MOVING_MS: u64 = 100;

/// The state of all layers that have something to send.
#[derive(Debug, Default)]
pub struct Pace {
    lanes: Vec<Lane>,
    flying: Vec<Flight>,
    last_ticket: u64,
}

#[derive(Debug)]
struct Lane {
    layer: Layer,
    dirty: bool,
    moving: bool,
    sent_ms: Option<u64>,
}

#[derive(Debug)]
struct Flight {
    ticket: Ticket,
    /// In the order of their ids.
    listeners: Vec<ParticipantId>,
    n_parts: usize,
}

impl Pace {
    /// A control of `layer` changed; `moving` while it is not let go.
    pub fn touch(&mut self, layer: &Layer, moving: bool) {
        if let Some(lane) = self.lane(layer) {
            lane.dirty = true;
            lane.moving = moving;
        } else {
            self.lanes.push(Lane { layer: layer.clone(), dirty: true, moving, sent_ms: None });
        }
    }

    /// A control of `layer` was let go without a last change.
    pub fn let_go(&mut self, layer: &Layer) {
        if let Some(lane) = self.lane(layer) {
            lane.moving = false;
        }
    }

    /// A layer that may send now. `reached` tells whom its request would name.
    pub fn due(
        &self,
        now_ms: u64,
        reached: impl Fn(&Layer) -> Vec<ParticipantId>,
    ) -> Option<(Layer, Vec<ParticipantId>)> {
        self.lanes.iter().filter(|lane| lane.is_due(now_ms)).find_map(|lane| {
            let listeners = reached(&lane.layer);
            self.are_free(&listeners).then(|| (lane.layer.clone(), listeners))
        })
    }

    /// Whether a request of `layer` that names `listeners` may leave now.
    pub fn lets_go(&self, layer: &Layer, listeners: &[ParticipantId], now_ms: u64) -> bool {
        let is_due = |lane: &Lane| lane.layer == *layer && lane.is_due(now_ms);
        self.lanes.iter().any(is_due) && self.are_free(listeners)
    }

    /// None of them is in a request that is under way.
    fn are_free(&self, listeners: &[ParticipantId]) -> bool {
        let busy = |id| self.flying.iter().any(|it| it.listeners.binary_search(id).is_ok());
        !listeners.iter().any(busy)
    }

    /// When a layer that is held back by the pace alone may send; landing requests are news anyway.
    pub fn wake_ms(&self, now_ms: u64) -> Option<u64> {
        self.lanes
            .iter()
            .filter(|lane| lane.dirty && !lane.is_due(now_ms))
            .filter_map(|lane| lane.sent_ms.map(|sent| sent + MOVING_MS))
            .min()
    }

    /// The layer's request leaves in `n_parts`; it names `listeners`, in the order of their ids.
    pub fn start(
        &mut self,
        layer: &Layer,
        listeners: Vec<ParticipantId>,
        n_parts: usize,
        now_ms: u64,
    ) -> Ticket {
        if let Some(lane) = self.lane(layer) {
            lane.dirty = false;
            lane.sent_ms = Some(now_ms);
        }
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        self.flying.push(Flight { ticket, listeners, n_parts });
        ticket
    }

    /// There is nothing to send for `layer` after all.
    pub fn settle(&mut self, layer: &Layer) {
        if let Some(lane) = self.lane(layer) {
            lane.dirty = false;
        }
    }

    /// Forgets everything but which tickets were given: late answers to the old call land nowhere.
    #[must_use]
    pub fn for_another_call(self) -> Self {
        Self { last_ticket: self.last_ticket, ..Self::default() }
    }

    /// One part of a request was answered; true when it was the last one.
    pub fn landed(&mut self, ticket: Ticket) -> bool {
        let Some(at) = self.flying.iter().position(|it| it.ticket == ticket) else { return false };
        let Some(flight) = self.flying.get_mut(at) else { return false };
        flight.n_parts = flight.n_parts.saturating_sub(1);
        let last = flight.n_parts == 0;
        if last {
            self.flying.swap_remove(at);
        }
        last
    }

    fn lane(&mut self, layer: &Layer) -> Option<&mut Lane> {
        self.lanes.iter_mut().find(|lane| lane.layer == *layer)
    }
}

impl Lane {
    fn is_due(&self, now_ms: u64) -> bool {
        let paced = self.sent_ms.is_none_or(|sent| now_ms >= sent + MOVING_MS);
        self.dirty && (!self.moving || paced)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(text: &str) -> ParticipantId {
        ParticipantId::parse(text).unwrap()
    }

    fn whom(layer: &Layer) -> Vec<ParticipantId> {
        match layer {
            Layer::Everyone => vec![id("ada"), id("bob"), id("cyd")],
            Layer::Listener(id) => vec![id.clone()],
        }
    }

    #[test]
    fn moving_is_paced_and_letting_go_is_not() {
        let mut pace = Pace::default();
        pace.touch(&Layer::Everyone, true);
        let first = pace.due(1000, whom).unwrap();
        let ticket = pace.start(&first.0, first.1, 1, 1000);
        assert!(pace.landed(ticket));
        pace.touch(&Layer::Everyone, true);
        assert!(pace.due(1099, whom).is_none());
        assert_eq!(pace.wake_ms(1099), Some(1100));
        assert!(pace.due(1100, whom).is_some());
        pace.let_go(&Layer::Everyone);
        assert!(pace.due(1001, whom).is_some());
    }

    #[test]
    fn a_listener_is_in_one_request_at_a_time() {
        let mut pace = Pace::default();
        pace.touch(&Layer::Everyone, false);
        let all = pace.start(&Layer::Everyone, whom(&Layer::Everyone), 2, 0);
        let (ada, dan) = (Layer::Listener(id("ada")), Layer::Listener(id("dan")));
        pace.touch(&ada, false);
        assert!(pace.due(500, whom).is_none());
        pace.touch(&dan, false);
        assert_eq!(pace.due(500, whom).unwrap().0, dan);
        pace.settle(&dan);
        assert!(!pace.landed(all) && pace.due(500, whom).is_none());
        assert!(pace.landed(all) && !pace.landed(all));
        assert_eq!(pace.due(500, whom).unwrap().0, ada);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Touch { lane: usize, moving: bool },
        LetGo(usize),
        Wait(u64),
        Land(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..3_usize, any::<bool>()).prop_map(|(lane, moving)| Step::Touch { lane, moving }),
            (0..3_usize).prop_map(Step::LetGo),
            (1..120_u64).prop_map(Step::Wait),
            (0..4_usize).prop_map(Step::Land),
        ]
    }

    proptest! {
        #[test]
        fn whatever_happens_the_newest_value_leaves(steps in prop::collection::vec(step(), 0..120)) {
            let layers = [Layer::Everyone, Layer::Listener(id("ada")), Layer::Listener(id("dan"))];
            let mut pace = Pace::default();
            let mut now = 0;
            let mut flying: Vec<(Ticket, Layer)> = Vec::new();
            let mut value = [0_u32; 3];
            let mut sent = [0_u32; 3];
            let mut moving_sent: [Option<u64>; 3] = [None; 3];
            let mut moving = [false; 3];
            let end = [Step::LetGo(0), Step::LetGo(1), Step::LetGo(2), Step::Wait(200)];
            let drain = std::iter::repeat_n(Step::Land(0), 12);
            for step in steps.into_iter().chain(end).chain(drain) {
                match step {
                    Step::Touch { lane, moving: still } => {
                        value[lane] += 1;
                        moving[lane] = still;
                        pace.touch(&layers[lane], still);
                    }
                    Step::LetGo(lane) => {
                        moving[lane] = false;
                        pace.let_go(&layers[lane]);
                    }
                    Step::Wait(ms) => now += ms,
                    Step::Land(n) if n < flying.len() => {
                        let (ticket, _) = flying.remove(n);
                        prop_assert!(pace.landed(ticket));
                    }
                    Step::Land(_) => {}
                }
                while let Some((layer, listeners)) = pace.due(now, whom) {
                    for (_, other) in &flying {
                        let other = whom(other);
                        prop_assert!(!listeners.iter().any(|id| other.contains(id)));
                    }
                    let lane = layers.iter().position(|it| *it == layer).unwrap();
                    if moving[lane] {
                        prop_assert!(moving_sent[lane].is_none_or(|at| now - at >= MOVING_MS));
                    }
                    moving_sent[lane] = Some(now);
                    sent[lane] = value[lane];
                    flying.push((pace.start(&layer, listeners, 1, now), layer));
                }
            }
            prop_assert_eq!(sent, value);
        }
    }
}

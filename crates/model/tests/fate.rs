//! Operations and intents: what became of what was asked, told in the order things can happen.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use foldback_model::{
    By, CallState, Event, Fact, Intent, IntentState, Intents, OperationId, OperationKind,
    OperationRequest, OperationState, Outcome, Participant, ParticipantId, PersonKey, PersonKind,
    Sequence, Timestamp, UpstreamOperationId,
    operation::{FORGOTTEN_TOGETHER, KEPT},
};

fn ada() -> ParticipantId {
    ParticipantId::parse("ada").unwrap()
}

fn operation() -> OperationId {
    OperationId::new("op-1").unwrap()
}

fn requested(kind: OperationKind) -> Event {
    Event::OperationRequested(OperationRequest {
        operation: operation(),
        gesture: None,
        kind,
        targets: vec![ada()],
        client_context: Some("context-1".to_owned()),
    })
}

fn accepted() -> Event {
    Event::OperationAccepted {
        operation: operation(),
        upstream_id: UpstreamOperationId::parse("up-1").ok(),
    }
}

fn finished(outcome: Outcome) -> Event {
    Event::OperationFinished { operation: operation(), outcome }
}

fn failed() -> Outcome {
    Outcome::Failed {
        status: 429,
        code: "8516".to_owned(),
        message: "too many requests; wait two seconds".to_owned(),
        retry: Some(2_000),
    }
}

fn roster(muted: bool) -> Event {
    let person = Participant {
        id: ada(),
        person: PersonKey { tenant: String::new(), kind: "user".to_owned(), id: "u".to_owned() },
        name: "Ada".to_owned(),
        kind: PersonKind::User,
        muted,
        server_muted: muted,
        in_lobby: false,
        roster_sequence: None,
    };
    Event::ParticipantsChanged { participants: vec![person], roster_sequence: None }
}

/// A call, the panel's intents, and facts that arrive at both.
struct Story {
    state: CallState,
    intents: Intents,
}

impl Story {
    fn new(kind: OperationKind) -> Self {
        let mut story = Self { state: CallState::default(), intents: Intents::default() };
        story.tell(roster(false));
        story.intents.add(Intent {
            client_context: "context-1".to_owned(),
            kind,
            targets: vec![ada()],
            state: IntentState::Sending,
        });
        story
    }

    fn tell(&mut self, event: Event) -> &mut Self {
        let sequence = Sequence(self.state.sequence.0 + 1);
        let fact = Fact {
            sequence,
            prev: self.state.sequence,
            at: Timestamp(sequence.0 * 100),
            by: By::Service,
            event,
        };
        self.state.apply(&fact);
        self.intents.follow(&fact, &self.state.roster);
        self
    }

    #[track_caller]
    fn intent_is(&mut self, state: &IntentState) -> &mut Self {
        assert_eq!(&self.intents.get("context-1").unwrap().state, state);
        self
    }

    #[track_caller]
    fn operation_is(&mut self, state: &OperationState) -> &mut Self {
        assert_eq!(&self.state.operations.get(&operation()).unwrap().state, state);
        self
    }
}

#[test]
fn a_mute_is_true_only_once_the_roster_says_so() {
    Story::new(OperationKind::Mute)
        .tell(requested(OperationKind::Mute))
        .intent_is(&IntentState::Sending)
        .tell(accepted())
        .intent_is(&IntentState::Accepted)
        .tell(finished(Outcome::Completed))
        .operation_is(&OperationState::Finished(Outcome::Completed))
        .intent_is(&IntentState::Accepted)
        .tell(roster(true))
        .intent_is(&IntentState::Confirmed);
}

#[test]
fn a_mute_of_somebody_who_leaves_is_settled() {
    Story::new(OperationKind::Mute)
        .tell(requested(OperationKind::Mute))
        .tell(Event::ParticipantsLeft { ids: vec![ada()], reason: None })
        .intent_is(&IntentState::Confirmed);
}

#[test]
fn a_mix_is_confirmed_by_its_operation() {
    Story::new(OperationKind::ConfigureMixer)
        .tell(requested(OperationKind::ConfigureMixer))
        .tell(accepted())
        .tell(roster(true))
        .intent_is(&IntentState::Accepted)
        .tell(finished(Outcome::Completed))
        .intent_is(&IntentState::Confirmed);
}

#[test]
fn a_failure_says_why_and_when_to_try_again() {
    Story::new(OperationKind::Mute)
        .tell(requested(OperationKind::Mute))
        .tell(finished(failed()))
        .intent_is(&IntentState::Failed {
            message: "too many requests; wait two seconds".to_owned(),
            retry_ms: Some(2_000),
        })
        .operation_is(&OperationState::Finished(failed()));
}

#[test]
fn an_unknown_outcome_gives_way_to_what_the_service_says_later() {
    Story::new(OperationKind::ConfigureMixer)
        .tell(requested(OperationKind::ConfigureMixer))
        .tell(finished(Outcome::Unconfirmed))
        .intent_is(&IntentState::Unconfirmed)
        .tell(finished(Outcome::Completed))
        .intent_is(&IntentState::Confirmed)
        .operation_is(&OperationState::Finished(Outcome::Completed));
}

#[test]
fn the_first_end_stays() {
    Story::new(OperationKind::ConfigureMixer)
        .tell(requested(OperationKind::ConfigureMixer))
        .tell(finished(Outcome::Completed))
        .tell(finished(failed()))
        .tell(accepted())
        .operation_is(&OperationState::Finished(Outcome::Completed));
}

#[test]
fn a_notification_finds_its_operation_before_the_reply_named_it() {
    let mut story = Story::new(OperationKind::ConfigureMixer);
    story.tell(requested(OperationKind::ConfigureMixer));
    let early = UpstreamOperationId::parse("up-1").unwrap();
    let operations = &story.state.operations;
    assert!(operations.find(Some(&early), None).is_none());
    assert!(operations.find(Some(&early), Some("context-1")).is_some());
    assert!(operations.find(None, Some("context-2")).is_none());
}

#[test]
fn a_held_intent_can_be_taken_back_and_a_sent_one_cannot() {
    let mut intents = Intents::default();
    intents.add(Intent {
        client_context: "c".to_owned(),
        kind: OperationKind::Mute,
        targets: vec![ada()],
        state: IntentState::Held,
    });
    assert!(intents.sent("c"));
    assert!(!intents.cancel("c"));
    assert!(intents.lost("c"));
    assert_eq!(intents.get("c").unwrap().state, IntentState::Unconfirmed);
}

#[test]
fn finished_operations_are_kept_up_to_a_limit_and_open_ones_always() {
    let mut state = CallState::default();
    let mut sequence = 0;
    let mut tell = |state: &mut CallState, event: Event| {
        sequence += 1;
        state.apply(&Fact {
            sequence: Sequence(sequence),
            prev: Sequence(sequence - 1),
            at: Timestamp(sequence),
            by: By::Foldback,
            event,
        });
    };
    let request = |n: usize| OperationRequest {
        operation: OperationId::new(format!("op-{n}")).unwrap(),
        gesture: None,
        kind: OperationKind::Mute,
        targets: vec![],
        client_context: None,
    };
    tell(&mut state, Event::OperationRequested(request(0)));
    let mut most = 0;
    for n in 1..=2 * KEPT {
        tell(&mut state, Event::OperationRequested(request(n)));
        let operation = request(n).operation;
        tell(&mut state, Event::OperationFinished { operation, outcome: Outcome::Completed });
        let finished = state.operations.iter().filter(|operation| !operation.is_open()).count();
        assert!(finished >= n.min(KEPT), "the newest are there");
        assert_eq!(state.operations.iter().next_back().unwrap().request, request(n));
        most = most.max(finished);
    }
    assert_eq!(most, KEPT + FORGOTTEN_TOGETHER - 1);
    assert!(state.operations.get(&request(0).operation).is_some());
    assert!(state.operations.get(&request(1).operation).is_none());
}

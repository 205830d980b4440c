//! The whole engine behind a few exports, as a page would load it: what it weighs is measured here.
//!
//! Everything goes in and out as JSON text in the forms of the services.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::missing_errors_doc, reason = "every error is a sentence for the page")]

use foldback_callservice::{
    Error,
    engine::{Face, Form, Notice, Options, Rehearsal},
};
use foldback_wire::{graph::ConfigureMixer, ids::ParticipantId};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

/// One rehearsal inside the page.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine(Rehearsal);

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err as it is")]
fn words(error: impl ToString) -> String {
    error.to_string()
}

fn text(answer: Result<impl Serialize, Error>) -> Result<String, String> {
    serde_json::to_string(&answer.map_err(words)?).map_err(words)
}

#[wasm_bindgen]
impl Engine {
    /// Casts a call.
    #[wasm_bindgen(constructor)]
    pub fn new(participants: u32, seed: u64, pace: f64, acs: bool) -> Result<Engine, String> {
        let face = if acs { Face::Acs } else { Face::Graph };
        let participants = usize::try_from(participants).map_err(words)?;
        Rehearsal::new(Options { participants, seed, speed: pace, face }).map(Self).map_err(words)
    }

    /// Joins it.
    pub fn join(&mut self, delta: bool) -> Result<String, String> {
        text(self.0.join(if delta { Form::Delta } else { Form::Full }))
    }

    /// Lets time pass; what was notified since the last time.
    pub fn advance(&mut self, now_ms: f64) -> Result<String, String> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a page's clock"
        )]
        self.0.advance(now_ms as u64);
        let mut out = Vec::new();
        for notice in self.0.take_notifications() {
            out.push(match notice {
                Notice::Graph(notification) => serde_json::to_value(notification),
                Notice::Acs(event) => serde_json::to_value(event),
            });
        }
        let out: Result<Vec<_>, _> = out.into_iter().collect();
        serde_json::to_string(&out.map_err(words)?).map_err(words)
    }

    /// Whose talking changed since the last time.
    pub fn talk(&mut self) -> Result<String, String> {
        text(Ok(self.0.take_talk()))
    }

    /// Everybody.
    pub fn participants(&self) -> Result<String, String> {
        text(self.0.participants())
    }

    /// Carries out one command: `mute`, `mix`, `keepAlive` or `end`.
    pub fn command(&mut self, name: &str, body: &str) -> Result<String, String> {
        match name {
            "mute" => {
                let id = ParticipantId::parse(body).map_err(words)?;
                text(self.0.mute(&id, None))
            }
            "muteApp" => text(self.0.mute_app(None)),
            "unmuteApp" => text(self.0.unmute_app(None)),
            "mix" => {
                let request = ConfigureMixer::read(body.as_bytes()).map_err(words)?;
                text(self.0.configure_mixer(&request))
            }
            "keepAlive" => text(self.0.keep_alive()),
            "end" => text(self.0.end()),
            other => Err(format!("there is no command {other}")),
        }
    }

    /// Pulls one lever for one person.
    pub fn person(&mut self, lever: &str, id: &str) -> Result<String, String> {
        if lever == "join" {
            return text(self.0.person_joins(Some(id.to_owned())));
        }
        let id = ParticipantId::parse(id).map_err(words)?;
        match lever {
            "leave" => text(self.0.person_leaves(&id)),
            "talk" => text(self.0.person_talks(&id, true, None)),
            "hush" => text(self.0.person_talks(&id, false, None)),
            "mute" => text(self.0.person_mutes(&id)),
            "unmute" => text(self.0.person_unmutes(&id)),
            "raiseHand" => text(self.0.person_raises_hand(&id, true)),
            "lowerHand" => text(self.0.person_raises_hand(&id, false)),
            other => Err(format!("there is no lever {other}")),
        }
    }
}

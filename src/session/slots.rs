//! Two scenes at hand, A and B, to go from one to the other by a press.

use foldback_model::SceneId;

use super::Session;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// The first.
    A,
    /// The second.
    B,
}

impl Slot {
    /// Both.
    pub const ALL: [Self; 2] = [Self::A, Self::B];

    /// Its name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }
}

/// What stands in the slots; none where nothing does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slots {
    a: Option<SceneId>,
    b: Option<SceneId>,
}

impl Slots {
    /// The scene in a slot.
    pub fn get(&self, slot: Slot) -> Option<&SceneId> {
        match slot {
            Slot::A => self.a.as_ref(),
            Slot::B => self.b.as_ref(),
        }
    }
}

impl Session {
    /// Puts a scene into a slot, or takes out what is there.
    pub fn put_in_slot(&self, slot: Slot, scene: Option<SceneId>) {
        self.slots.update(|slots| match slot {
            Slot::A => slots.a = scene,
            Slot::B => slots.b = scene,
        });
    }
}

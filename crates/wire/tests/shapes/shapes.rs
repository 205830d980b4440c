//! Every golden body, every reader, and what it means to read without misreading. Used by the golden
//! tests and by the long shaking.

#[path = "oracle.rs"]
pub mod oracle;
#[path = "readers.rs"]
pub mod readers;

pub use readers::READERS;

/// Every golden file with its text.
macro_rules! goldens {
    ($($name:literal),+ $(,)?) => {
        pub const GOLDENS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../golden/", $name, ".json")))),+];
    };
}
goldens![
    "acs_answer.request",
    "acs_connect.request",
    "acs_connection.reply",
    "acs_create.request",
    "acs_ended.events",
    "acs_error",
    "acs_life.events",
    "acs_mute.reply",
    "acs_mute.request",
    "acs_mute_client.request",
    "acs_participants.reply",
    "acs_remove.request",
    "acs_roster.events",
    "audio_routing_group.request",
    "audio_routing_groups.reply",
    "call_ended.notification",
    "call_nulls.reply",
    "call_unmute.notification",
    "call_unmute.reply",
    "call_unmute.request",
    "configure_mixer.notification",
    "configure_mixer.reply",
    "configure_mixer.request",
    "configure_mixer_2018.notification",
    "configure_mixer_2018.reply",
    "configure_mixer_2018.request",
    "configure_mixer_text.request",
    "delta_roster.notification",
    "error",
    "get_call.reply",
    "identities.reply",
    "invite.notification",
    "invite.reply",
    "invite.request",
    "join.request",
    "list_participants.reply",
    "mute_all.reply",
    "mute_all.request",
    "oldest.notification",
    "operations.reply",
    "participant_mute.notification",
    "participant_mute.reply",
    "participant_mute.request",
];

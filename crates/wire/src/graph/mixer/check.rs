//! The limits of a configureMixer body, checked in the order of the document.

use std::{collections::BTreeMap, fmt::Display};

use super::{AudioDuckingConfiguration, AudioSourceLevel, ConfigureMixer, ParticipantMixerLevel};
use crate::{
    check,
    error::Error,
    ids::ParticipantId,
    limits::{self, Limits, RAMP_MAX_MS},
};

const LISTENER: [&str; 5] =
    ["participant", "exclusive", "exclusiveMode", "ducking", "sourceLevels"];
const DUCKING: [&str; 4] = ["rampActive", "rampInactive", "lowerLevel", "upperLevel"];
const SOURCE: [&str; 3] = ["participant", "level", "duckOthers"];

/// Checks a whole request.
pub(super) fn request(request: &ConfigureMixer, limits: Limits) -> Result<(), Error> {
    check::context("$.clientContext", request.client_context.as_deref())?;
    check::spelling("$", &request.extra, &["clientContext", "participantMixerLevels"])?;
    let path = "$.participantMixerLevels";
    limits::items(path, request.participant_mixer_levels.len())?;
    let mut listeners = BTreeMap::new();
    for (i, level) in request.participant_mixer_levels.iter().enumerate() {
        let at = format!("{path}[{i}]");
        let listener = once(
            &format!("{at}.participant"),
            &level.participant,
            &mut listeners,
            &at,
            "a listener appears once; put both entries into one",
        )?;
        listener_mix(&at, &listener, level, limits)?;
    }
    Ok(())
}

/// Checks one listener's mix; `at` is the path of the entry.
fn listener_mix(
    at: &str,
    listener: &ParticipantId,
    level: &ParticipantMixerLevel,
    limits: Limits,
) -> Result<(), Error> {
    check::spelling(at, &level.extra, &LISTENER)?;
    if let (Some(exclusive), Some(mode)) = (level.exclusive, level.exclusive_mode)
        && exclusive != mode
    {
        return refuse(
            &format!("{at}.exclusiveMode"),
            mode,
            format_args!(
                "it is the other spelling of `exclusive`, which is {exclusive}; send `exclusive` alone"
            ),
        );
    }
    if let Some(ducking) = &level.ducking {
        ducking_limits(&format!("{at}.ducking"), ducking, limits)?;
    }
    let list = format!("{at}.sourceLevels");
    limits::items(&list, level.source_levels.len())?;
    let mut sources = BTreeMap::new();
    for (j, source) in level.source_levels.iter().enumerate() {
        let at = format!("{list}[{j}]");
        let member = format!("{at}.participant");
        let id = once(
            &member,
            &source.participant,
            &mut sources,
            &at,
            "a source appears once under a listener; put both entries into one",
        )?;
        if id == *listener {
            return refuse(
                &member,
                format_args!("\"{}\"", source.participant.escape_default()),
                "a listener never hears itself; leave this source out",
            );
        }
        source_level(&at, source, level.ducking.is_some(), limits)?;
    }
    Ok(())
}

/// Checks level and key of one source; `ducking` says whether the listener has ducking settings.
fn source_level(
    at: &str,
    source: &AudioSourceLevel,
    ducking: bool,
    limits: Limits,
) -> Result<(), Error> {
    let level_max = limits.level_max;
    check::spelling(at, &source.extra, &SOURCE)?;
    if let Some(level) = source.level {
        percent(&format!("{at}.level"), level, level_max)?;
    }
    if source.duck_others != Some(true) {
        return Ok(());
    }
    if source.level.is_none() {
        return refuse(
            &format!("{at}.level"),
            "nothing",
            format_args!("a source that ducks others needs a level from 0 to {level_max}; add it"),
        );
    }
    if !ducking {
        return refuse(
            &format!("{at}.duckOthers"),
            true,
            "a source ducks others only where its listener has `ducking`; add `ducking` or send false",
        );
    }
    Ok(())
}

/// Checks the four numbers. `lowerLevel` above `upperLevel` is odd but the services do not forbid it.
fn ducking_limits(
    at: &str,
    ducking: &AudioDuckingConfiguration,
    limits: Limits,
) -> Result<(), Error> {
    check::spelling(at, &ducking.extra, &DUCKING)?;
    for (name, ms) in [("rampActive", ducking.ramp_active), ("rampInactive", ducking.ramp_inactive)]
    {
        if !(0..=RAMP_MAX_MS).contains(&ms) {
            return refuse(
                &format!("{at}.{name}"),
                ms,
                format_args!("a ramp is a whole number of milliseconds from 0 to {RAMP_MAX_MS}"),
            );
        }
    }
    percent(&format!("{at}.lowerLevel"), ducking.lower_level, limits.level_max)?;
    percent(&format!("{at}.upperLevel"), ducking.upper_level, limits.level_max)
}

fn percent(path: &str, found: i64, level_max: i64) -> Result<(), Error> {
    if (0..=level_max).contains(&found) {
        return Ok(());
    }
    refuse(path, found, format_args!("a level is a whole percent from 0 to {level_max}"))
}

/// Parses the id at `member` and refuses it when `seen` has it already; `entry` is what to remember.
fn once(
    member: &str,
    id: &str,
    seen: &mut BTreeMap<ParticipantId, String>,
    entry: &str,
    rule: &str,
) -> Result<ParticipantId, Error> {
    let parsed = ParticipantId::parse(id).map_err(|error| error.at(member))?;
    if let Some(first) = seen.insert(parsed.clone(), entry.to_owned()) {
        return Err(Error::out_of_limit(
            member,
            format_args!("\"{}\"", id.escape_default()),
            format!("it stands already at {first}: {rule}"),
        ));
    }
    Ok(parsed)
}

fn refuse(path: &str, value: impl Display, limit: impl Display) -> Result<(), Error> {
    Err(Error::out_of_limit(path, value, limit.to_string()))
}

#[cfg(test)]
mod tests;

//! Scenes: desks under names, shared by all operators of a call.
//!
//! A scene is made from the desk as it stands in the journal, so that two operators who save at the
//! same moment save what everybody hears. Whoever changes one says which one they saw.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use axum::http::{HeaderMap, StatusCode, header};
use foldback_model::{
    By, Event, SavedScene, Scene, SceneId, Scenes, Sequence, name, scene::SCENES_MAX,
};
use serde_json::Value;

use crate::{
    call::{Call, Folded},
    problem::Fault,
};

/// What somebody who saves or deletes a scene believes it to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// There is none under this id (`If-None-Match: *`).
    Nothing,
    /// The one that this fact saved (`If-Match: "7"`).
    Revision(Sequence),
}

impl Seen {
    /// Reads the two headers.
    ///
    /// # Errors
    /// 428 when there is neither, 400 when there are both or one cannot be read.
    pub fn read(headers: &HeaderMap) -> Result<Self, Fault> {
        let one = |name: header::HeaderName| -> Result<Option<&str>, Fault> {
            let mut values = headers.get_all(&name).iter();
            let (first, more) = (values.next(), values.next());
            let text = first.map(|value| value.to_str()).transpose().ok().flatten();
            if more.is_some() || (first.is_some() && text.is_none()) {
                return Err(Fault::bad_request(format!("{name} is there once and in ASCII")));
            }
            Ok(text)
        };
        match (one(header::IF_MATCH)?, one(header::IF_NONE_MATCH)?) {
            (Some(tag), None) => {
                let number = tag.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                let number = number.and_then(|it| it.parse().ok()).ok_or_else(|| {
                    Fault::bad_request(
                        "If-Match holds the revision of the scene in quotation marks, as in \"7\"",
                    )
                })?;
                Ok(Self::Revision(Sequence(number)))
            }
            (None, Some("*")) => Ok(Self::Nothing),
            (None, Some(_)) => Err(Fault::bad_request("If-None-Match is * for a new scene")),
            (None, None) => Err(Fault::new(
                StatusCode::PRECONDITION_REQUIRED,
                "preconditionRequired",
                "say which scene you saw: If-None-Match: * for a new one, If-Match with its revision \
                 for one that is there; GET lists them",
            )),
            (Some(_), Some(_)) => {
                Err(Fault::bad_request("If-Match and If-None-Match exclude each other"))
            }
        }
    }

    /// Whether it is so.
    fn check(self, scenes: &Scenes, id: &SceneId) -> Result<(), Fault> {
        let stale = |message: String| {
            Err(Fault::new(StatusCode::PRECONDITION_FAILED, "preconditionFailed", message))
        };
        match (self, scenes.get(id)) {
            (Self::Nothing, None) => Ok(()),
            (Self::Revision(seen), Some(saved)) if saved.revision == seen => Ok(()),
            (_, Some(saved)) => stale(format!(
                "the scene is at revision {} by now: look at it and decide anew",
                saved.revision
            )),
            (Self::Revision(_), None) => stale("the scene was deleted meanwhile".to_owned()),
        }
    }
}

/// The scene's id in a path.
///
/// # Errors
/// 400 when it leaves the alphabet.
pub fn id(text: &str) -> Result<SceneId, Fault> {
    SceneId::new(text).ok_or_else(|| {
        Fault::bad_request("a scene is named by 1 to 64 printable ASCII characters without spaces")
    })
}

/// The name that a body gives a scene, cleaned.
fn name_in(body: &[u8]) -> Result<String, Fault> {
    const SHAPE: &str = "send {\"name\": \"…\"}: 1 to 64 characters that can be seen";
    let Value::Object(mut members) = foldback_wire::read::json(body)? else {
        return Err(Fault::bad_request(format!("$ is no object; {SHAPE}")));
    };
    let text = members.remove("name");
    if let Some(other) = members.keys().next() {
        let other: String = other.chars().take(64).collect();
        return Err(Fault::bad_request(format!("$: {other:?} is not known; {SHAPE}")));
    }
    let Some(Value::String(text)) = text else {
        return Err(Fault::bad_request(format!("$.name is missing or no text; {SHAPE}")));
    };
    let cleaned = name::clean(&text);
    if cleaned.is_empty() || text.chars().count() > name::NAME_MAX {
        return Err(Fault::bad_request(format!("$.name is empty or too long; {SHAPE}")));
    }
    Ok(cleaned)
}

/// Saves the desk as it stands under a name. Tells whether the scene is new.
///
/// # Errors
/// 400 for a wrong name, 409 when there are too many or the call is over, 412 when it is not the scene that was seen, 503
/// when it cannot be recorded.
pub async fn save(
    call: &Call,
    (by, from): (By, IpAddr),
    id: SceneId,
    seen: Seen,
    body: &[u8],
) -> Result<(SavedScene, bool), Fault> {
    let name = name_in(body)?;
    change(call, from, seen, &id, |folded| {
        let state = &folded.state;
        if seen == Seen::Nothing && state.scenes.len() >= SCENES_MAX {
            return Err(Fault::new(
                StatusCode::CONFLICT,
                "tooManyScenes",
                format!("a call holds {SCENES_MAX} scenes at most; delete one first"),
            ));
        }
        let scene = Scene::of(id.clone(), name.clone(), &state.desk, &state.roster);
        Ok((by.clone(), Event::SceneSaved(scene)))
    })
    .await?;
    let saved = call.read().state.scenes.get(&id).cloned();
    // Somebody may have deleted it in the same breath.
    let saved = saved.ok_or_else(|| {
        Fault::new(StatusCode::CONFLICT, "conflict", "it was saved and deleted at once by another")
    })?;
    Ok((saved, seen == Seen::Nothing))
}

/// Deletes a scene.
///
/// # Errors
/// 409 when the call is over, 412 when it is not the scene that was seen, 503 when it cannot be recorded.
pub async fn delete(
    call: &Call,
    (by, from): (By, IpAddr),
    id: SceneId,
    seen: Seen,
) -> Result<(), Fault> {
    change(call, from, seen, &id, |_| Ok((by.clone(), Event::SceneDeleted { scene: id.clone() })))
        .await
}

/// What is over has no desk any more that could be saved, and its facts are complete.
fn still_on(folded: &Folded) -> Result<(), Fault> {
    if !folded.is_over() {
        return Ok(());
    }
    Err(Fault::new(
        StatusCode::CONFLICT,
        "callIsOver",
        "this call is over, and its scenes stay as they are; save them in a call that is open, see \
         /foldback/v1/calls",
    ))
}

/// Appends one event, unless the call is over or the scene is another than was seen.
async fn change(
    call: &Call,
    from: IpAddr,
    seen: Seen,
    id: &SceneId,
    make: impl Fn(&Folded) -> Result<(By, Event), Fault>,
) -> Result<(), Fault> {
    let refused = Mutex::new(None);
    let judged = |folded: &Folded| {
        let change = still_on(folded)
            .and_then(|()| seen.check(&folded.state.scenes, id))
            .and_then(|()| make(folded));
        let mut refused = refused.lock().unwrap_or_else(PoisonError::into_inner);
        match change {
            Ok(change) => {
                *refused = None;
                vec![change]
            }
            Err(fault) => {
                *refused = Some(fault);
                Vec::new()
            }
        }
    };
    call.append_from(Some(from), judged).await.map_err(|_| Fault::journal())?;
    refused.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

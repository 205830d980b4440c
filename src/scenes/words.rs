//! Scenes in words. Pure.

use foldback_model::{By, DuckingChoice, Scene, scene::SceneLayer};

/// What a scene holds: everyone's layer first.
pub fn summary(scene: &Scene) -> String {
    let mut parts = Vec::new();
    let mut own = 0;
    for layer in &scene.layers {
        if layer.listener.is_none() {
            parts.push(format!("Everyone: {}", says(layer)));
        } else {
            own += 1;
        }
    }
    match own {
        0 => {}
        1 => parts.push("1 listener has a mix of their own".to_owned()),
        n => parts.push(format!("{n} listeners have mixes of their own")),
    }
    if parts.is_empty() {
        "Everybody hears everybody at 100\u{202F}%".to_owned()
    } else {
        parts.join(". ")
    }
}

fn says(layer: &SceneLayer) -> String {
    let mut parts = Vec::new();
    let levels = layer.cells.iter().filter(|cell| cell.level.is_some()).count();
    if levels > 0 {
        parts.push(format!("{levels} level{}", if levels == 1 { "" } else { "s" }));
    }
    match layer.ducking {
        Some(DuckingChoice::On(it)) => {
            parts.push(format!("ducking to {}\u{202F}%", it.lower_level));
        }
        Some(DuckingChoice::Off) => parts.push("no ducking".to_owned()),
        None => {}
    }
    if layer.exclusive == Some(true) {
        parts.push("nobody else is heard".to_owned());
    }
    if parts.is_empty() { "as it comes".to_owned() } else { parts.join(", ") }
}

/// What a recall would do.
pub fn effect(n_changes: usize, n_gone: usize) -> String {
    let changes = match n_changes {
        0 => "Heard now".to_owned(),
        1 => "1 change from now".to_owned(),
        n => format!("{n} changes from now"),
    };
    match n_gone {
        0 => changes,
        1 => format!("{changes}; 1 person in it is not here"),
        n => format!("{changes}; {n} people in it are not here"),
    }
}

/// Who saved it.
pub fn author(by: &By) -> String {
    match by {
        By::Operator { name, .. } => format!("Saved by {name}"),
        By::Foldback | By::Service => "Saved by Foldback".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use foldback_model::{Ducking, PersonKey, SceneId, scene::SceneCell};

    use super::*;

    fn scene(layers: Vec<SceneLayer>) -> Scene {
        Scene { id: SceneId::new("s").unwrap(), name: "Q&A".into(), layers }
    }

    #[test]
    fn a_scene_is_told_by_what_it_says() {
        let person = PersonKey { tenant: String::new(), kind: "user".into(), id: "ada".into() };
        let cell = SceneCell { source: person.clone(), level: Some(3), ducks_others: None };
        let own = SceneLayer { listener: Some(person), ..SceneLayer::default() };
        let ducking = Some(DuckingChoice::On(Ducking::VOICE_OVER));
        let base = SceneLayer { cells: vec![cell], ducking, ..SceneLayer::default() };
        assert_eq!(summary(&scene(Vec::new())), "Everybody hears everybody at 100\u{202F}%");
        assert_eq!(
            summary(&scene(vec![base.clone()])),
            "Everyone: 1 level, ducking to 30\u{202F}%"
        );
        assert_eq!(
            summary(&scene(vec![base, own.clone(), own])),
            "Everyone: 1 level, ducking to 30\u{202F}%. 2 listeners have mixes of their own"
        );
        let alone = SceneLayer { exclusive: Some(true), ..SceneLayer::default() };
        assert_eq!(summary(&scene(vec![alone])), "Everyone: nobody else is heard");
    }

    #[test]
    fn a_recall_is_told_before_it_happens() {
        assert_eq!(effect(0, 0), "Heard now");
        assert_eq!(effect(1, 1), "1 change from now; 1 person in it is not here");
        assert_eq!(effect(12, 2), "12 changes from now; 2 people in it are not here");
    }
}

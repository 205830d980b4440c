//! Which lines of a request the newest gesture changed. Pure.

use foldback_model::{Ducking, DuckingChoice, ParticipantId};

use super::{edits::Wish, history::Deed};

/// What a gesture changed, by the members of a configureMixer body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Sources and a member of theirs.
    cells: Vec<(ParticipantId, &'static str)>,
    /// Members that a listener's entry or its ducking has once.
    settings: Vec<&'static str>,
}

impl Marks {
    /// What a step changed.
    pub fn of(deed: &Deed) -> Self {
        let mut marks = Self::default();
        let Deed::Mix { before, after } = deed else { return marks };
        for (before, after) in before.iter().zip(after).filter(|(before, after)| before != after) {
            match (before, after) {
                (_, Wish::Level(source, _)) => marks.cells.push((source.clone(), "level")),
                (_, Wish::DucksOthers(source, _)) => {
                    marks.cells.push((source.clone(), "duckOthers"));
                }
                (_, Wish::Exclusive(_)) => marks.settings.extend(["exclusive", "exclusiveMode"]),
                (Wish::Ducking(before), Wish::Ducking(after)) => {
                    let settings =
                        |it: &Option<DuckingChoice>| it.and_then(DuckingChoice::settings);
                    marks.settings.extend(differing(settings(before), settings(after)));
                }
                _ => {}
            }
        }
        marks
    }

    /// A body, two-space pretty-printed, in pieces of so many lines, each in runs of lines that are
    /// marked or not; joined they are the body.
    pub fn pieces(&self, json: &str, piece_lines: usize) -> Vec<Runs> {
        let mut pieces: Vec<Runs> = Vec::new();
        let mut participant = "";
        for (at, line) in json.split_inclusive('\n').enumerate() {
            let (member, value) = line.trim().split_once(": ").unwrap_or_default();
            let member = member.trim_matches('"');
            if member == "participant" {
                participant = value.trim_end_matches(',').trim_matches('"');
            }
            let is_marked = self.settings.contains(&member)
                || self.cells.iter().any(|(id, of)| *of == member && id.as_str() == participant);
            if at % piece_lines == 0 {
                pieces.push(Runs::new());
            }
            let Some(runs) = pieces.last_mut() else { continue };
            match runs.last_mut() {
                Some((run, marked)) if *marked == is_marked => run.push_str(line),
                _ => runs.push((line.to_owned(), is_marked)),
            }
        }
        pieces
    }
}

/// Text, and whether it is marked.
pub type Runs = Vec<(String, bool)>;

/// Members of ducking that are not the same in both.
fn differing(before: Option<Ducking>, after: Option<Ducking>) -> Vec<&'static str> {
    let values = |it: Option<Ducking>| {
        it.map(|it| {
            [it.ramp_active, it.ramp_inactive, it.lower_level.into(), it.upper_level.into()]
        })
    };
    let (before, after) = (values(before), values(after));
    let members =
        ["rampActive", "rampInactive", "lowerLevel", "upperLevel"].into_iter().enumerate();
    let differs =
        |at: usize| before.map(|it| it.get(at).copied()) != after.map(|it| it.get(at).copied());
    members.filter(|(at, _)| differs(*at)).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{
  "clientContext": "c",
  "participantMixerLevels": [
    {
      "participant": "ana",
      "exclusive": false,
      "ducking": {
        "rampActive": 280,
        "lowerLevel": 40
      },
      "sourceLevels": [
        {
          "participant": "bob",
          "level": 50,
          "duckOthers": false
        },
        {
          "participant": "cyd",
          "level": 20,
          "duckOthers": true
        }
      ]
    }
  ]
}"#;

    fn marked(before: Wish, after: Wish) -> Vec<String> {
        let marks = Marks::of(&Deed::Mix { before: vec![before], after: vec![after] });
        let runs = |lines| marks.pieces(BODY, lines).into_iter().flatten().collect::<Runs>();
        for lines in [1, 7, 1000] {
            let text: String = runs(lines).into_iter().map(|(text, _)| text).collect();
            assert_eq!(text, BODY);
        }
        runs(1000)
            .into_iter()
            .filter(|(_, marked)| *marked)
            .map(|(it, _)| it.trim().to_owned())
            .collect()
    }

    #[test]
    fn pieces_are_the_text() {
        let marks = Marks::default();
        assert_eq!(marks.pieces("", 100), Vec::<Runs>::new());
        assert_eq!(marks.pieces("{}", 100), [[("{}".to_owned(), false)]]);
        let text = "a\n".repeat(200) + "b";
        let pieces = marks.pieces(&text, 100);
        let joined: String = pieces.iter().flatten().map(|(text, _)| text.as_str()).collect();
        assert_eq!((pieces.len(), joined), (3, text));
    }

    #[test]
    fn a_gesture_marks_what_it_changed_and_nothing_else() {
        let id = |text| ParticipantId::parse(text).unwrap();
        assert_eq!(
            marked(Wish::Level(id("bob"), None), Wish::Level(id("bob"), Some(50))),
            ["\"level\": 50,"]
        );
        assert_eq!(
            marked(Wish::DucksOthers(id("cyd"), None), Wish::DucksOthers(id("cyd"), Some(true))),
            ["\"duckOthers\": true"]
        );
        assert_eq!(
            marked(Wish::Exclusive(Some(true)), Wish::Exclusive(Some(false))),
            ["\"exclusive\": false,"]
        );
        let on = |lower_level| {
            let settings = Ducking { lower_level, ..Ducking::VOICE_OVER };
            Wish::Ducking(Some(DuckingChoice::On(settings)))
        };
        assert_eq!(marked(on(30), on(40)), ["\"lowerLevel\": 40"]);
        assert_eq!(marked(on(30), on(30)), [""; 0]);
        let all = marked(Wish::Ducking(None), on(40));
        assert_eq!(all, ["\"rampActive\": 280,\n        \"lowerLevel\": 40"]);
    }
}

//! One entry of the log, and what it is in words.

use foldback_json::{Node, Read};

use crate::app::notice::moment;

/// Who did it; none when Foldback did by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Operator(String);

impl Read for Operator {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        node.field("name").map(Self)
    }
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    cursor: String,
    at: u64,
    operator: Option<Operator>,
    /// The address it came from.
    pub from: Option<String>,
    kind: String,
    names: Vec<String>,
    n_targets: usize,
    outcome: String,
    ended_at: Option<u64>,
    message: Option<String>,
    detail: Option<String>,
}

impl Read for Entry {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let targets: Vec<String> = node.field_or_default("targets")?;
        Ok(Self {
            cursor: node.field("cursor")?,
            at: node.field("at")?,
            operator: node.field("operator")?,
            from: node.field("from")?,
            kind: node.field("kind")?,
            names: node.field_or_default("names")?,
            n_targets: targets.len(),
            outcome: node.field("outcome")?,
            ended_at: node.field("endedAt")?,
            message: node.field("message")?,
            // The scene or person by name, the role; of all else the files have the whole.
            detail: node.member("detail").and_then(|detail| {
                let text = |name| detail.member(name).and_then(|it| it.text().ok());
                let found = text("name").or_else(|| text("role")).or_else(|| text("operator"));
                found.map(str::to_owned)
            }),
        })
    }
}

/// Entries, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Those that fit.
    pub entries: Vec<Entry>,
    /// There are others.
    pub has_more: bool,
}

impl Read for Page {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let next: Option<String> = node.field("next")?;
        Ok(Self { entries: node.field("entries")?, has_more: next.is_some() })
    }
}

impl Entry {
    /// Names it while it stands in the list; an outcome that came later makes it another.
    pub fn key(&self) -> String {
        format!("{} {}", self.cursor, self.outcome)
    }

    /// When, in the operator's own zone.
    pub fn when(&self) -> String {
        moment(self.at)
    }

    /// Who did it.
    pub fn who(&self) -> &str {
        self.operator.as_ref().map_or("Foldback", |it| &it.0)
    }

    /// What was done.
    pub fn what(&self) -> String {
        let detail = self.detail.as_deref().unwrap_or_default();
        let verb = match self.kind.as_str() {
            "mute" => "muted",
            "muteSelf" => "muted Foldback itself",
            "unmuteSelf" => "unmuted Foldback itself",
            "configureMixer" => "set the mix",
            "saveScene" => return format!("saved a scene: {detail}"),
            // Entries of before name none.
            "deleteScene" if detail.is_empty() => "deleted a scene",
            "deleteScene" => return format!("deleted a scene: {detail}"),
            "openCall" if self.outcome == "failed" => "tried to join a call",
            "openCall" => "joined the call",
            "setCallAccess" => "changed who may see it",
            "leaveCall" => "left the call",
            "signIn" if self.outcome == "failed" => "tried to sign in",
            "signIn" => return format!("signed in as {detail}"),
            "signOut" => "signed out",
            "revoke" => "ended all sessions",
            other => other,
        };
        verb.to_owned()
    }

    /// Whom it was about.
    pub fn whom(&self) -> String {
        match (self.names.as_slice(), self.n_targets, &self.detail) {
            ([], 0, Some(person)) if self.kind == "revoke" => person.clone(),
            ([], 0, _) => String::new(),
            ([], n, _) => format!("{n} people"),
            (names, ..) => names.join(", "),
        }
    }

    /// What became of it, and how long that took.
    pub fn result(&self) -> String {
        let took = self.ended_at.map(|end| end.saturating_sub(self.at));
        let took = took.filter(|ms| *ms > 0).map_or_else(String::new, |ms| format!(", {ms} ms"));
        match &self.message {
            Some(message) if !message.is_empty() => format!("{}{took}: {message}", self.outcome),
            _ => format!("{}{took}", self.outcome),
        }
    }

    /// Symbol and tone of what became of it.
    pub fn mark(&self) -> (&'static str, &'static str) {
        match self.outcome.as_str() {
            "completed" => ("check", "good"),
            "failed" => ("triangle", "bad"),
            "pending" => ("ring", "pending"),
            _ => ("question", "pending"),
        }
    }

    /// All of it, to be searched.
    pub fn words(&self) -> String {
        let from = self.from.as_deref().unwrap_or_default();
        [self.who(), &self.what(), &self.whom(), &self.result(), from].join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_told_in_words() {
        let page: Page = foldback_json::read(
            r#"{"entries":[
                {"cursor":"17.0","at":1000,"operator":{"id":"a","name":"Ada King"},"from":"203.0.113.9",
                 "kind":"mute","targets":["p1"],"names":["Grace Hopper"],"gesture":null,
                 "outcome":"failed","endedAt":1180,"status":403,"code":"c","message":"Not allowed.","detail":null},
                {"cursor":"18.0","at":2000,"operator":null,"from":null,"kind":"configureMixer",
                 "targets":["p1","p2"],"names":[],"outcome":"completed","endedAt":2000},
                {"cursor":"19.0","at":3000,"operator":{"id":"a","name":"Ada King"},"from":null,
                 "kind":"saveScene","outcome":"completed","detail":{"scene":"s1","name":"Q&A"}},
                {"cursor":"20.0","at":4000,"operator":null,"from":null,
                 "kind":"setCallAccess","outcome":"completed","detail":{"openTo":"viewer"}},
                {"cursor":"0.1","at":5000,"operator":{"id":"a","name":"Ada King"},"from":null,
                 "kind":"signIn","outcome":"completed","detail":{"role":"producer"}},
                {"cursor":"0.2","at":5000,"operator":{"id":"a","name":"Ada King"},"from":null,
                 "kind":"revoke","outcome":"completed","detail":{"operator":"g","name":"Grace Hopper"}},
                {"cursor":"21.0","at":6000,"operator":{"id":"a","name":"Ada King"},"from":null,
                 "kind":"deleteScene","outcome":"completed","detail":{"scene":"s1","name":"Q&A"}},
                {"cursor":"22.0","at":6000,"operator":{"id":"a","name":"Ada King"},"from":null,
                 "kind":"deleteScene","outcome":"completed","detail":{"scene":"s1"}}],
                "next":"19.0"}"#,
        )
        .unwrap();
        assert!(page.has_more);
        let [mute, mix, scene, access, came, ended, deleted, nameless] = page.entries.as_slice()
        else {
            panic!("eight entries")
        };
        assert_eq!(deleted.what(), "deleted a scene: Q&A");
        assert_eq!(nameless.what(), "deleted a scene");
        assert_eq!(came.what(), "signed in as producer");
        assert_eq!(
            (ended.what().as_str(), ended.whom().as_str()),
            ("ended all sessions", "Grace Hopper")
        );
        assert_eq!(access.what(), "changed who may see it");
        assert_eq!(
            (mute.who(), mute.what().as_str(), mute.whom().as_str()),
            ("Ada King", "muted", "Grace Hopper")
        );
        assert_eq!(mute.result(), "failed, 180 ms: Not allowed.");
        assert_eq!(
            (mix.who(), mix.whom().as_str(), mix.result().as_str()),
            ("Foldback", "2 people", "completed")
        );
        assert_eq!(
            (scene.what().as_str(), scene.mark()),
            ("saved a scene: Q&A", ("check", "good"))
        );
        assert!(mute.words().contains("203.0.113.9"));
    }
}

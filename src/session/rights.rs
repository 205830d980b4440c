//! What the operator's role allows. The proxy decides; the panel says beforehand, where it would be
//! refused.

use foldback_json::{Node, Read};

/// What can be asked for, by the proxy's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Muting somebody.
    Mute,
    /// Setting mixes, and what is kept of them.
    Mix,
    /// Joining a call.
    Join,
    /// Leaving one.
    Leave,
    /// Reading who did what.
    Audit,
}

impl Right {
    fn action(self) -> &'static str {
        match self {
            Self::Mute => "muteParticipant",
            Self::Mix => "configureMixer",
            Self::Join => "openCall",
            Self::Leave => "leaveCall",
            Self::Audit => "audit",
        }
    }
}

/// The actions that take another role, each with that role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    role: String,
    needs: Vec<(String, String)>,
}

impl Rights {
    /// The role in a word; empty where the proxy says none.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// Why the role does not allow a deed; none when it does.
    pub fn hindrance(&self, deed: Right) -> Option<&'static str> {
        let (_, role) = self.needs.iter().find(|(action, _)| action == deed.action())?;
        Some(match role.as_str() {
            "moderator" => "your role does not allow it; it needs a moderator",
            "producer" => "your role does not allow it; it needs a producer",
            _ => "your role does not allow it; it needs an administrator",
        })
    }
}

impl Read for Rights {
    fn read(node: &Node<'_>) -> Result<Self, foldback_json::Error> {
        let mut needs = Vec::new();
        // A proxy that says nothing of roles allows everything.
        if let Some(node) = node.member("needs") {
            for (action, role) in node.members()? {
                needs.push((action.clone().into_owned(), role.text()?.to_owned()));
            }
        }
        Ok(Self { role: node.field_or_default("role")?, needs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hindrance_names_the_role_that_is_needed() {
        let read = |text| foldback_json::read::<Rights>(text).unwrap();
        let viewer = read(
            r#"{"role":"viewer","needs":{"configureMixer":"producer","muteParticipant":"moderator"}}"#,
        );
        assert!(viewer.hindrance(Right::Mute).unwrap().ends_with("a moderator"));
        assert!(viewer.hindrance(Right::Mix).unwrap().ends_with("a producer"));
        assert_eq!(viewer.hindrance(Right::Join), None);
        assert_eq!(viewer.role(), "viewer");
        assert_eq!(read("{}"), Rights::default());
    }
}

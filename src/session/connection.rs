//! How the panel stands with the proxy, in one word and one shape.

/// How the panel stands with the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// First contact is being made.
    Connecting,
    /// Facts arrive as they happen.
    Live,
    /// The stream broke; what is shown is as old as that.
    Lost {
        /// When it broke, in UTC milliseconds.
        since_ms: u64,
        /// Milliseconds from that attempt to the next one; 0 while it is being made.
        retry_in_ms: u32,
    },
    /// Nobody is signed in.
    SignedOut,
    /// The call is not open to the operator, or not any more.
    Shut,
    /// The call is over.
    Ended,
}

impl Connection {
    /// One word for the top bar.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Live => "Connected",
            Self::Lost { .. } => "Offline",
            Self::SignedOut => "Signed out",
            Self::Shut => "No access",
            Self::Ended => "Call ended",
        }
    }

    /// Commands can leave now.
    pub fn is_live(self) -> bool {
        self == Self::Live
    }
}

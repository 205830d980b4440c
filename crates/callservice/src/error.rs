//! What can go wrong: an option out of its limits, a command that cannot be carried out, a socket.

/// A refusal of the engine or a failure to start the HTTP face.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An option lies outside its limit.
    #[error("{option}: {value} is not allowed; {limit}")]
    Option {
        /// Name as on the command line, for example `participants`.
        option: &'static str,
        /// The value found.
        value: String,
        /// The limit in words.
        limit: &'static str,
    },
    /// No such call, or it has ended.
    #[error("call not found")]
    UnknownCall,
    /// Nobody in the call has this id.
    #[error("participant {0} not found")]
    UnknownParticipant(String),
    /// No operation of the call has this id, or it is forgotten.
    #[error("operation {0} not found")]
    UnknownOperation(String),
    /// The ACS call is not connected yet.
    #[error("the call is not connected yet; wait for CallConnected")]
    Connecting,
    /// The ACS call is ending.
    #[error("the call has been hung up or ended and is disconnecting")]
    Disconnecting,
    /// No audio routing group of the call has this id.
    #[error("audio routing group {0} not found")]
    UnknownGroup(String),
    /// One person was called, and the command needs a group.
    #[error("this is a call of two; the command needs a group call")]
    NotAGroupCall,
    /// The app waits in the lobby, and the command needs a call that is established.
    #[error("the call is not established: the app waits in the lobby until somebody lets it in")]
    NotEstablished,
    /// The command makes no sense for this person now; the words say why.
    #[error("{0}")]
    NotPossible(String),
    /// The app has as many calls as it may.
    #[error("the app has {0} active calls, which is the most it may have; end one")]
    TooManyCalls(usize),
    /// The HTTP face listens on loopback addresses only.
    #[cfg(feature = "http")]
    #[error("{0} is not a loopback address; the call service has no transport security")]
    NotLoopback(std::net::SocketAddr),
    /// The address cannot be listened on.
    #[cfg(feature = "http")]
    #[error("cannot listen on {address}; another port may be free, port 0 takes one")]
    Listen {
        /// The address wanted.
        address: std::net::SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The callback is not an address notifications can be posted to.
    #[cfg(feature = "http")]
    #[error("callback {address:?}: {reason}")]
    Callback {
        /// As given.
        address: String,
        /// What is wrong and what is accepted.
        reason: &'static str,
    },
    /// The system gave no randomness for the client secret.
    #[cfg(feature = "http")]
    #[error("the system gives no randomness: {0}")]
    Randomness(getrandom::Error),
    /// The thread that makes the signing keys could not be started.
    #[cfg(feature = "http")]
    #[error("cannot start the thread that makes the signing keys")]
    Thread(#[source] std::io::Error),
    /// A fault given at the start makes no sense.
    #[cfg(feature = "http")]
    #[error("fault {order}: {reason}")]
    Fault {
        /// As given.
        order: String,
        /// What is wrong and what is allowed.
        reason: String,
    },
    /// The client that posts notifications could not be made.
    #[cfg(feature = "http")]
    #[error("cannot make the client for notifications")]
    Client(#[source] reqwest::Error),
}

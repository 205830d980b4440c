//! The gate of a request, and what it costs whom.

use std::{net::IpAddr, sync::Arc};

use axum::http::{StatusCode, header, request::Parts};

use crate::{
    app::App,
    bearer::{self, Cors},
    problem::{Face, Fault},
    routes::Action,
    session::Session,
};

/// Names the operator whom a page believes to be signed in, by id.
const OPERATOR: &str = "foldback-operator";

/// How a request passed the gate.
pub(super) enum Passed {
    /// As this operator, where one is needed.
    As(Option<Arc<Session>>),
    /// A browser asks whether it may send one.
    ToAsk,
}

/// What a request costs the address it comes from. A sign-in has the issuer asked.
pub(super) fn cost(action: Action) -> u32 {
    match action {
        Action::SignIn | Action::SignInBack => 25,
        _ => 1,
    }
}

/// Whoever is refused pays by address, a session for itself: an office of many panels has many shares,
/// and who floods from it takes nothing away from them.
pub(super) async fn pass(
    app: &App,
    head: &Parts,
    face: Face,
    cors: Option<&Cors>,
    from: IpAddr,
) -> Result<Passed, Fault> {
    let refused = |fault| app.edge.refused(from, fault);
    app.gate.host(&head.headers, face).map_err(refused)?;
    if !face.is_gated() {
        return Ok(Passed::As(None));
    }
    match cors {
        Some(cors) if cors.is_preflight() => {
            app.edge.pay(from, 1)?;
            return Ok(Passed::ToAsk);
        }
        Some(_) => {}
        None => app.gate.origin(&head.headers).map_err(refused)?,
    }
    let session = if head.headers.contains_key(header::AUTHORIZATION) {
        // A signature takes time to look at.
        app.edge.can_pay(from)?;
        bearer::session(app, &head.headers).await
    } else {
        app.gate.session(&app.sessions, &head.method, &head.headers)
    };
    let session = session.map_err(refused)?;
    app.edge.pay_as(&session)?;
    // A page that somebody else opened in this browser is to act, and to look, for nobody but them.
    if let Some(believed) = head.headers.get(OPERATOR)
        && believed.as_bytes() != session.operator.id.as_str().as_bytes()
    {
        return Err(Fault::new(
            StatusCode::CONFLICT,
            "anotherOperator",
            "somebody else is signed in here by now; nothing was done; load the page anew",
        ));
    }
    Ok(Passed::As(Some(session)))
}

//! Leaving a call: the service is asked, and the journal says who did.

use std::{net::IpAddr, sync::PoisonError};

use axum::http::StatusCode;
use foldback_model::{By, Outcome};
use serde_json::Value;

use super::join;
use crate::{
    app::App,
    audit::{Deed, Kind, Noted, Trace},
    call::{Call, now},
    problem::Fault,
    reconcile::read,
    upstream::Failure,
};

/// Has the app leave; the others stay. The call is over here afterwards, and not opened again.
///
/// # Errors
/// 404 when it is over already, what the service refused, or that nobody knows whether it was left:
/// the next reading tells then.
pub async fn leave(app: &App, call: &Call, by: By, from: IpAddr) -> Result<(), Fault> {
    // Whoever comes second must not be taken for whoever leaves.
    let _one_at_a_time = call.changing.lock().await;
    if call.read().is_over() {
        return Err(Fault::new(StatusCode::NOT_FOUND, "8522", "this call is over"));
    }
    let noted = Noted::write(app, deed(call, by.clone(), from)).await?;
    let leaving = |who| *call.leaving.lock().unwrap_or_else(PoisonError::into_inner) = who;
    leaving(Some((by, Some(from))));
    match join::hang_up(app, &call.key).await {
        Ok(()) => {}
        // It was over, and whoever asked has what they want.
        Err(Failure::Refused { status: StatusCode::NOT_FOUND, .. }) => leaving(None),
        Err(failure) => {
            tracing::warn!(call = %call.key, %failure, "a call was not left");
            // What cannot be read now is read soon, and is this operator's doing if it is over.
            let read = !failure.is_unknown() || read::call(app, call).await.is_ok();
            if call.read().is_over() {
                noted.ended(Outcome::Completed).await;
                return Ok(());
            }
            let fault = failure.fault();
            if read {
                leaving(None);
                noted.ended(fault.failed()).await;
            }
            call.doubt.notify_one();
            return Err(fault);
        }
    }
    noted.ended(Outcome::Completed).await;
    read::over(call).await.map_err(|_| Fault::unrecorded())
}

/// What is written down before the service is asked. It has no end as long as nobody knows.
fn deed(call: &Call, by: By, from: IpAddr) -> Deed {
    Deed {
        call: Some(call.key.clone()),
        at: now(),
        by,
        trace: Trace { from: Some(from), ..Trace::default() },
        kind: Kind::LeaveCall,
        outcome: None,
        detail: Value::Null,
    }
}

//! Answers and bodies: the small shapes that handlers share.

use std::{io::Write as _, sync::OnceLock, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use bytes::{Bytes, BytesMut};
use flate2::{Compression, write::GzEncoder};
use http_body_util::BodyExt as _;
use serde::Serialize;

use crate::{
    assets::accepts,
    headers::ROOM,
    problem::{Face, Fault},
};

/// How much more than its limit of a body is read and thrown away, so that the sender gets to read
/// why it was refused.
const DISCARD: usize = 16 * 1024 * 1024;

/// Bytes from which an answer is worth packing.
const PACKED_FROM: usize = 8 * 1024;

/// Reads a body up to `limit` bytes, which has to be there `within` this time.
///
/// # Errors
/// 413 above the limit, 408 when it comes too slowly, 400 when it breaks off.
pub async fn collect(
    headers: &HeaderMap,
    mut body: Body,
    limit: usize,
    within: Duration,
) -> Result<Bytes, Fault> {
    let too_large = || {
        Fault::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "payloadTooLarge",
            format!("a body here has at most {limit} bytes; send it in parts"),
        )
    };
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let announced = announced.and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    let read = async {
        let mut collected = BytesMut::new();
        let mut size = 0_usize;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Fault::bad_request("the body broke off"))?;
            let Ok(data) = frame.into_data() else { continue };
            size = size.saturating_add(data.len());
            if size <= limit {
                collected.extend_from_slice(&data);
            } else if size > limit.saturating_add(DISCARD) {
                break;
            }
        }
        if size > limit { Err(too_large()) } else { Ok(collected.freeze()) }
    };
    if announced > limit.saturating_add(DISCARD) {
        return Err(too_large());
    }
    tokio::time::timeout(within, read).await.map_err(|_| {
        let words = format!("the body was not there within {within:?}; send it anew");
        Fault::new(StatusCode::REQUEST_TIMEOUT, "requestTimeout", words)
    })?
}

/// A status alone.
pub fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let mut headers = HeaderMap::with_capacity(ROOM);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    *response.headers_mut() = headers;
    response
}

/// Gives the browser a cookie.
pub fn set_cookie(response: &mut Response<Body>, cookie: &str) {
    if let Ok(mut value) = HeaderValue::from_str(cookie) {
        value.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// A JSON body.
pub fn json_answer(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    match serde_json::to_vec(body) {
        Ok(body) => {
            let mut response = empty(status);
            *response.body_mut() = Body::from(body);
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            response
        }
        Err(error) => unwritten(&error),
    }
}

/// A large JSON body, packed where whoever asks takes that: a roster of a thousand people is a third of
/// a megabyte, of which a twelfth is left. It holds nothing secret that somebody could guess at by its
/// size. It is written once and packed once, whoever and however many ask for it.
#[derive(Debug)]
pub struct Packed {
    plain: Bytes,
    packed: OnceLock<Option<Bytes>>,
}

impl Packed {
    /// Writes it; nothing is packed yet.
    ///
    /// # Errors
    /// When `body` is no JSON.
    pub fn new(body: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self { plain: serde_json::to_vec(body)?.into(), packed: OnceLock::new() })
    }

    /// As whoever sent these headers takes it.
    pub fn answer(&self, asked: &HeaderMap) -> Response<Body> {
        let may_pack = self.plain.len() >= PACKED_FROM && accepts(asked, "gzip");
        let packed = may_pack.then(|| self.packed.get_or_init(|| pack(&self.plain)).clone());
        let mut response = empty(StatusCode::OK);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        *response.body_mut() = match packed.flatten() {
            Some(packed) => {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                Body::from(packed)
            }
            None => Body::from(self.plain.clone()),
        };
        response
    }
}

/// Packing in memory does not fail; were it to, the plain form is as good.
fn pack(plain: &[u8]) -> Option<Bytes> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(plain).and_then(|()| packer.finish()).ok().map(Bytes::from)
}

/// The answer for something that could not be written as JSON.
pub fn unwritten(error: &serde_json::Error) -> Response<Body> {
    tracing::error!(%error, "an answer cannot be written");
    Fault::internal().respond(Face::Foldback)
}

/// A small page of our own.
pub fn page(status: StatusCode, title: &str, text: &str) -> Response<Body> {
    let mut response = empty(status);
    *response.body_mut() = Body::from(format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Foldback</title>\n<h1>{title}</h1>\n<p>{text}</p>\n"
    ));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

//! `POST /tokens/` of the rest host: short-lived tokens that a web page may hold in the place of the key.

use std::time::Duration;

use aws_lc_rs::hmac;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::auth::Payer;
use crate::error::Error;
use crate::shared::SharedState;
use crate::state_dir::StateDir;
use crate::{auth, body, json_object, secret};

/// `{"alg":"HS256","typ":"JWT"}`
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
/// Seconds; what both official clients ask for.
const USUAL_LIFE: u64 = 120;

/// Signs the tokens and knows them again, as JSON web tokens (RFC 7519), which is what fal calls them.
pub(crate) struct BrowserTokens {
    key: hmac::Key,
}

/// What a token says.
#[derive(Serialize, Deserialize)]
struct Claims {
    /// The public half of the key that it stands for.
    sub: Option<String>,
    /// The aliases that may be called: `kling-video`, for whatever owner and path.
    allowed_apps: Vec<String>,
    /// Unix time in seconds.
    exp: i64,
}

/// What a token is asked for with.
#[derive(Deserialize)]
struct Wish {
    allowed_apps: Vec<String>,
    /// Seconds.
    #[serde(default = "usual_life")]
    token_expiration: u64,
}

fn usual_life() -> u64 {
    USUAL_LIFE
}

/// A token, as a JSON string.
pub(crate) async fn token(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    shared.keys.check(&headers)?;
    let bytes = body::whole(body).await?;
    let wish: Wish = json_object::read(&bytes).map_err(|error| invalid(&error.to_string()))?;
    let claims = Claims {
        sub: auth::key_id(&headers),
        allowed_apps: wish.allowed_apps,
        exp: shared.clock.after(Duration::from_secs(wish.token_expiration)).as_second(),
    };
    Ok(body::json(StatusCode::OK, &shared.browser_tokens.sign(&claims).into()))
}

fn invalid(message: &str) -> Response {
    let fault = json!({ "loc": ["body"], "msg": message, "type": "value_error" });
    body::json(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "detail": [fault] }))
}

/// The token of a call.
pub(super) fn in_query(query: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "fal_jwt_token").then(|| value.into_owned()))
}

impl BrowserTokens {
    pub(crate) fn open(state: &StateDir) -> Result<Self, Error> {
        let key = secret::kept(state, "token-key")?;
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key) })
    }

    fn sign(&self, claims: &Claims) -> String {
        let signed = format!("{HEADER}.{}", BASE64URL_NOPAD.encode(json!(claims).to_string().as_bytes()));
        let tag = hmac::sign(&self.key, signed.as_bytes());
        format!("{signed}.{}", BASE64URL_NOPAD.encode(tag.as_ref()))
    }

    /// Who pays for a call of this endpoint with this token now.
    #[expect(clippy::result_large_err, reason = "the error is the answer, sent at once")]
    pub(super) fn payer(&self, token: &str, endpoint_id: &str, now: Timestamp) -> Result<Payer, Response> {
        let alias = endpoint_id.split('/').nth(1).unwrap_or_default();
        let claims = self.claims(token).filter(|claims| now.as_second() < claims.exp);
        match claims.filter(|claims| claims.allowed_apps.iter().any(|app| app == alias)) {
            Some(claims) => Ok(Payer { key_id: claims.sub }),
            None => Err(body::detail(StatusCode::UNAUTHORIZED, "Invalid or expired token")),
        }
    }

    fn claims(&self, token: &str) -> Option<Claims> {
        let (signed, tag) = token.rsplit_once('.')?;
        let tag = BASE64URL_NOPAD.decode(tag.as_bytes()).ok()?;
        hmac::verify(&self.key, signed.as_bytes(), &tag).ok()?;
        let (_, claims) = signed.split_once('.')?;
        serde_json::from_slice(&BASE64URL_NOPAD.decode(claims.as_bytes()).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KLING: &str = "fal-ai/kling-video/v2.1/pro/image-to-video";

    fn tokens(secret: u8) -> BrowserTokens {
        BrowserTokens { key: hmac::Key::new(hmac::HMAC_SHA256, &[secret; 32]) }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("is a time")
    }

    #[test]
    fn a_token_is_good_for_its_apps_until_its_end() {
        let claims = Claims { sub: Some("id".to_owned()), allowed_apps: vec!["kling-video".to_owned()], exp: 100 };
        let token = tokens(7).sign(&claims);
        let payer = |token: &str, endpoint_id: &str, now| tokens(7).payer(token, endpoint_id, at(now)).ok();
        assert_eq!(payer(&token, KLING, 99).and_then(|payer| payer.key_id).as_deref(), Some("id"));
        assert!(payer(&token, KLING, 100).is_none());
        assert!(payer(&token, "fal-ai/minimax", 99).is_none());
        assert!(tokens(8).payer(&token, KLING, at(99)).is_err(), "another emulator's");
    }

    #[test]
    fn nobody_else_can_make_one() {
        let claims = Claims { sub: None, allowed_apps: vec!["kling-video".to_owned()], exp: 100 };
        let (good, later) = (tokens(7).sign(&claims), tokens(7).sign(&Claims { exp: 999, ..claims }));
        let (_, tag) = good.rsplit_once('.').expect("has a signature");
        let (signed, _) = later.rsplit_once('.').expect("has a signature");
        for forged in [&format!("{signed}.{tag}"), signed, "", "..", "a.b.c"] {
            assert!(tokens(7).payer(forged, KLING, at(99)).is_err(), "{forged}");
        }
    }

    #[test]
    fn the_header_is_that_of_a_signed_web_token() {
        let header = BASE64URL_NOPAD.decode(HEADER.as_bytes()).expect("is base64url");
        assert_eq!(header, br#"{"alg":"HS256","typ":"JWT"}"#);
    }
}

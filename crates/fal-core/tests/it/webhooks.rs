//! Webhooks: only what fal signed, for this account, just now.

use fal_core::ErrorType;
use fal_core::webhook::{Freshness, WebhookError, WebhookEvent, WebhookOutcome, WebhookVerifier};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::ToSpan;
use serde_json::{Value, json};

use crate::signer::{Headers, NOW, REQUEST, Signer, USER, jwks, now};

fn verifier(signers: &[Signer]) -> WebhookVerifier {
    WebhookVerifier::new(jwks(signers).to_string().as_bytes()).unwrap().with_clock(now)
}

fn delivery() -> Vec<u8> {
    json!({ "request_id": REQUEST, "gateway_request_id": "g-2", "status": "OK",
        "payload": { "video": { "url": "https://v3.fal.media/files/v.mp4" } } })
    .to_string()
    .into_bytes()
}

async fn verified(body: &Value) -> Result<WebhookEvent, WebhookError> {
    let (signer, body) = (Signer::new(1), body.to_string().into_bytes());
    verifier(&[Signer::new(1)]).verify(signer.sign(&body), &body).await
}

fn without(headers: &Headers, name: &str) -> Headers {
    headers.iter().filter(|(other, _)| other != name).cloned().collect()
}

fn with(headers: &Headers, name: &str, value: &str) -> Headers {
    let replace =
        |(other, old): &(String, String)| (other.clone(), if other == name { value.to_owned() } else { old.clone() });
    headers.iter().map(replace).collect()
}

#[tokio::test]
async fn a_signed_delivery_is_believed_whatever_type_its_headers_have() {
    let (signer, body) = (Signer::new(1), delivery());
    let pairs = signer.sign(&body);
    let map: HeaderMap = pairs
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap()))
        .collect();
    let lower: Vec<_> = pairs.iter().map(|(name, value)| (name.to_lowercase(), value.to_uppercase())).collect();
    let lower = with(&lower, "x-fal-webhook-request-id", REQUEST);
    let lower = with(&lower, "x-fal-webhook-user-id", USER);
    for event in [
        verifier(&[Signer::new(1)]).verify(&map, &body).await.unwrap(),
        verifier(&[Signer::new(1)]).verify(pairs.iter().map(|(name, value)| (name, value)), &body).await.unwrap(),
        verifier(&[Signer::new(1)]).verify(lower, &body).await.unwrap(),
    ] {
        assert_eq!((event.request_id.as_str(), event.user_id.as_str()), (REQUEST, USER));
        assert_eq!((event.gateway_request_id.as_deref(), event.signed_at), (Some("g-2"), now()));
        assert_eq!(event.freshness, Freshness::New);
        let output = json!({ "video": { "url": "https://v3.fal.media/files/v.mp4" } });
        assert_eq!(event.outcome, WebhookOutcome::Completed(output));
    }
}

#[tokio::test]
async fn every_way_to_end_is_told_apart() {
    let reason = "Response payload is not JSON serializable.";
    let absent = json!({ "request_id": "q-1", "status": "OK", "payload": null, "payload_error": reason });
    let event = verified(&absent).await.unwrap();
    assert_eq!(event.request_id, "q-1");
    assert_eq!(event.outcome, WebhookOutcome::CompletedElsewhere { reason: Some(reason.to_owned()) });

    let silent = verified(&json!({ "status": "OK" })).await.unwrap();
    assert_eq!(silent.request_id, REQUEST, "the header names it when the body does not");
    assert_eq!(silent.outcome, WebhookOutcome::CompletedElsewhere { reason: None });

    let payload =
        json!({ "detail": [{ "loc": ["body", "prompt"], "msg": "No.", "type": "content_policy_violation" }] });
    let failed = json!({ "status": "ERROR", "error": "Invalid status code: 422", "payload": payload });
    let WebhookOutcome::Failed(failure) = verified(&failed).await.unwrap().outcome else { panic!("it failed") };
    assert_eq!(failure.error.as_deref(), Some("Invalid status code: 422"));
    assert_eq!(failure.error_type, Some(ErrorType::ContentPolicyViolation));
    assert_eq!((failure.fields[0].field.as_str(), failure.fields[0].message.as_str()), ("prompt", "No."));
    assert_eq!(failure.payload, payload);

    let new = verified(&json!({ "status": "PAUSED", "payload": 1 })).await.unwrap();
    assert_eq!(new.outcome, WebhookOutcome::Other { status: "PAUSED".to_owned(), payload: json!(1) });
}

#[tokio::test]
async fn a_delivery_that_is_changed_anywhere_is_not_believed() {
    let (signer, body) = (Signer::new(1), delivery());
    let headers = signer.sign(&body);
    let mut other_signature = headers[4].1.clone();
    other_signature.replace_range(0..2, if other_signature.starts_with("00") { "01" } else { "00" });
    let mut changed = vec![
        (with(&headers, "X-Fal-Webhook-Request-Id", "r-2"), body.clone()),
        (with(&headers, "X-Fal-Webhook-User-Id", "somebody"), body.clone()),
        (with(&headers, "X-Fal-Webhook-Timestamp", &(NOW + 1).to_string()), body.clone()),
        (with(&headers, "X-Fal-Webhook-Timestamp", &format!("+{NOW}")), body.clone()),
        (with(&headers, "X-Fal-Webhook-Signature", &other_signature), body.clone()),
        (headers.clone(), [&body[..], b"\n"].concat()),
        (headers.clone(), Vec::new()),
        (Signer::new(2).sign(&body), body.clone()),
    ];
    changed.extend((0..body.len()).map(|at| {
        let mut body = body.clone();
        body[at] ^= 1;
        (headers.clone(), body)
    }));
    let verifier = verifier(&[Signer::new(1)]);
    for (headers, body) in changed {
        let refused = verifier.verify(headers.clone(), &body).await;
        assert!(matches!(refused, Err(WebhookError::BadSignature)), "{headers:?} {refused:?}");
    }
    assert_eq!(verifier.verify(headers, &body).await.unwrap().freshness, Freshness::New, "forgeries leave no trace");
}

#[tokio::test]
async fn every_key_is_tried() {
    let body = delivery();
    for signer in 1..=3 {
        let all = [Signer::new(1), Signer::new(2), Signer::new(3)];
        assert!(verifier(&all).verify(Signer::new(signer).sign(&body), &body).await.is_ok(), "{signer}");
    }
    let refused = WebhookVerifier::new(br#"{"keys":[]}"#).unwrap_err().to_string();
    assert_eq!(refused, "the key set for webhooks has no Ed25519 key");
}

#[tokio::test]
async fn a_header_that_is_missing_or_malformed_is_named() {
    let (verifier, body) = (verifier(&[Signer::new(1)]), delivery());
    let headers = Signer::new(1).sign(&body);
    for (name, _) in &headers[1..] {
        let error = verifier.verify(without(&headers, name), &body).await.unwrap_err();
        assert!(matches!(error, WebhookError::MissingHeader(missing) if missing == name), "{error:?}");
        assert!(error.to_string().contains(name.as_str()) && error.status() == StatusCode::BAD_REQUEST);
    }
    for (name, value) in [
        ("X-Fal-Webhook-Request-Id", ""),
        ("X-Fal-Webhook-Request-Id", "r\nu"),
        ("X-Fal-Webhook-User-Id", "ü"),
        ("X-Fal-Webhook-Timestamp", "soon"),
        ("X-Fal-Webhook-Timestamp", "1790000000.5"),
        ("X-Fal-Webhook-Timestamp", "99999999999999999999"),
        ("X-Fal-Webhook-Timestamp", "9223372036854775807"),
        ("X-Fal-Webhook-Signature", "00"),
        ("X-Fal-Webhook-Signature", "not hex"),
    ] {
        let error = verifier.verify(with(&headers, name, value), &body).await.unwrap_err();
        assert!(matches!(error, WebhookError::MalformedHeader(header) if header == name), "{value} {error:?}");
    }
}

#[tokio::test]
async fn a_delivery_is_believed_for_five_minutes_around_its_signing() {
    let body = delivery();
    for (age, believed) in [(0, true), (300, true), (-300, true), (301, false), (-301, false), (NOW, false)] {
        let result = verifier(&[Signer::new(1)]).verify(Signer::new(1).sign_at(NOW - age, &body), &body).await;
        match result {
            Ok(_) => assert!(believed, "{age}"),
            Err(WebhookError::Stale { age: told }) => assert_eq!((told, believed), (age, false)),
            Err(error) => panic!("{age}: {error}"),
        }
    }
    let strict = verifier(&[Signer::new(1)]).with_leeway(std::time::Duration::from_secs(10));
    let stale = strict.verify(Signer::new(1).sign_at(NOW - 11, &body), &body).await.unwrap_err();
    assert!(stale.to_string().contains("signed 11 s ago") && stale.status() == StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_delivery_for_another_account_is_refused_where_one_is_expected() {
    let (body, headers) = (delivery(), Signer::new(1).sign(&delivery()));
    let ours = verifier(&[Signer::new(1)]).for_user(USER);
    assert!(ours.verify(headers.clone(), &body).await.is_ok());
    let theirs = verifier(&[Signer::new(1)]).for_user("google-oauth2|2");
    let refused = theirs.verify(headers, &body).await.unwrap_err();
    assert!(matches!(refused, WebhookError::OtherUser) && refused.status() == StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_delivery_that_comes_again_is_known_and_no_error() {
    let (verifier, signer, body) = (verifier(&[Signer::new(1)]), Signer::new(1), delivery());
    let freshness = async |seconds: i64| {
        verifier.verify(signer.sign_at(seconds, &body), &body).await.map(|event| event.freshness).unwrap()
    };
    assert_eq!(freshness(NOW).await, Freshness::New);
    assert_eq!(freshness(NOW).await, Freshness::Replayed);
    assert_eq!(freshness(NOW + 9).await, Freshness::Redelivered);
    assert_eq!(freshness(NOW + 9).await, Freshness::Replayed);
    // It could not be recorded: the next delivery has to count, whether signed anew or not.
    verifier.forget(REQUEST);
    assert_eq!(freshness(NOW).await, Freshness::New);
    assert_eq!(freshness(NOW + 9).await, Freshness::Redelivered);
}

#[tokio::test]
async fn memory_has_the_size_that_was_set() {
    let forgetful = verifier(&[Signer::new(1)]).with_memory(1);
    for (request, expected) in
        [("a", Freshness::New), ("a", Freshness::Replayed), ("b", Freshness::New), ("a", Freshness::New)]
    {
        let body = json!({ "request_id": request, "status": "OK" }).to_string();
        let event = forgetful.verify(Signer::new(1).sign(body.as_bytes()), body.as_bytes()).await.unwrap();
        assert_eq!(event.freshness, expected, "{request}");
    }
}

#[tokio::test]
async fn the_clock_that_was_handed_in_is_asked_each_time() {
    let (clock, body) = (std::sync::Arc::new(std::sync::Mutex::new(now())), delivery());
    let verifier = verifier(&[Signer::new(1)]).with_clock({
        let clock = std::sync::Arc::clone(&clock);
        move || *clock.lock().unwrap()
    });
    assert!(verifier.verify(Signer::new(1).sign(&body), &body).await.is_ok());
    *clock.lock().unwrap() += 301.seconds();
    let stale = verifier.verify(Signer::new(1).sign(&body), &body).await;
    assert!(matches!(stale, Err(WebhookError::Stale { age: 301 })), "{stale:?}");
}

#[tokio::test]
async fn a_signed_body_that_is_not_in_fals_format_is_unreadable() {
    for body in ["", "null", "[]", "{}", r#"{"status":1}"#, "<html>", r#"{"status":"OK","request_id":7}"#] {
        let signed = Signer::new(1).sign(body.as_bytes());
        let result = verifier(&[Signer::new(1)]).verify(signed, body.as_bytes()).await;
        assert!(matches!(result, Err(WebhookError::UnreadableBody)), "{body}: {result:?}");
    }
}

#[tokio::test]
async fn nothing_that_is_printed_shows_what_the_model_made_or_the_user_wrote() {
    let secret = "https://v3.fal.media/files/v.mp4?signature=5igned";
    let events = [
        json!({ "status": "OK", "payload": { "url": secret } }),
        json!({ "status": "OK", "payload_error": secret }),
        json!({ "status": "ERROR", "error": secret, "payload": { "detail": [{ "msg": secret, "type": "t", "input": secret }] } }),
        json!({ "status": secret, "payload": secret }),
    ];
    for body in events {
        let shown = format!("{:?}", verified(&body).await.unwrap());
        assert!(!shown.contains("5igned"), "{shown}");
    }
    let body = format!(r#"{{"status": "{secret}"#).into_bytes();
    let headers = Signer::new(1).sign(&body);
    let signature = headers[4].1.clone();
    let verifier = verifier(&[Signer::new(1)]);
    for headers in [
        headers.clone(),
        Signer::new(2).sign(&body),
        without(&headers, "X-Fal-Webhook-User-Id"),
        with(&headers, "X-Fal-Webhook-Timestamp", secret),
        with(&headers, "X-Fal-Webhook-Timestamp", "0"),
    ] {
        let error = verifier.verify(headers, &body).await.unwrap_err();
        let shown = format!("{error} {error:?} {verifier:?}");
        assert!(!shown.contains("5igned") && !shown.contains(&signature), "{shown}");
    }
}

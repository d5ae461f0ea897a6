//! Who may read a file: its ACL, signed URLs, and the owner.

use serde_json::{Value, json};

use super::{HOUR, LIFECYCLE, TEXT, json_of, on, pass, text};
use crate::client::{Caller, KLING, fast};
use crate::pictures::{landscape, png};

const FORBID: &str = r#"{"initial_acl":{"default":"forbid"}}"#;
const HIDE: &str = r#"{"initial_acl":{"default":"hide"}}"#;

impl Caller {
    async fn sign(&self, emulator: &fal_emulator::Emulator, url: &str, seconds: u64) -> String {
        let request = self.about(emulator, "POST", "files/sign", url).json(&json!({ "expiration_seconds": seconds }));
        text(&json_of(request.send().await.expect("answers"), 200).await, "signed_url").to_owned()
    }
}

#[tokio::test]
async fn a_restricted_file_is_read_by_its_owner_and_by_signed_urls_alone() {
    let (emulator, caller) = (fast().await, Caller::new());
    for (acl, status) in [(FORBID, 403), (HIDE, 404)] {
        let url = caller.upload_with(&emulator, (LIFECYCLE, acl), TEXT).await;
        assert_eq!(caller.status(&url).await, status);
        assert_eq!(caller.http.head(&url).send().await.expect("answers").status(), status);

        let signed = caller.sign(&emulator, &url, 3600).await;
        assert_eq!(caller.status(&signed).await, 200);
        let other = caller.upload_with(&emulator, (LIFECYCLE, acl), TEXT).await;
        let (_, identity) = signed.split_once('?').expect("has one");
        assert_eq!(caller.status(&format!("{other}?{identity}")).await, status, "signed for another file");
        pass(HOUR).await;
        assert_eq!(caller.status(&signed).await, status, "no longer good");

        let owner = caller.http.get(&url).header("authorization", caller.bearer(&emulator).await);
        assert_eq!(owner.send().await.expect("answers").status(), 200);
    }
    assert!(emulator.requests().iter().all(|request| !request.path_and_query.contains("identity=1")));
}

#[tokio::test]
async fn an_acl_can_be_seen_and_replaced() {
    let folder = tempfile::tempdir().expect("is made");
    let (emulator, caller) = (on(folder.path()).await, Caller::new());
    let url = caller.upload(&emulator, TEXT.to_vec()).await;
    let get = caller.about(&emulator, "GET", "files/acl", &url).send().await.expect("answers");
    assert_eq!(json_of(get, 200).await, json!({ "default": "allow", "rules": [] }));

    let closed = json!({ "default": "forbid", "rules": [{ "user": "someone", "decision": "allow" }] });
    let put = caller.about(&emulator, "PUT", "files/acl", &url).json(&closed).send().await.expect("answers");
    assert_eq!(json_of(put, 200).await, closed);
    let signed = caller.sign(&emulator, &url, 3600).await;
    drop(emulator);

    let emulator = on(folder.path()).await;
    assert_eq!((caller.status(&url).await, caller.status(&signed).await), (403, 200), "both outlive a restart");
    let get = caller.about(&emulator, "GET", "files/acl", &url).send().await.expect("answers");
    assert_eq!(json_of(get, 200).await, closed);
    let open = caller.about(&emulator, "PUT", "files/acl", &url).json(&json!({ "default": "allow" }));
    assert_eq!(open.send().await.expect("answers").status(), 200);
    assert_eq!(caller.status(&url).await, 200);
}

#[tokio::test]
async fn a_model_reads_a_restricted_picture_by_its_signed_url_alone() {
    let (emulator, caller) = (fast().await, Caller::new());
    let url = caller.upload_with(&emulator, (LIFECYCLE, HIDE), png(&landscape(64, 64))).await;
    let signed = caller.sign(&emulator, &url, 3600).await;
    for (image_url, status) in [(url, 422), (signed, 200)] {
        let submitted = caller.submit(&emulator, KLING, &json!({ "prompt": "zoom", "image_url": image_url })).await;
        caller.completed(&submitted).await;
        assert_eq!(caller.result(&submitted).await.status(), status);
    }
}

#[tokio::test]
async fn what_the_platform_cannot_do_is_told_in_its_own_words() {
    let (emulator, caller) = (fast().await, Caller::new());
    let url = caller.upload(&emulator, TEXT.to_vec()).await;
    let (none, queried) = (format!("{}/files/b/none/x.png", emulator.urls().cdn), format!("{url}?identity=1"));
    let refused = async |method: &str, call: &str, url: &str, body: Value| {
        let request = caller.about(&emulator, method, call, url).json(&body);
        let answer = request.send().await.expect("answers");
        let status = answer.status().as_u16();
        (status, text(&json_of(answer, status).await["error"], "type").to_owned())
    };
    let invalid = (400, "validation_error".to_owned());
    let missing = (404, "not_found".to_owned());
    let good = json!({ "expiration_seconds": 604_800 });
    assert_eq!(refused("GET", "files/acl", &none, json!({})).await, missing);
    assert_eq!(refused("GET", "files/acl", &queried, json!({})).await, invalid);
    assert_eq!(refused("GET", "files/acl", "https://example.com/x.png", json!({})).await, invalid);
    assert_eq!(refused("PUT", "files/acl", &none, json!({ "default": "allow" })).await, missing);
    assert_eq!(refused("PUT", "files/acl", &url, json!({ "default": "private" })).await, invalid);
    assert_eq!(refused("POST", "files/sign", &none, good).await, missing);
    for seconds in [json!(0), json!(604_801), json!("60"), Value::Null] {
        let body = json!({ "expiration_seconds": seconds });
        assert_eq!(refused("POST", "files/sign", &url, body).await, invalid, "{seconds}");
    }
    assert_eq!(caller.status(&url).await, 200);
}

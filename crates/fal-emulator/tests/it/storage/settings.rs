//! The account's settings for new files.

use fal_emulator::Emulator;
use serde_json::{Value, json};

use super::{TEXT, json_of, on};
use crate::client::{Caller, KEY, fast};

impl Caller {
    async fn settings(&self, emulator: &Emulator) -> Value {
        json_of(self.get(&format!("{}/v1/storage/settings", emulator.urls().platform)).await, 200).await
    }

    pub(super) async fn set_settings(&self, emulator: &Emulator, settings: &Value) -> Value {
        json_of(self.try_set_settings(emulator, settings).await, 200).await
    }

    async fn try_set_settings(&self, emulator: &Emulator, settings: &Value) -> reqwest::Response {
        let put = self.http.put(format!("{}/v1/storage/settings", emulator.urls().platform));
        put.header("authorization", format!("Key {KEY}")).json(settings).send().await.expect("answers")
    }
}

#[tokio::test]
async fn settings_are_replaced_as_a_whole_and_outlive_a_restart() {
    let folder = tempfile::tempdir().expect("is made");
    let (emulator, caller) = (on(folder.path()).await, Caller::new());
    let none = json!({ "expiration_duration_seconds": null, "initial_acl": null });
    let own = json!({ "expiration_duration_seconds": 604_800, "initial_acl": null });
    assert_eq!(caller.settings(&emulator).await, own);
    let rules = json!([{ "user": "someone", "decision": "allow" }]);
    let both = json!({ "expiration_duration_seconds": 60, "initial_acl": { "default": "hide", "rules": rules } });
    assert_eq!(caller.set_settings(&emulator, &both).await, both);
    drop(emulator);

    let emulator = on(folder.path()).await;
    assert_eq!(caller.settings(&emulator).await, both);
    let url = caller.upload(&emulator, TEXT.to_vec()).await;
    assert_eq!(caller.status(&url).await, 404, "new files are hidden");
    assert_eq!(caller.set_settings(&emulator, &json!({})).await, none);
    assert_eq!(caller.status(&url).await, 404, "a file keeps what it came with");
    let url = caller.upload(&emulator, TEXT.to_vec()).await;
    assert_eq!(caller.status(&url).await, 200);
}

#[tokio::test]
async fn an_account_whose_files_are_older_than_its_settings_keeps_them_for_ever() {
    let folder = tempfile::tempdir().expect("is made");
    let (emulator, caller) = (on(folder.path()).await, Caller::new());
    caller.upload(&emulator, TEXT.to_vec()).await;
    drop(emulator);
    std::fs::remove_file(folder.path().join("storage-settings.json")).expect("is there");
    let emulator = on(folder.path()).await;
    assert_eq!(caller.settings(&emulator).await["expiration_duration_seconds"], Value::Null);
}

#[tokio::test]
async fn settings_that_fal_would_not_take_change_nothing() {
    let (emulator, caller) = (fast().await, Caller::new());
    let set = caller.set_settings(&emulator, &json!({ "expiration_duration_seconds": 60 })).await;
    for wrong in [
        json!({ "expiration_duration_seconds": 0 }),
        json!({ "expiration_duration_seconds": 1.5 }),
        json!({ "initial_acl": { "default": "private" } }),
        json!({ "initial_acl": {} }),
        json!({ "expires_in": 60 }),
        json!([]),
    ] {
        let refused = json_of(caller.try_set_settings(&emulator, &wrong).await, 400).await;
        assert_eq!(refused["error"]["type"], "validation_error", "{wrong}");
    }
    assert_eq!(caller.settings(&emulator).await, set);
}

#[tokio::test]
async fn without_a_key_the_platform_says_so_in_its_own_words() {
    let (emulator, caller) = (fast().await, Caller::new());
    let answer = caller.http.get(format!("{}/v1/storage/settings", emulator.urls().platform));
    let refused = json_of(answer.send().await.expect("answers"), 401).await;
    assert_eq!(refused["error"]["type"], "authorization_error");
}

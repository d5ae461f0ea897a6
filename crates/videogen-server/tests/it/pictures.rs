//! Where pictures come from: addresses, bytes, and allowed folders only.

use serde_json::{Value, json};

use crate::stage::{Stage, problem};

fn asked(image: Value) -> Value {
    json!({ "image": image, "motion_prompt": "slow zoom in on the lighthouse" })
}

#[tokio::test]
async fn a_picture_in_an_allowed_folder_is_found_and_uploaded_once() {
    let stage = Stage::with_pictures().await;
    for path in ["still.png".to_owned(), stage.path("pictures/still.png").display().to_string()] {
        let created = stage.caller.create(&asked(json!({ "path": path }))).await;
        assert_eq!(stage.caller.settled(&created).await["status"], "completed", "{path}");
    }
    assert_eq!(stage.emulator.uploads(), 1);
}

#[tokio::test]
async fn a_path_outside_is_refused_however_it_is_written_and_looks_like_a_missing_one() {
    let stage = Stage::with_pictures().await;
    let mut outside = vec![
        "../secret.png".to_owned(),
        stage.path("secret.png").display().to_string(),
        stage.path("missing.png").display().to_string(),
    ];
    #[cfg(unix)]
    for (target, link) in [("../secret.png", "link.png"), ("..", "link")] {
        std::os::unix::fs::symlink(target, stage.path("pictures").join(link)).unwrap();
    }
    #[cfg(unix)]
    outside.extend(["link.png".to_owned(), "link/secret.png".to_owned()]);
    for path in outside {
        let (status, error) = problem(stage.caller.post("/v1/tasks", &asked(json!({ "path": path }))).await).await;
        let message = error["violations"][0]["message"].as_str().unwrap();
        assert_eq!(message, format!("there is no file {path} in the folders that pictures may come from"));
        assert_eq!((status, error["violations"].as_array().unwrap().len()), (422, 1), "{path}");
    }
    assert_eq!(stage.emulator.requests().len(), 0);
}

#[tokio::test]
async fn by_default_no_path_is_allowed_not_even_one_that_exists() {
    let stage = Stage::set().await;
    let path = stage.path("pictures/still.png");
    let (status, error) = problem(stage.caller.post("/v1/tasks", &asked(json!({ "path": path }))).await).await;
    assert_eq!(status, 422);
    assert_eq!(error["violations"][0]["message"], "a picture cannot be given by its path here");
}

#[tokio::test]
async fn an_address_is_passed_on_as_it_is() {
    let stage = Stage::set().await;
    // The emulator loads pictures from nowhere but itself, and says so in fal's way: it has been given the address.
    let image = json!({ "url": "https://pictures.invalid/still.png?signature=s1gned" });
    let failed = stage.caller.settled(&stage.caller.create(&asked(image)).await).await;
    assert_eq!((&failed["status"], &failed["error"]["kind"]), (&json!("failed"), &json!("rejected")));
    assert_eq!((stage.emulator.uploads(), stage.emulator.ledger().charges().len()), (0, 1));
    assert_eq!(failed["upload_cached"], json!(null));
    assert!(!failed.to_string().contains("s1gned"), "{failed}");
}

#[tokio::test]
async fn a_picture_is_exactly_one_thing() {
    let stage = Stage::set().await;
    for (image, field, message) in [
        (json!({}), "image", "it needs exactly one of path, url and base64"),
        (json!({ "url": "https://x/a.png", "path": "a.png" }), "image", "it needs exactly one of path, url and base64"),
        (json!({ "url": "ftp://x/a.png" }), "image.url", "the address must begin with http:// or https://"),
        (json!({ "url": "https://x/a.png", "uri": 1 }), "image.uri", "there is no such field"),
        (json!({ "base64": "§" }), "image.base64", "this is not base64 with the standard alphabet and padding"),
        (
            json!({ "base64": "aGVsbG8=", "name": "a.png" }),
            "image",
            "a.png holds no PNG, JPEG, WebP, GIF or AVIF picture",
        ),
        (json!("a.png"), "image", "image must be an object, not a text"),
        (json!(null), "image", "no picture is given"),
    ] {
        let (status, error) = problem(stage.caller.post("/v1/tasks", &asked(image.clone())).await).await;
        let violations = error["violations"].as_array().unwrap();
        assert_eq!((status, violations.len()), (422, 1), "{image}: {violations:?}");
        assert_eq!((&violations[0]["field"], &violations[0]["message"]), (&json!(field), &json!(message)), "{image}");
    }
    assert_eq!(stage.emulator.requests().len(), 0);
}

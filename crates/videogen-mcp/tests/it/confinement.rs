//! Local pictures come from the allowed folders only.

use crate::stage::{Stage, bad, generate, request};

#[tokio::test]
async fn a_path_outside_is_refused_however_it_is_written_and_looks_like_a_missing_one() {
    let stage = Stage::set().await;
    let (client, _serving) = stage.client().await;
    let mut outside = vec![
        "../secret.png".to_owned(),
        "../pictures/../secret.png".to_owned(),
        stage.path("secret.png").display().to_string(),
        stage.path("missing.png").display().to_string(),
        format!("file://{}", stage.path("secret.png").display()),
    ];
    #[cfg(unix)]
    for (target, link) in [("../secret.png", "link.png"), ("..", "link")] {
        std::os::unix::fs::symlink(target, stage.path("pictures").join(link)).unwrap();
    }
    #[cfg(unix)]
    outside.extend(["link.png".to_owned(), "link/secret.png".to_owned()]);
    for path in outside {
        let (_, refused) = bad(&client, "generate_video_from_image", request(&path)).await;
        let violations = refused["error"]["violations"].as_array().unwrap();
        assert_eq!((violations.len(), &violations[0]["field"]), (1, &"image_url".into()), "{path}");
        assert_eq!(violations[0]["code"], "not_allowed", "{path}");
        let message = violations[0]["message"].as_str().unwrap();
        let same = message.starts_with("there is no file ") || message.starts_with("the image must be a path");
        assert!(same, "{message}");
    }
    let mut with_end = request("still.png");
    with_end["model"] = "kling_2.1_pro".into();
    with_end["end_image_url"] = "../secret.png".into();
    let (_, refused) = bad(&client, "generate_video_from_image", with_end).await;
    let violation = &refused["error"]["violations"][0];
    assert_eq!((&violation["field"], &violation["code"]), (&"end_image_url".into(), &"not_allowed".into()));
    assert_eq!(stage.emulator.requests().len(), 0);
}

#[tokio::test]
async fn a_path_inside_is_found_relative_absolute_or_through_a_link() {
    let stage = Stage::set().await;
    let (client, _serving) = stage.client().await;
    let mut inside = vec!["../pictures/still.png".to_owned(), stage.path("pictures/still.png").display().to_string()];
    #[cfg(unix)]
    std::os::unix::fs::symlink("still.png", stage.path("pictures/same.png")).unwrap();
    #[cfg(unix)]
    inside.push("same.png".to_owned());
    for path in &inside {
        assert_eq!(generate(&client, path).await["status"], "completed", "{path}");
    }
    assert_eq!(stage.emulator.uploads(), 1, "the same picture is uploaded once");
}

//! Each mistake: one plain message that says what to do, a documented exit code, no half-written file, no bill.

use crate::program::{PROMPT, Stage, run};

/// Arguments after `generate`, the exit code, and what must be said.
type Mistake<'a> = (&'a [&'a str], i32, &'a [&'a str]);

const SENT_NOTHING: [Mistake<'_>; 13] = [
    (&["missing.png", PROMPT], 2, &["there is no file missing.png"]),
    (&["text.png", PROMPT], 2, &["text.png holds no PNG, JPEG, WebP, GIF or AVIF picture"]),
    (&["empty.png", PROMPT], 2, &["empty.png is empty"]),
    (&[".", PROMPT], 2, &[". is not a file"]),
    (
        &["still.png", PROMPT, "-m", "kling-2.1"],
        2,
        &["there is no model kling-2.1; did you mean kling_2.1?", "hailuo_02"],
    ),
    (&["still.png", PROMPT, "-d", "7"], 2, &["kling_2.1 cannot make a video of 7 s; did you mean 5? Allowed: 5, 10"]),
    (&["still.png", "zoo"], 2, &["the motion prompt has 3 characters and needs at least 10"]),
    (
        &["still.png", PROMPT, "-a", "7:3"],
        2,
        &["7:3 is not an aspect ratio that can be made; allowed: 16:9, 9:16, 1:1, 4:5"],
    ),
    (
        &["still.png", PROMPT, "-p", "motion_strength=0.5"],
        2,
        &["no parameter motion_strength; did you mean cfg_scale?"],
    ),
    (&["still.png", PROMPT, "--max-cost", "0.2"], 2, &["the video would cost $0.28 and may cost $0.20"]),
    (
        &["still.png", PROMPT, "-o", "nowhere/out.mp4"],
        6,
        &["The output path nowhere does not exist", "Make the folder", "Nothing was paid."],
    ),
    (
        &["still.png", PROMPT, "-o", "text.png/out.mp4"],
        6,
        &["The output path text.png is not a folder", "Nothing was paid."],
    ),
    (&["still.png", PROMPT, "--duration", "five"], 2, &["invalid value 'five'"]),
];

#[tokio::test]
async fn a_mistake_is_told_before_anything_is_sent() {
    let stage = Stage::set().await;
    std::fs::write(stage.path("text.png"), "not a picture").unwrap();
    std::fs::write(stage.path("empty.png"), "").unwrap();
    for (arguments, code, messages) in SENT_NOTHING {
        let run = stage.run(&[&["generate"], arguments].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{arguments:?}: {run:?}");
        for message in messages {
            assert!(run.stderr.contains(message), "{arguments:?} should say {message:?}: {}", run.stderr);
        }
    }
    assert_eq!((stage.emulator.requests().len(), stage.results().len()), (0, 0));
}

#[tokio::test]
async fn all_mistakes_are_told_at_once() {
    let stage = Stage::set().await;
    let arguments = ["generate", "missing.png", "zoo", "-d", "7", "-a", "7:3", "--json"];
    let run = stage.run(&arguments).await;
    let object = run.json();
    assert_eq!((run.code, object["status"].as_str()), (Some(2), Some("refused")));
    let violations = object["error"]["violations"].as_array().unwrap();
    let fields: Vec<_> = violations.iter().map(|violation| violation["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["image", "motion_prompt", "duration", "aspect_ratio"]);
}

#[tokio::test]
async fn a_wrong_key_is_told_and_not_shown() {
    let stage = Stage::with_key("another:key").await;
    for (key, message) in
        [("id:s3cret", "No user found for Key ID and Secret"), ("s3cret", "Invalid Key Authorization header format")]
    {
        let mut command = stage.program(&["generate", "still.png", PROMPT, "-o", "out.mp4"]);
        command.env("FAL_KEY", key).env("RUST_LOG", "debug");
        let run = run(command).await;
        assert_eq!(run.code, Some(3), "{run:?}");
        for part in [message, "https://fal.ai/dashboard/keys", "Nothing was paid."] {
            assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
        }
        assert!(!run.stderr.contains("s3cret"), "{}", run.stderr);
    }
    assert_eq!((stage.emulator.ledger().charges().len(), stage.results().len()), (0, 0));
}

#[tokio::test]
async fn a_key_is_asked_for_where_hosts_are_set() {
    let stage = Stage::set().await;
    let mut command = stage.program_without_key(&["generate", "still.png", PROMPT]);
    command.env("VIDEO_GEN_FAL_QUEUE_URL", &stage.emulator.urls().queue);
    let run = run(command).await;
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stderr.contains("FAL_KEY is not set.") && run.stderr.contains("VIDEO_GEN_FAL_QUEUE_URL"), "{run:?}");
}

#[tokio::test]
async fn a_host_that_refuses_connections_is_named() {
    let stage = Stage::set().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (name, class) in [("VIDEO_GEN_FAL_REST_URL", "rest"), ("VIDEO_GEN_FAL_QUEUE_URL", "queue")] {
        let mut command = stage.program(&["generate", "still.png", PROMPT, "-o", "out.mp4"]);
        command.env(name, format!("http://{closed}/{class}"));
        let run = run(command).await;
        assert_eq!(run.code, Some(4), "{run:?}");
        for part in [
            format!("fal's {class} host at http://{closed}"),
            "Check the network".to_owned(),
            "Nothing was paid.".to_owned(),
        ] {
            assert!(run.stderr.to_lowercase().contains(&part.to_lowercase()), "{part}: {}", run.stderr);
        }
    }
    assert_eq!((stage.emulator.ledger().charges().len(), stage.results().len()), (0, 0));
}

#[tokio::test]
async fn a_key_does_not_travel_in_the_clear() {
    let stage = Stage::set().await;
    let mut command = stage.program(&["generate", "still.png", PROMPT]);
    command.env("VIDEO_GEN_FAL_QUEUE_URL", "http://example.com");
    let run = run(command).await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("- VIDEO_GEN_FAL_QUEUE_URL: ") && run.stderr.contains("must be https"), "{run:?}");
}

#[tokio::test]
async fn a_request_that_fal_does_not_know_cannot_be_resumed() {
    let stage = Stage::set().await;
    let unknown = stage.run(&["resume", "019e1951-c778-7120-9c82-16efcf40ec82", "--model", "kling_2.1"]).await;
    assert_eq!(unknown.code, Some(5), "{unknown:?}");
    assert!(unknown.stderr.contains("Fal does not know the request 019e1951"), "{unknown:?}");
    let malformed = stage.run(&["resume", "../../x", "--model", "kling_2.1"]).await;
    assert_eq!(malformed.code, Some(2), "{malformed:?}");
    assert_eq!(stage.results().len(), 0);
}

//! `videogen cancel`, from another terminal than that which makes the video.

use serde_json::Value;

use crate::program::{PROMPT, Stage};

const GENERATE: [&str; 6] = ["generate", "still.png", PROMPT, "-o", "out.mp4", "--json"];

#[tokio::test(flavor = "multi_thread")]
async fn what_another_terminal_is_making_is_cancelled() {
    let stage = Stage::lifelike().await;
    let (made, cancelled) = tokio::join!(stage.run(&GENERATE), async {
        while stage.emulator.ledger().charges().is_empty() {
            tokio::task::yield_now().await;
        }
        loop {
            let listed: Value = stage.run(&["tasks", "--unfinished", "--json"]).await.json();
            // It may be accepted before that is on disk.
            if listed[0]["request_id"].is_string() {
                return stage.run(&["cancel", listed[0]["task_id"].as_str().unwrap(), "--json"]).await;
            }
        }
    });
    assert_eq!((cancelled.code, &cancelled.json()["status"]), (Some(0), &"requested".into()), "{cancelled:?}");
    assert_eq!((made.code, &made.json()["status"]), (Some(130), &"cancelled".into()), "{made:?}");
    assert!(stage.results().is_empty(), "{:?}", stage.results());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_stays() {
    let stage = Stage::set().await;
    let made = stage.run(&GENERATE).await.json();
    let late = stage.run(&["cancel", made["task_id"].as_str().unwrap()]).await;
    assert_eq!((late.code, late.stdout.as_str()), (Some(5), ""));
    assert!(late.stderr.contains("It is too late"), "{late:?}");
    assert_eq!(stage.results(), ["out.mp4", "out.mp4.json"]);
    let unknown = stage.run(&["cancel", "nobody"]).await;
    assert!(unknown.code != Some(0) && unknown.stderr.contains("no task nobody"), "{unknown:?}");
}

//! `videogen assets`.

use serde_json::json;

use crate::program::{PROMPT, Stage};

#[tokio::test]
async fn finished_videos_are_listed_copied_and_deleted() {
    let stage = Stage::set().await;
    std::fs::write(stage.path("other.mp4"), "not ours").unwrap();
    stage.run(&["project", "create", "Film"]).await;
    let made = stage.run(&["generate", "still.png", PROMPT, "-o", "a.mp4", "--project", "film", "--json"]).await.json();
    stage.run(&["generate", "still.png", PROMPT, "-d", "10", "-o", "b.mp4"]).await;

    let listed = stage.run(&["assets", "list", "--json"]).await.json();
    assert_eq!((&listed[0]["name"], &listed[1]["name"], &listed[2]), (&json!("a.mp4"), &json!("b.mp4"), &json!(null)));
    assert_eq!(listed[0]["request_id"], made["request_id"]);
    assert_eq!((&listed[0]["bytes"], &listed[0]["billed_usd"]), (&made["bytes"], &json!("0.28")));
    assert_eq!(listed[0]["project_id"], "film");
    let listed = stage.run(&["assets", "list", "--project", "film", "--json"]).await.json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    let told = stage.run(&["assets", "list"]).await.stdout;
    assert!(told.contains("a.mp4  ") && told.contains("2 videos, ") && told.contains(", $0.84"), "{told}");

    let copied = stage.run(&["assets", "get", "a.mp4", "-o", "copy.mp4", "--json"]).await.json();
    assert_eq!((&copied["file"], &copied["bytes"]), (&json!("copy.mp4"), &made["bytes"]));
    assert_eq!(std::fs::read(stage.path("copy.mp4")).unwrap(), std::fs::read(stage.path("a.mp4")).unwrap());

    let deleted = stage.run(&["assets", "rm", "a.mp4", "b.mp4"]).await;
    assert_eq!(deleted.code, Some(0), "{deleted:?}");
    assert!(deleted.stdout.contains("Deleted    a.mp4 (") && deleted.stdout.contains(", $0.56)"), "{deleted:?}");
    assert_eq!(stage.results(), ["copy.mp4", "other.mp4"]);
    let shown = stage.run(&["project", "show", "film", "--json"]).await.json();
    assert_eq!((&shown["totals"]["bytes"], &shown["totals"]["known_cost_usd"]), (&json!(0), &json!("0.28")));
}

#[tokio::test]
async fn what_is_not_there_is_told_with_the_nearest_name() {
    let stage = Stage::set().await;
    stage.run(&["generate", "still.png", PROMPT, "-o", "a.mp4"]).await;
    for command in ["rm", "get"] {
        let refused = stage.run(&["assets", command, "still.png"]).await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
        let near = stage.run(&["assets", command, "aa.mp4", "--json"]).await;
        assert_eq!(near.json()["error"]["advice"], "Did you mean a.mp4?");
    }
    let nowhere = stage.run(&["assets", "list", "--in", "no/such/folder"]).await;
    assert_eq!(nowhere.code, Some(6), "{nowhere:?}");
    assert!(nowhere.stderr.starts_with("The file or folder no/such/folder cannot be read"), "{}", nowhere.stderr);
    assert_eq!(stage.results(), ["a.mp4", "a.mp4.json"]);
}

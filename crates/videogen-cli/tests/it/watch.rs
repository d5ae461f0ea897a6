//! `videogen watch`: what another program does is told as it happens.

use serde_json::Value;

use crate::program::{PROMPT, Stage};

fn events(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect("each line is an object")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_of_another_terminal_is_told_from_its_beginning_to_its_end() {
    let stage = Stage::lifelike().await;
    let (made, told) = tokio::join!(stage.run(&["generate", "still.png", PROMPT, "-o", "out.mp4", "--json"]), async {
        while stage.emulator.ledger().charges().is_empty() {
            tokio::task::yield_now().await;
        }
        let listed: Value = stage.run(&["tasks", "--json"]).await.json();
        stage.run(&["watch", listed[0]["task_id"].as_str().unwrap(), "--json"]).await
    });
    assert_eq!((made.code, told.code), (Some(0), Some(0)), "{made:?} {told:?}");
    let told = events(&told.stdout);
    let names: Vec<&str> = told.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!((names[0], names[names.len() - 1]), ("begun", "settled"), "{names:?}");
    for name in ["images_uploaded", "submit_intended", "submitted", "observed", "result_received", "video_stored"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(told.is_sorted_by_key(|event| event["seq"].as_u64()));
    let made = made.json();
    assert!(told.iter().all(|event| event["task_id"] == made["task_id"]));
    let submitted = told.iter().find(|event| event["event"] == "submitted").unwrap();
    assert_eq!(submitted["request_id"], made["request_id"]);
    assert_eq!(told.last().unwrap()["billed_usd"], made["billed_usd"]);
    assert!(!told.iter().any(|event| event.to_string().contains("http")), "addresses may be signed");

    // Whoever was cut off goes on with the last number that was seen.
    let seen = submitted["seq"].to_string();
    let rest = stage.run(&["watch", made["task_id"].as_str().unwrap(), "--after", &seen, "--json"]).await;
    let after = told.iter().skip_while(|event| event["seq"] != submitted["seq"]).skip(1);
    assert!(events(&rest.stdout).iter().eq(after));
    let lines = stage.run(&["watch", made["task_id"].as_str().unwrap()]).await.stdout;
    assert!(lines.lines().last().unwrap().ends_with("settled  billed $0.28"), "{lines}");
    let unknown = stage.run(&["watch", "nobody"]).await;
    assert!(unknown.code != Some(0) && unknown.stderr.contains("no task nobody"), "{unknown:?}");
}

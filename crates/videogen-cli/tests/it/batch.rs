//! `videogen batch`: all or nothing before the first is sent, and then each once.

use fal_emulator::{Fault, FaultRule, Operation};
use serde_json::{Value, json};

use crate::program::{Run, Stage};

const CSV: &str = "\
image,motion_prompt,output,duration,parameters
still.png,slow zoom in on the lighthouse,one.mp4,5,
still.png,\"pan left, along the coast\",two.mp4,10,\"{\"\"cfg_scale\"\": 0.7}\"
still.png,tilt up to the lantern,three.mp4,,
";

fn objects(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of<'a>(objects: &'a [Value], field: &str) -> Vec<&'a Value> {
    objects.iter().map(|object| &object[field]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_priced_made_and_given_again_at_no_cost() {
    let stage = Stage::set().await;
    std::fs::write(stage.path("films.csv"), CSV).unwrap();
    let priced = stage.run(&["batch", "films.csv", "--dry-run", "--json"]).await;
    let plan = priced.json();
    assert_eq!((priced.code, &plan["estimate_usd"]), (Some(0), &json!("1.12")), "{priced:?}");
    assert_eq!(plan["clips"].as_array().map(Vec::len), Some(3));
    let dear = stage.run(&["batch", "films.csv", "--max-cost", "1.11"]).await;
    assert!(dear.code == Some(2) && dear.stderr.contains("may cost $1.11"), "{dear:?}");
    assert!(stage.emulator.ledger().charges().is_empty());

    let made = stage.run(&["batch", "films.csv", "--json"]).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    let objects = objects(&made);
    assert_eq!(of(&objects, "file"), ["one.mp4", "two.mp4", "three.mp4"], "in the order of the file");
    assert_eq!(of(&objects, "billed_usd"), ["0.28", "0.56", "0.28"]);
    assert!(made.stderr.contains("3 videos: 3 made; $1.12 billed."), "{made:?}");
    assert_eq!(stage.emulator.ledger().charges().len(), 3);
    let sent = stage.emulator.ledger().charges_for_input(|input| input["cfg_scale"] == 0.7);
    assert_eq!(sent.len(), 1, "parameters are read as JSON");

    let again = stage.run(&["batch", "films.csv"]).await;
    assert!(again.stderr.contains("3 videos: 3 made, 3 of these made before; $0.00 billed."), "{again:?}");
    assert_eq!(stage.emulator.ledger().charges().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_of_every_row_is_told_and_nothing_is_sent() {
    let stage = Stage::set().await;
    let row = |fields: Value| format!("{fields}\n");
    let rows = [
        row(json!({ "image": "still.png", "motion_prompt": "slow zoom in on the lighthouse" })),
        row(json!({ "image": "nowhere.png", "motion_prompt": "short", "duration": 7 })),
        "\n".to_owned(),
        row(
            json!({ "image": "still.png", "motion_prompt": "slow zoom in on the lighthouse", "durations": 5, "audio": "x" }),
        ),
    ];
    std::fs::write(stage.path("films.jsonl"), rows.concat()).unwrap();
    let refused = stage.run(&["batch", "films.jsonl", "--json"]).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    let violations = refused.json()["error"]["violations"].clone();
    let fields = of(violations.as_array().unwrap(), "field");
    for field in ["rows[2].image", "rows[2].motion_prompt", "rows[2].duration", "rows[3].durations", "rows[3].audio"] {
        assert!(fields.contains(&&json!(field)), "{field}: {fields:?}");
    }
    assert!(!fields.iter().any(|field| field.as_str().unwrap().starts_with("rows[1]")), "{fields:?}");

    std::fs::write(stage.path("films.jsonl"), "{\"image\": \"still.png\"}\n{image: still.png}\n").unwrap();
    let malformed = stage.run(&["batch", "films.jsonl"]).await;
    assert!(malformed.code == Some(2) && malformed.stderr.contains("line[2]"), "{malformed:?}");
    std::fs::write(stage.path("films.csv"), "image,motion_prompt\nstill.png\n").unwrap();
    let ragged = stage.run(&["batch", "films.csv"]).await;
    assert!(ragged.code == Some(2) && ragged.stderr.contains("line[2]"), "{ragged:?}");
    for (file, text) in [("films.txt", "x"), ("empty.csv", "")] {
        std::fs::write(stage.path(file), text).unwrap();
        assert_ne!(stage.run(&["batch", file]).await.code, Some(0), "{file}");
    }
    assert_ne!(stage.run(&["batch", "missing.csv"]).await.code, Some(0));
    assert!(stage.emulator.ledger().charges().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_keeps_nobody_else_from_being_made_unless_that_is_wished() {
    for stops in [false, true] {
        let stage = Stage::set().await;
        std::fs::write(stage.path("films.csv"), CSV).unwrap();
        // fal refuses the first one that it is sent.
        let refusal = FaultRule::new(Fault::ContentPolicy).on(Operation::Submit).times(1);
        stage.emulator.faults().add(refusal);
        let arguments: &[&str] = if stops { &["--stop-on-failure"] } else { &[] };
        let mut program = stage.program(&[&["batch", "films.csv", "--json"], arguments].concat());
        // One after the other, so that the first has failed before the next is sent.
        program.env("VIDEO_GEN_MAX_CONCURRENT_GENERATIONS", "1");
        let made = crate::program::run(program).await;
        assert_eq!(made.code, Some(5), "{made:?}");
        let objects = objects(&made);
        let expected = if stops { ["failed", "cancelled", "cancelled"] } else { ["failed", "completed", "completed"] };
        assert_eq!(of(&objects, "status"), expected, "{made:?}");
        assert!(made.stderr.contains("Run the same command again to go on"), "{made:?}");
        let again = stage.run(&["batch", "films.csv"]).await;
        assert_eq!(again.code, Some(0), "{again:?}");
        assert_eq!(stage.results().len(), 7, "three videos, what they were made of, and the file");
    }
}

//! `videogen project`, and budgets: what is written down outlives the program.

use serde_json::json;

use crate::program::{PROMPT, Stage};

#[tokio::test]
async fn a_film_is_made_scene_by_scene_and_adds_up() {
    let stage = Stage::set().await;
    let empty = stage.run(&["project", "list"]).await;
    assert_eq!(empty.stdout, "There are no projects yet; `videogen project create` begins one.\n");
    let created =
        stage.run(&["project", "create", "The Lighthouse", "--platform", "youtube_shorts", "--json"]).await.json();
    assert_eq!((&created["id"], &created["aspect_ratio"]), (&"the-lighthouse".into(), &"9:16".into()));
    let twice = stage.run(&["project", "create", "The Lighthouse"]).await;
    assert_eq!(twice.code, Some(2), "{twice:?}");
    assert!(twice.stderr.contains("There is a project the-lighthouse already"), "{}", twice.stderr);
    for _ in 0..2 {
        assert_eq!(stage.run(&["project", "add-scene", "the-lighthouse", PROMPT]).await.code, Some(0));
    }

    let made = ["generate", "still.png", "--project", "the-lighthouse", "--scene", "scene-2", "-o", "dusk.mp4"];
    let made = stage.run(&made).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    let shown = stage.run(&["project", "show", "the-lighthouse", "--json"]).await.json();
    assert_eq!((&shown["totals"]["finished_scenes"], &shown["totals"]["known_cost_usd"]), (&json!(1), &json!("0.28")));
    assert_eq!((&shown["assets"][0]["name"], &shown["reserved_usd"]), (&"dusk.mp4".into(), &"0".into()));
    let for_people = stage.run(&["project", "show", "the-lighthouse"]).await.stdout;
    assert!(for_people.contains("1 of 2 scenes, 5.0 s, $0.28"), "{for_people}");
    let listed = stage.run(&["project", "list"]).await.stdout;
    assert_eq!(listed, "the-lighthouse  1 of 2 scenes, 5.0 s, $0.28  The Lighthouse\n");
}

#[tokio::test]
async fn a_project_or_scene_that_is_not_there_costs_nothing() {
    let stage = Stage::set().await;
    stage.run(&["project", "create", "Film", "--id", "film"]).await;
    let refused = stage.run(&["generate", "still.png", PROMPT, "--project", "flim"]).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("there is no project flim") && refused.stderr.contains("film"), "{refused:?}");
    let refused = stage.run(&["generate", "still.png", "--project", "film", "--scene", "dawn"]).await;
    assert!(refused.stderr.contains("the project has no scene dawn"), "{refused:?}");
    let refused = stage.run(&["project", "show", "flim"]).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert_eq!(stage.emulator.requests().len(), 0);
}

#[tokio::test]
async fn a_budget_outlives_the_program() {
    let stage = Stage::set().await;
    std::fs::write(stage.path("videogen.toml"), "[budget]\nper_day = \"0.50\"\n").unwrap();
    assert_eq!(stage.run(&["generate", "still.png", PROMPT]).await.code, Some(0));
    let given = stage.run(&["generate", "still.png", PROMPT]).await;
    assert_eq!(given.code, Some(0), "what is paid for already needs no budget: {given:?}");
    let refused = stage.run(&["generate", "still.png", PROMPT, "--fresh", "--json"]).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    let refused = refused.json();
    assert_eq!((&refused["status"], &refused["error"]["kind"]), (&"refused".into(), &"over_budget".into()));
    let message = refused["error"]["message"].as_str().unwrap();
    assert_eq!(message, "nothing was sent: the video needs $0.28, and $0.22 is left of the day's limit of $0.50");
    assert_eq!(stage.emulator.ledger().total_usd().to_string(), "0.28");
}

#[tokio::test]
async fn a_platform_chooses_form_and_length() {
    let stage = Stage::set().await;
    let made = stage.run(&["generate", "still.png", PROMPT, "--platform", "youtube-shorts", "--json"]).await.json();
    assert_eq!((&made["status"], &made["duration_seconds"]), (&"completed".into(), &json!(5)));
    let made = stage.run(&["generate", "still.png", PROMPT, "--platform", "youtube", "--json"]).await.json();
    assert_eq!((&made["duration_seconds"], &made["billed_usd"]), (&json!(10), &json!("0.56")));
    let refused = stage.run(&["generate", "still.png", PROMPT, "--platform", "cinema"]).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("there are youtube, youtube_shorts"), "{}", refused.stderr);
}

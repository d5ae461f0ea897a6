//! Bad input: every mistake at once, in words to act on, and nothing is sent.

use serde_json::{Value, json};

use crate::stage::{Stage, bad};

fn fields(refused: &Value) -> Vec<&str> {
    let violations = refused["error"]["violations"].as_array().unwrap();
    violations.iter().map(|violation| violation["field"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_price_above_the_limit_is_refused_under_the_name_of_its_argument() {
    let stage = Stage::set().await;
    let (client, _serving) = stage.client().await;
    let dear = json!({
        "image_url": "https://example.com/still.png",
        "motion_prompt": "slow zoom in on the lighthouse",
        "max_cost_usd": 0.01,
    });
    let (words, refused) = bad(&client, "generate_video_from_image", dear).await;
    assert_eq!(fields(&refused), ["max_cost_usd"]);
    assert!(words.contains("- max_cost_usd: the video would cost $0.28 and may cost $0.01."), "{words}");
    assert!(stage.emulator.requests().is_empty());
}

#[tokio::test]
async fn every_mistake_is_listed_under_the_name_of_its_argument_and_nothing_is_sent() {
    let stage = Stage::set().await;
    let (client, _serving) = stage.client().await;
    let wrong = json!({
        "image_url": "missing.png",
        "motion_prompt": "zoo",
        "duration": 7,
        "aspect_ratio": "7:3",
        "model": "kling_2.1",
        "cfg_scale": 1.5,
        "prompt_optimizer": true,
        "parameters": { "motion_strength": 0.5 },
        "return_queue_id": "yes",
        "model_name": "kling",
    });
    let (words, refused) = bad(&client, "generate_video_from_image", wrong).await;
    assert_eq!((&refused["status"], &refused["error"]["kind"]), (&json!("refused"), &json!("invalid_request")));
    assert_eq!(
        fields(&refused),
        [
            "return_queue_id",
            "model_name",
            "image_url",
            "motion_prompt",
            "duration",
            "cfg_scale",
            "parameters.motion_strength",
            "prompt_optimizer",
            "aspect_ratio",
        ]
    );
    for line in [
        "nothing was sent",
        "- return_queue_id: return_queue_id must be true or false, not a text.",
        "- model_name: there is no such field; allowed: image_url, motion_prompt, duration,",
        "- duration: kling_2.1 cannot make a video of 7 s; did you mean 5? Allowed: 5, 10.",
        "- cfg_scale: cfg_scale must be at most 1, not 1.5;",
        "did you mean cfg_scale?",
    ] {
        assert!(words.contains(line), "{line} is not in:\n{words}");
    }
    let pictures = stage.path("pictures").canonicalize().unwrap().display().to_string();
    let image = &refused["error"]["violations"][2];
    assert_eq!(image["allowed"], json!([pictures]), "the agent is told where pictures may be");
    assert_eq!(refused["error"]["violations"][4]["suggestion"], "5");
    assert_eq!((stage.emulator.requests().len(), stage.emulator.uploads()), (0, 0));
}

#[tokio::test]
async fn wrong_types_and_missing_arguments_are_mistakes_like_others() {
    let stage = Stage::set().await;
    let (client, _serving) = stage.client().await;
    let (_, refused) = bad(&client, "generate_video_from_image", json!({})).await;
    assert_eq!(fields(&refused), ["image_url", "motion_prompt"]);

    let twice = json!({
        "image_url": "data:image/png;base64,AAAA",
        "motion_prompt": 5,
        "duration": "five",
        "model": "kling2.1",
        "cfg_scale": 0.5,
        "parameters": { "cfg_scale": 0.5 },
    });
    let (words, refused) = bad(&client, "generate_video_from_image", twice).await;
    assert_eq!(fields(&refused), ["motion_prompt", "duration", "cfg_scale", "model", "image_url"]);
    assert!(words.contains("did you mean kling_2.1?"), "{words}");

    let (_, refused) = bad(&client, "get_queue_status", json!({})).await;
    assert_eq!(fields(&refused), ["task_id"]);
    let (_, refused) = bad(&client, "list_models", json!({ "all": true })).await;
    assert_eq!(fields(&refused), ["all"]);
    let (_, refused) = bad(&client, "estimate_cost", json!({ "model": "hailuo_02", "duration": 5 })).await;
    assert_eq!(fields(&refused), ["duration"]);
    assert_eq!(stage.emulator.requests().len(), 0);
}

#[tokio::test]
async fn an_unknown_task_is_an_error_that_says_so() {
    let stage = Stage::set().await;
    let (client, _serving) = stage.client().await;
    let (words, refused) = bad(&client, "get_queue_status", json!({ "task_id": "nobody" })).await;
    assert_eq!(refused["error"]["kind"], "unknown_task");
    assert!(words.starts_with("there is no task nobody. Take the task_id from"), "{words}");
}

#[tokio::test]
async fn a_failure_at_fal_says_what_to_do_and_shows_no_key() {
    let stage = Stage::set().await;
    std::fs::remove_dir(stage.path("videos")).unwrap();
    let (client, _serving) = stage.client().await;
    let (words, failed) = bad(&client, "generate_video_from_image", crate::stage::request("still.png")).await;
    assert_eq!((&failed["status"], &failed["error"]["kind"]), (&json!("failed"), &json!("storage")));
    assert!(words.contains("Make the folder"), "{words}");
    assert!(!format!("{words}{failed}").contains("s3cr3t"));
    assert_eq!(stage.emulator.ledger().charges().len(), 0, "it would have been paid for in vain");
}

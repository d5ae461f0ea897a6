//! `videogen config`, and settings that change what a command does.

use crate::program::{PROMPT, Stage};

#[tokio::test]
async fn what_is_set_is_shown_with_where_it_comes_from() {
    let stage = Stage::set().await;
    std::fs::write(stage.path("videogen.toml"), "[generation]\nmax_concurrent = 2\n").unwrap();
    std::fs::write(stage.path(".env"), "VIDEO_GEN_MIN_PROMPT_LENGTH=4\n").unwrap();
    let shown = stage.run(&["config", "show"]).await;
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for line in [
        "generation.max_concurrent = 2    # videogen.toml:2",
        "validation.min_prompt_length = 4    # .env:1",
        "retry.max_attempts = 3    # default",
        "    # VIDEO_GEN_FAL_QUEUE_URL",
    ] {
        assert!(shown.stdout.contains(line), "{line}: {}", shown.stdout);
    }
    assert!(!shown.stdout.contains("secret"));
    let listed = stage.run(&["config", "show", "--json"]).await.json();
    let most = listed.as_array().unwrap().iter().find(|setting| setting["key"] == "generation.max_concurrent").unwrap();
    assert_eq!(
        (&most["value"], &most["origin"], &most["place"]),
        (&"2".into(), &"file".into(), &"videogen.toml:2".into())
    );
}

#[tokio::test]
async fn what_cannot_be_used_is_told_before_anything_is_sent() {
    let stage = Stage::set().await;
    std::fs::write(stage.path("mine.toml"), "[generation]\nmax_concurent = 2\n[retry]\nmax_attempts = 0\n").unwrap();
    let check = stage.run(&["config", "check", "--config", "mine.toml"]).await;
    assert_eq!((check.code, check.stdout.as_str()), (Some(2), ""));
    for line in [
        "- mine.toml:2: generation.max_concurent: there is no such setting; did you mean generation.max_concurrent?",
        "- mine.toml:4: retry.max_attempts: it must be a whole number from 1 to 100, not 0",
    ] {
        assert!(check.stderr.contains(line), "{line}: {}", check.stderr);
    }
    let refused = stage.run(&["--config", "mine.toml", "generate", "still.png", PROMPT]).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("mine.toml:4: retry.max_attempts"), "{}", refused.stderr);
    assert_eq!(stage.emulator.requests().len(), 0);
    assert_eq!(stage.run(&["config", "check"]).await.stdout, "The configuration can be used.\n");
}

#[tokio::test]
async fn the_example_is_a_file_that_can_be_used() {
    let stage = Stage::set().await;
    let example = stage.run(&["config", "example"]).await.stdout;
    std::fs::write(stage.path("videogen.toml"), example).unwrap();
    assert_eq!(stage.run(&["config", "check"]).await.code, Some(0));
}

#[tokio::test]
async fn model_price_and_folder_are_taken_from_the_file() {
    let stage = Stage::set().await;
    std::fs::create_dir(stage.path("films")).unwrap();
    let settings = "[defaults]\nvideo_model = \"hailuo_02\"\n[assets]\nlocation = \"films\"\n\
                    [models.hailuo_02]\ncost_per_second = \"0.05\"\n";
    std::fs::write(stage.path("videogen.toml"), settings).unwrap();
    let made = stage.run(&["generate", "still.png", PROMPT, "--json"]).await.json();
    assert_eq!((&made["model"], &made["estimate_usd"]), (&"hailuo_02".into(), &"0.3".into()));
    assert!(made["file"].as_str().unwrap().starts_with("films/"), "{made}");
}

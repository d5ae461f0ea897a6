//! Clips in a row, from a terminal.

use crate::program::{PROMPT, Stage};

const CHAIN: [&str; 6] = ["chain", "still.png", PROMPT, "pan left along the coast", "-o", "film.mp4"];

#[tokio::test]
async fn a_chain_tells_its_price_makes_its_clips_and_is_not_paid_for_twice() {
    let stage = Stage::set().await;
    let planned = stage.run(&[&CHAIN[..], &["--dry-run"]].concat()).await;
    assert_eq!((planned.code, planned.stdout.as_str()), (Some(0), "Nothing was sent.\n"), "{planned:?}");
    assert!(planned.stderr.contains("2 clips together: $0.56 estimated."), "{planned:?}");
    let planned = stage.run(&[&CHAIN[..], &["--dry-run", "--json"]].concat()).await.json();
    assert_eq!((&planned["status"], &planned["estimate_usd"]), (&"planned".into(), &"0.56".into()));
    assert_eq!(planned["clips"].as_array().map(Vec::len), Some(2));
    assert_eq!(stage.emulator.requests().len(), 0);

    for run in ["first", "second"] {
        let made = stage.run(&CHAIN).await;
        assert_eq!(made.code, Some(0), "{run}: {made:?}");
        for told in ["Clip 2 of 2.", "2 clips together: $0.56 estimated."] {
            assert!(made.stderr.contains(told), "{run}: {told}: {made:?}");
        }
        for name in ["film-1.mp4", "film-2.mp4"] {
            assert!(made.stdout.contains(name), "{run}: {made:?}");
        }
        assert_eq!(made.stdout.contains("Cost       none"), run == "second", "{made:?}");
        assert_eq!(stage.emulator.ledger().total_usd().to_string(), "0.56", "{run}");
    }
    assert_eq!(stage.results(), ["film-1.mp4", "film-1.mp4.json", "film-2.mp4", "film-2.mp4.json"]);
}

#[tokio::test]
async fn a_chain_that_cannot_go_on_says_how_far_it_came() {
    use fal_emulator::{Fault, FaultRule};
    let stage = Stage::set().await;
    stage.emulator.faults().add(FaultRule::new(Fault::ContentPolicy));
    let failed = stage.run(&CHAIN).await;
    assert_eq!(failed.code, Some(5), "{failed:?}");
    let told = "0 of 2 clips are made. Run the same command again to go on; what is made is not paid for again.";
    assert!(failed.stderr.contains(told), "{failed:?}");
    stage.emulator.faults().clear();
    let made = stage.run(&[&CHAIN[..], &["--json"]].concat()).await;
    let clips: Vec<serde_json::Value> = made.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(clips.iter().filter(|clip| clip["status"] == "completed").count(), 2, "{made:?}");

    let refused = stage.run(&["chain", "still.png", PROMPT, "short", "-o", "film.mp4"]).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("further[0].motion_prompt"), "{refused:?}");
    let alone = stage.run(&["chain", "still.png", PROMPT]).await;
    assert_eq!(alone.code, Some(2), "{alone:?}");
}

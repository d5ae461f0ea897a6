//! Clips in a row.

use fal_emulator::{Fault, FaultRule, Operation};
use videogen::domain::{ChainLink, ChainRequest};
use videogen::queue::Error;
use videogen::{FailureKind, QueuedTask, TaskStatus, Usd, Videogen};
use videogen_tests::film::{Film, psnr};

use crate::stage::{Stage, settled, videogen};

fn request(stage: &Stage) -> ChainRequest {
    ChainRequest::new(stage.request(320, 180).with_file_name("film.mp4"))
        .with_link(ChainLink::new("pan left along the coast"))
        .with_link(ChainLink::new("slow zoom out of the lighthouse").with_duration_seconds(10))
}

fn charges(stage: &Stage) -> usize {
    stage.emulator.ledger().charges().len()
}

/// Makes as many clips as can be made.
async fn made(videogen: &Videogen, request: &ChainRequest) -> Result<Vec<QueuedTask>, Error> {
    let mut chain = videogen.queue().chain(videogen.plan_chain(request).await?);
    let mut clips = Vec::new();
    while let Some(id) = chain.begin_next().await? {
        clips.push(settled(videogen, &id).await);
    }
    Ok(clips)
}

#[tokio::test]
async fn each_clip_begins_where_the_one_before_ends_and_costs_what_was_told() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    let plan = videogen.plan_chain(&request(&stage)).await.unwrap();
    assert_eq!((plan.clips.len(), plan.estimate.to_string()), (3, "$1.12".to_owned()));
    assert_eq!(charges(&stage), 0, "a plan sends nothing");

    let clips = made(&videogen, &request(&stage)).await.unwrap();
    assert!(clips.iter().all(|clip| clip.status == TaskStatus::Completed), "{clips:?}");
    assert_eq!(stage.emulator.ledger().total_usd(), plan.estimate.upper_bound().unwrap().dollars());
    let names = ["film-1.mp4", "film-2.mp4", "film-3.mp4"];
    let films = names.map(|name| Film::decode(&std::fs::read(stage.path(name)).unwrap()));
    assert_eq!(films.each_ref().map(|film| film.frame_count), [120, 120, 240]);
    for (before, after) in films.iter().zip(&films[1..]) {
        let near = psnr(&before.last, &after.first);
        assert!(near > 30.0, "{near:.1} dB");
        assert!(near > psnr(&before.first, &after.first), "and not where it began");
    }
}

#[tokio::test]
async fn it_is_made_again_at_no_cost_and_goes_on_where_it_was_cut_off() {
    for clips in 1..=3 {
        let stage = Stage::set().await;
        let first = stage.videogen().await;
        let mut chain = first.queue().chain(first.plan_chain(&request(&stage)).await.unwrap());
        for _ in 0..clips {
            chain.begin_next().await.unwrap().unwrap();
        }
        // In the middle of the last one, wherever it is.
        first.close().await;
        let before = charges(&stage);
        assert!(before < clips + 1, "{before} of {clips}");

        let second = stage.videogen().await;
        let clips = made(&second, &request(&stage)).await.unwrap();
        assert_eq!((clips.len(), charges(&stage)), (3, 3));
        let names = clips.iter().map(|clip| clip.video.clone().unwrap().location);
        let expected = [1, 2, 3].map(|number| stage.path(&format!("film-{number}.mp4")).display().to_string());
        assert_eq!(names.collect::<Vec<_>>(), expected);

        let third = made(&stage.videogen().await, &request(&stage)).await.unwrap();
        assert!(
            third.iter().all(|clip| clip.reused_request_id.is_some() && clip.billed == Some(Usd::ZERO)),
            "{third:?}"
        );
        assert_eq!(charges(&stage), 3);
    }
}

#[tokio::test]
async fn a_clip_that_fails_ends_the_chain_and_what_was_made_stays() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    let mut chain = videogen.queue().chain(videogen.plan_chain(&request(&stage)).await.unwrap());
    let id = chain.begin_next().await.unwrap().unwrap();
    assert_eq!(settled(&videogen, &id).await.status, TaskStatus::Completed);
    stage.emulator.faults().add(FaultRule::new(Fault::ContentPolicy));
    let id = chain.begin_next().await.unwrap().unwrap();
    assert_eq!(settled(&videogen, &id).await.failure.unwrap().kind, FailureKind::ContentPolicy);
    assert_eq!(chain.begin_next().await.unwrap(), None);
    assert_eq!(stage.results(), ["film-1.mp4", "film-1.mp4.json"]);

    stage.emulator.faults().clear();
    let paid = stage.emulator.ledger().total_usd();
    let clips = made(&videogen, &request(&stage)).await.unwrap();
    assert!(clips[0].reused_request_id.is_some() && clips.iter().all(|clip| clip.video.is_some()), "{clips:?}");
    assert_eq!((stage.emulator.ledger().total_usd() - paid).normalize().to_string(), "0.84");
}

#[tokio::test]
async fn a_clip_that_may_have_been_accepted_is_not_sent_again() {
    let stage = Stage::set().await;
    let first = stage.videogen().await;
    let mut chain = first.queue().chain(first.plan_chain(&request(&stage)).await.unwrap());
    let id = chain.begin_next().await.unwrap().unwrap();
    settled(&first, &id).await;
    stage.emulator.faults().add(FaultRule::new(Fault::ReplyLost).on(Operation::Submit).times(1));
    let unclear = chain.begin_next().await.unwrap().unwrap();
    assert_eq!(settled(&first, &unclear).await.failure.unwrap().kind, FailureKind::Unconfirmed);
    first.close().await;
    drop((chain, first));

    let second = stage.videogen().await;
    let clips = made(&second, &request(&stage)).await.unwrap();
    assert_eq!((clips.len(), &clips[1].id, charges(&stage)), (2, &unclear, 2));
    let accepted = stage.emulator.ledger().charges()[1].request_id.clone();
    second.queue().confirm(&unclear, &accepted).await.unwrap();
    let clips = made(&second, &request(&stage)).await.unwrap();
    assert!(clips.iter().all(|clip| clip.status == TaskStatus::Completed), "{clips:?}");
    assert_eq!((clips.len(), charges(&stage)), (3, 3));
}

#[tokio::test]
async fn what_is_wrong_with_any_clip_is_told_before_the_first_is_paid() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    let mut wrong = ChainRequest::new(stage.request(320, 180).with_duration_seconds(7).with_scene("dawn"))
        .with_link(ChainLink::new("short"))
        .with_link(ChainLink::new("pan left along the coast").with_duration_seconds(5));
    wrong.first.end_image = Some(wrong.first.image.clone());
    let violations = videogen.plan_chain(&wrong).await.unwrap_err();
    let mut fields: Vec<_> = violations.iter().map(|violation| violation.field.as_str()).collect();
    fields.sort_unstable();
    fields.dedup();
    assert_eq!(fields, ["duration", "end_image", "further[0].duration", "further[0].motion_prompt", "scene_id"]);
    let alone = videogen.plan_chain(&ChainRequest::new(stage.request(320, 180))).await.unwrap_err();
    assert_eq!(alone.iter().next().unwrap().field, "further");
    let mut dear = request(&stage);
    dear.first.max_cost = Some("1.11".parse().unwrap());
    let violations = videogen.plan_chain(&dear).await.unwrap_err();
    let message = &violations.iter().next().unwrap().message;
    assert_eq!(message, "the clips would cost up to $1.12 together and may cost $1.11");
    dear.first.max_cost = Some("1.12".parse().unwrap());
    assert!(videogen.plan_chain(&dear).await.is_ok());
    assert_eq!(stage.emulator.requests().len(), 0);
}

#[tokio::test]
async fn a_budget_without_room_for_all_clips_makes_none() {
    let stage = Stage::set().await;
    let variables = stage.variables().into_iter().chain([("VIDEO_GEN_BUDGET_OVERALL", "1.00".to_owned())]);
    let poor = videogen(variables.collect(), stage.folder.path()).await;
    let refused = made(&poor, &request(&stage)).await.unwrap_err();
    assert!(matches!(&refused, Error::Refused(failure) if failure.kind == FailureKind::OverBudget), "{refused}");
    assert_eq!(charges(&stage), 0);
    // One that is paid for already needs none.
    assert_eq!(made(&stage.videogen().await, &request(&stage)).await.unwrap().len(), 3);
    assert_eq!(made(&poor, &request(&stage)).await.unwrap().len(), 3);
    assert_eq!(charges(&stage), 3);
}

//! The same is asked for twice.

use std::path::Path;

use fal_emulator::{Emulator, Fault, FaultRule, Operation, Pace};
use videogen::domain::{Project, Scene, UnixMillis};
use videogen::{FailureKind, GenerationRequest, TaskStatus, Usd, Videogen};

use crate::stage::{Stage, generate, settled, until, videogen};

fn request(stage: &Stage) -> GenerationRequest {
    stage.request(320, 180).with_file_name("lighthouse.mp4")
}

fn charges(stage: &Stage) -> usize {
    stage.emulator.ledger().charges().len()
}

async fn videogen_into(stage: &Stage, folder: &Path) -> Videogen {
    std::fs::create_dir_all(folder).unwrap();
    videogen(stage.variables().into_iter().collect(), folder).await
}

#[tokio::test]
async fn it_is_paid_for_once_and_the_video_given_again_under_any_name_and_in_any_folder() {
    let stage = Stage::set().await;
    let first = generate(&stage.videogen().await, &request(&stage)).await;
    let video = first.video.clone().unwrap();

    // Other processes.
    let again = generate(&stage.videogen().await, &request(&stage)).await;
    assert_eq!((again.status, again.failure), (TaskStatus::Completed, None));
    assert_eq!((again.request_id, again.reused_request_id), (None, first.request_id.clone()));
    assert_eq!((again.billed, again.video), (Some(Usd::ZERO), Some(video.clone())));

    let elsewhere = stage.path("elsewhere");
    let copies = [
        (stage.videogen().await, "copy.mp4", stage.path("copy.mp4")),
        (videogen_into(&stage, &elsewhere).await, "lighthouse.mp4", elsewhere.join("lighthouse.mp4")),
    ];
    for (videogen, name, place) in copies {
        let copy = generate(&videogen, &request(&stage).with_file_name(name)).await;
        assert_eq!(copy.reused_request_id, first.request_id, "{name}");
        assert_eq!(copy.video.unwrap().location, place.display().to_string());
        assert_eq!(std::fs::read(&place).unwrap(), std::fs::read(&video.location).unwrap());
        let sidecar = std::fs::read_to_string(place.with_file_name(format!("{name}.json"))).unwrap();
        assert!(sidecar.contains(first.request_id.as_deref().unwrap()), "{sidecar}");
        let books = videogen.books().ledgers(None, UnixMillis(0)).await.unwrap().overall;
        assert_eq!((books.spent().to_string(), books.reserved()), ("$0.28".to_owned(), Usd::ZERO));
    }
    assert_eq!((charges(&stage), stage.emulator.uploads()), (1, 1));
    assert_eq!(stage.results(), ["copy.mp4", "copy.mp4.json", "elsewhere", "lighthouse.mp4", "lighthouse.mp4.json"]);
}

#[tokio::test]
async fn a_fresh_video_is_a_new_one_and_the_next_is_given_the_newest() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    let first = generate(&videogen, &request(&stage)).await;
    let fresh = generate(&videogen, &request(&stage).with_file_name("fresh.mp4").with_fresh(true)).await;
    assert_eq!(fresh.reused_request_id, None);
    assert_ne!(fresh.request_id, first.request_id);
    let next = generate(&videogen, &request(&stage).with_file_name("fresh.mp4")).await;
    assert_eq!((next.reused_request_id, charges(&stage)), (fresh.request_id, 2));
}

#[tokio::test]
async fn whatever_differs_is_made() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    generate(&videogen, &request(&stage)).await;
    let mut outwards = request(&stage);
    outwards.motion_prompt = "slow zoom out of the lighthouse".to_owned();
    let others = [
        outwards,
        request(&stage).with_duration_seconds(10),
        request(&stage).with_model("hailuo_02"),
        request(&stage).with_negative_prompt("people"),
        stage.request(360, 180),
    ];
    for (made, other) in others.iter().enumerate() {
        let task = generate(&videogen, other).await;
        assert_eq!((task.failure, task.reused_request_id), (None, None), "{other:?}");
        assert_eq!(charges(&stage), made + 2, "{other:?}");
    }
}

#[tokio::test]
async fn a_video_that_is_gone_or_damaged_is_made_again_and_one_that_was_moved_aside_is_found() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    let place = stage.path("lighthouse.mp4");
    let first = generate(&videogen, &request(&stage)).await;

    let mut other = request(&stage);
    other.motion_prompt = "slow zoom out of the lighthouse".to_owned();
    let moved = generate(&videogen, &other).await.video.unwrap().replaced.unwrap();
    assert!(moved.ends_with("lighthouse-1.mp4"), "{moved}");
    let again = generate(&videogen, &request(&stage).with_file_name("again.mp4")).await;
    assert_eq!((again.reused_request_id, charges(&stage)), (first.request_id, 2));

    let damages: [fn(&Path); 3] = [
        |place| std::fs::remove_file(place).unwrap(),
        |place| std::fs::write(place, "of the same name").unwrap(),
        |place| {
            let mut film = std::fs::read(place).unwrap();
            *film.last_mut().unwrap() ^= 1;
            std::fs::write(place, film).unwrap();
        },
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        damage(&place);
        let task = generate(&videogen, &other).await;
        assert_eq!((task.failure, task.reused_request_id), (None, None), "damage {number}");
        assert_eq!(charges(&stage), number + 3);
    }
}

#[tokio::test]
async fn what_another_provider_has_made_is_not_taken() {
    let stage = Stage::set().await;
    generate(&stage.videogen().await, &request(&stage)).await;
    let other = Emulator::builder().pace(Pace::Fast).start().await.unwrap();
    let urls = other.urls();
    let elsewhere = [
        ("VIDEO_GEN_FAL_QUEUE_URL", urls.queue.clone()),
        ("VIDEO_GEN_FAL_REST_URL", urls.rest.clone()),
        ("VIDEO_GEN_FAL_CDN_URL", urls.cdn.clone()),
    ];
    let environment = stage.variables().into_iter().chain(elsewhere).collect();
    let task = generate(&videogen(environment, stage.folder.path()).await, &request(&stage)).await;
    assert_eq!((task.failure, task.reused_request_id), (None, None));
    assert_eq!((charges(&stage), other.ledger().charges().len()), (1, 1));
}

#[tokio::test]
async fn a_scene_of_another_film_shows_it_at_no_cost() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    for film in ["film", "trailer"] {
        videogen
            .books()
            .create_project(&Project::new(film.into(), "The lighthouse", UnixMillis(0)).unwrap())
            .await
            .unwrap();
        let scene = Scene::new("dawn".into(), "slow zoom in on the lighthouse").unwrap();
        videogen.books().add_scene(&film.into(), scene, None).await.unwrap();
    }
    let first = generate(&videogen, &request(&stage).with_project("film").with_scene("dawn")).await;
    for _ in 0..2 {
        let task = generate(&videogen, &request(&stage).with_project("trailer").with_scene("dawn")).await;
        assert_eq!(task.reused_request_id, first.request_id);
        let assets = videogen.books().assets(&"trailer".into()).await.unwrap();
        let [asset] = assets.as_slice() else { panic!("one, however often it is asked for: {assets:?}") };
        assert_eq!((asset.billed, Some(&asset.request_id)), (Some(Usd::ZERO), first.request_id.as_ref()));
        let trailer = videogen.books().project(&"trailer".into()).await.unwrap().unwrap();
        assert_eq!(trailer.scene(&"dawn".into()).unwrap().shown(), Some(&asset.id));
    }
    assert_eq!(charges(&stage), 1);
    videogen.library().delete("lighthouse.mp4").await.unwrap();
    for film in ["film", "trailer"] {
        let assets = videogen.books().assets(&film.into()).await.unwrap();
        assert!(assets.iter().all(|asset| asset.deleted_at.is_some()), "{film} shows it no more: {assets:?}");
    }
}

#[tokio::test]
async fn while_it_is_being_made_a_second_call_joins_and_another_name_waits_for_it() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    let queue = videogen.queue();
    let (asked, named) = (request(&stage), request(&stage).with_file_name("named.mp4"));
    let (one, other, third) = tokio::join!(queue.submit(&asked), queue.submit(&asked), queue.submit(&named));
    let (one, third) = (one.unwrap(), third.unwrap());
    assert_eq!(other.unwrap(), one);
    assert_ne!(third, one);
    let (made, copied) = (settled(&videogen, &one).await, settled(&videogen, &third).await);
    let (made, copied) = if made.request_id.is_some() { (made, copied) } else { (copied, made) };
    assert_eq!((made.failure, copied.failure), (None, None));
    assert_eq!((copied.reused_request_id, copied.billed), (made.request_id, Some(Usd::ZERO)));
    assert_eq!(charges(&stage), 1);
    assert_eq!(stage.results(), ["lighthouse.mp4", "lighthouse.mp4.json", "named.mp4", "named.mp4.json"]);
}

#[tokio::test]
async fn what_may_have_been_accepted_is_not_sent_again_because_somebody_asks_again() {
    let stage = Stage::set().await;
    stage.emulator.faults().add(FaultRule::new(Fault::ReplyLost).on(Operation::Submit).times(1));
    let videogen = stage.videogen().await;
    let id = videogen.queue().submit(&request(&stage)).await.unwrap();
    // It is taken in while it is not known yet how the submit of the other ends.
    let waiting = videogen.queue().submit(&request(&stage).with_file_name("waiting.mp4")).await.unwrap();
    let held = settled(&videogen, &id).await;
    assert_eq!(held.failure.as_ref().map(|failure| failure.kind), Some(FailureKind::Unconfirmed));
    for name in ["lighthouse.mp4", "named.mp4"] {
        let again = videogen.queue().submit(&request(&stage).with_file_name(name)).await.unwrap();
        assert_eq!(again, id, "{name}");
    }
    let waiting = until(&videogen, &waiting, |task| task.is_settled()).await;
    let failure = waiting.failure.clone().unwrap();
    assert!(waiting.is_held() && failure.message.contains(id.as_str()), "{failure:?}");
    assert!(failure.advice.contains("fresh"), "{failure:?}");
    assert_eq!(charges(&stage), 1);
    let books = videogen.books().ledgers(None, UnixMillis(0)).await.unwrap().overall;
    assert_eq!(
        books.reserved().to_string(),
        "$0.28",
        "what may have been paid for, and nothing for the one that waits"
    );

    let fresh = generate(&videogen, &request(&stage).with_fresh(true)).await;
    assert_eq!((fresh.failure, charges(&stage)), (None, 2));
}

#[tokio::test]
async fn of_many_who_ask_for_a_video_that_is_gone_one_pays() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    generate(&videogen, &request(&stage)).await;
    std::fs::remove_file(stage.path("lighthouse.mp4")).unwrap();
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(videogen.queue().submit(&request(&stage)).await.unwrap());
    }
    // Whoever asks while it is made joins it; whoever asks afterwards is given it.
    for id in &ids {
        assert_eq!(settled(&videogen, id).await.status, TaskStatus::Completed);
    }
    assert_eq!(charges(&stage), 2);
}

//! What is reserved, spent and kept, while fal does this or that.

use std::sync::Arc;

use serde_json::json;
use videogen_domain::{
    AspectRatio, Budget, CostEstimate, FailureKind, Fit, Generation, GenerationEvent, GenerationRequest,
    GenerationState, ImageInput, Ledger, Project, ProjectTotals, Recovery, Scene, UnixMillis, Usd, ViolationCode,
};
use videogen_service::{BudgetStore, GenerationService, NoJournal, ProjectStore, SqliteBooks};

use crate::answers::{Sent, refused_field, result_error, status, submit_error};
use crate::happy::stage as happy_stage;
use crate::journals::{Recording, Trouble};
use crate::media::png;
use crate::stage::{PROMPT, Stage};

const NOW: fn() -> UnixMillis = || UnixMillis(jiff::Timestamp::now().as_millisecond());

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn within(text: &str) -> Budget {
    Budget { overall: Some(usd(text)), ..Budget::default() }
}

fn service(stage: &Stage, books: &SqliteBooks, budget: Budget) -> GenerationService {
    stage.service().with_books(Arc::new(books.clone()), budget)
}

async fn overall(books: &SqliteBooks) -> Ledger {
    books.ledgers(None, NOW()).await.unwrap().overall
}

fn request() -> GenerationRequest {
    let image = ImageInput::Bytes { name: "lighthouse.png".to_owned(), bytes: png(64, 36).into() };
    GenerationRequest::new(image, PROMPT).with_file_name("out.mp4")
}

/// One that is made and paid for, whatever was made before.
async fn planned_anew(stage: &Stage) -> Generation {
    stage.planned_as(request().with_fresh(true)).await
}

async fn film(books: &SqliteBooks) {
    let film = Project::new("film".into(), "The lighthouse", NOW()).unwrap();
    books.create_project(&film.with_aspect_ratio("9:16".parse().unwrap())).await.unwrap();
    books.add_scene(&"film".into(), Scene::new("dawn".into(), PROMPT).unwrap(), None).await.unwrap();
}

#[tokio::test]
async fn what_was_reserved_is_spent_when_the_video_is_there() {
    let (stage, books) = (Stage::new(), SqliteBooks::in_memory());
    let generation = stage.planned().await;
    let ended = service(&stage, &books, within("0.28")).run(generation, &NoJournal).await.unwrap();
    assert_eq!((ended.state, ended.deviation), (GenerationState::Completed, None));
    assert_eq!(overall(&books).await, Ledger::new(usd("0.28"), Usd::ZERO));
}

#[tokio::test]
async fn what_does_not_fit_into_the_budget_is_not_sent() {
    let (stage, books) = (Stage::new(), SqliteBooks::in_memory());
    let ended = service(&stage, &books, within("0.27")).run(stage.planned().await, &NoJournal).await.unwrap();
    let failure = ended.failure.unwrap();
    assert_eq!((failure.kind, failure.recovery), (FailureKind::OverBudget, Recovery::Never));
    let words = "nothing was sent: the video needs $0.28, and the overall limit is $0.27";
    assert_eq!(failure.message, words);
    assert_eq!((stage.submits(), overall(&books).await), (0, Ledger::default()));
}

#[tokio::test]
async fn what_does_not_fit_into_this_day_stands_still_until_it_does() {
    let (stage, books) = (Stage::new(), SqliteBooks::in_memory());
    let day = |text: &str| Budget { per_day: Some(usd(text)), ..Budget::default() };
    service(&stage, &books, day("0.50")).run(planned_anew(&stage).await, &NoJournal).await.unwrap();
    let held = service(&stage, &books, day("0.50")).run(planned_anew(&stage).await, &NoJournal).await.unwrap_err();
    assert_eq!((held.failure.kind, held.failure.recovery), (FailureKind::OverBudget, Recovery::Later));
    assert_eq!((held.generation.state, stage.submits()), (GenerationState::Ready, 1));
    let ended = service(&stage, &books, day("0.56")).run(held.generation, &NoJournal).await.unwrap();
    assert_eq!((ended.state, stage.submits()), (GenerationState::Completed, 2));
}

#[tokio::test]
async fn a_refused_submit_gives_its_money_back() {
    let (stage, books) = (Stage::new(), SqliteBooks::in_memory());
    let error = submit_error(&Sent::Answer(422, refused_field("image_too_small"))).await;
    stage.script().submit.push_back(Err(error));
    let ended = service(&stage, &books, within("0.28")).run(stage.planned().await, &NoJournal).await.unwrap();
    assert_eq!((ended.state, overall(&books).await), (GenerationState::Failed, Ledger::default()));
}

#[tokio::test]
async fn a_submit_without_an_answer_keeps_its_money_set_aside() {
    let (stage, books) = (Stage::new(), SqliteBooks::in_memory());
    let error = submit_error(&Sent::Nothing(fal_core::Delivery::Unknown)).await;
    stage.script().submit.push_back(Err(error));
    let held = service(&stage, &books, within("0.28")).run(stage.planned().await, &NoJournal).await.unwrap_err();
    assert_eq!(held.failure.kind, FailureKind::Unconfirmed);
    assert_eq!(overall(&books).await, Ledger::new(Usd::ZERO, usd("0.28")));
}

#[tokio::test]
async fn a_failure_gives_the_money_back_only_where_fal_says_that_there_is_no_video() {
    for (told, expected) in [(true, Ledger::default()), (false, Ledger::new(usd("0.28"), Usd::ZERO))] {
        let (stage, books) = (Stage::new(), SqliteBooks::in_memory());
        let mut completed = json!({ "status": "COMPLETED" });
        if told {
            completed["error"] = "the model failed".into();
        }
        let (status, error) = (status(completed).await, result_error(&Sent::Answer(422, refused_field("x"))).await);
        stage.script().status.push_back(Ok(status));
        stage.script().result.push_back(Err(error));
        let ended = service(&stage, &books, within("0.28")).run(stage.planned().await, &NoJournal).await.unwrap();
        assert_eq!(ended.state, GenerationState::Failed);
        assert_eq!(overall(&books).await, expected, "told: {told}");
    }
}

#[tokio::test]
async fn the_next_model_is_booked_in_place_of_the_one_that_failed() {
    let (stage, books) = (Stage::new(), SqliteBooks::in_memory());
    let error = submit_error(&Sent::Answer(422, refused_field("x"))).await;
    stage.script().submit.push_back(Err(error));
    let generation = stage.planned_as(request().with_fallback_model("kling_2.1_pro")).await;
    // Both together do not fit.
    let ended = service(&stage, &books, within("0.50")).run(generation, &NoJournal).await.unwrap();
    assert_eq!((ended.state, ended.model_id.as_str()), (GenerationState::Completed, "kling_2.1_pro"));
    let spent = overall(&books).await;
    assert_eq!((spent.spent(), spent.reserved()), (ended.billed.unwrap_or(usd("0.49")), Usd::ZERO));
}

#[tokio::test]
async fn whenever_the_process_dies_nothing_is_booked_twice() {
    let events = crate::happy::EVENTS;
    for trouble in [Trouble::DiesBefore, Trouble::DiesAfter] {
        for n in 1..=events.len() {
            let (stage, books) = (happy_stage().await, SqliteBooks::in_memory());
            let journal = Recording::with_trouble(n, trouble);
            let first = service(&stage, &books, within("0.28"));
            let planned = first.begun(stage.planned().await);
            tokio::select! {
                ended = first.run(planned.clone(), &journal) => panic!("{trouble:?} {n}: {ended:?}"),
                () = journal.died.notified() => {}
            }
            let restored = journal.restored(&planned);
            let unknown = restored.state == GenerationState::Submitting;
            let ended = service(&stage, &books, within("0.28")).run(restored, &journal).await;
            let expected = if unknown { (Usd::ZERO, usd("0.28")) } else { (usd("0.28"), Usd::ZERO) };
            assert_eq!(ended.is_err(), unknown, "{trouble:?} {n}: {ended:?}");
            let ledger = overall(&books).await;
            assert_eq!((ledger.spent(), ledger.reserved()), expected, "{trouble:?} {n}");
        }
    }
}

#[tokio::test]
async fn a_request_that_is_taken_up_by_its_id_settles_what_was_set_aside_for_it() {
    let (stage, books) = (Stage::new(), SqliteBooks::in_memory());
    let journal = Recording::with_trouble(4, Trouble::DiesBefore);
    let first = service(&stage, &books, within("1"));
    let planned = stage.planned().await;
    tokio::select! {
        ended = first.run(planned, &journal) => panic!("{ended:?}"),
        () = journal.died.notified() => {}
    }
    assert_eq!(overall(&books).await, Ledger::new(Usd::ZERO, usd("0.28")));
    let adopted = first.adopt("kling_2.1", "r-1").unwrap();
    first.run(adopted, &NoJournal).await.unwrap();
    assert_eq!(overall(&books).await, Ledger::new(usd("0.28"), Usd::ZERO));
}

#[tokio::test]
async fn a_finished_video_joins_the_scene_that_it_was_made_for() {
    let (stage, books) = (Stage::new(), SqliteBooks::in_memory());
    film(&books).await;
    let service = service(&stage, &books, Budget::default());
    let mut asked = request().with_fresh(true);
    asked.motion_prompt.clear();
    let plan = service.plan(&asked.with_project("film").with_scene("dawn")).await.unwrap();
    assert_eq!(plan.parameters["prompt"], PROMPT, "the scene says what is to be seen");
    assert_eq!(
        plan.image.reshape,
        Some(("9:16".parse::<AspectRatio>().unwrap(), Fit::Crop)),
        "the project's aspect ratio"
    );
    for _ in 0..2 {
        service.run(Generation::new(plan.clone()), &NoJournal).await.unwrap();
    }
    let project = books.project(&"film".into()).await.unwrap().unwrap();
    let takes: Vec<_> = project.scene(&"dawn".into()).unwrap().takes().iter().map(|take| take.as_str()).collect();
    assert_eq!(takes, ["r-1", "r-2"]);
    let totals = books.project_totals(&"film".into()).await.unwrap().unwrap();
    let expected = ProjectTotals { scenes: 1, finished_scenes: 1, videos: 2, known_cost: usd("0.56"), ..totals };
    assert_eq!(totals, expected);
    let ledger = books.ledgers(Some(&"film".into()), NOW()).await.unwrap().project.unwrap();
    assert_eq!(ledger, Ledger::new(usd("0.56"), Usd::ZERO));
    assert_eq!(books.assets(&"film".into()).await.unwrap()[0].name, "out.mp4");
}

#[tokio::test]
async fn a_project_or_scene_that_is_not_there_is_told_with_every_other_mistake() {
    let (stage, books) = (Stage::new(), SqliteBooks::in_memory());
    film(&books).await;
    let service = service(&stage, &books, Budget::default());
    let mistakes = |request: GenerationRequest| {
        let service = service.clone();
        async move {
            let violations = service.plan(&request.with_duration_seconds(7)).await.unwrap_err();
            let told = violations.iter().map(|violation| (violation.field.clone(), violation.code));
            (told.collect::<Vec<_>>(), violations.iter().next().unwrap().suggestion.clone())
        }
    };
    let duration = ("duration".to_owned(), ViolationCode::NotAllowed);
    let unknown = |field: &str| (field.to_owned(), ViolationCode::UnknownProject);
    let (told, near) = mistakes(request().with_project("flim")).await;
    assert_eq!((told, near.as_deref()), (vec![unknown("project_id"), duration.clone()], Some("film")));
    let (told, near) = mistakes(request().with_project("film").with_scene("dwan")).await;
    assert_eq!((told, near.as_deref()), (vec![unknown("scene_id"), duration.clone()], Some("dawn")));
    let (told, _) = mistakes(request().with_scene("dawn")).await;
    assert_eq!(told, [duration.clone(), ("scene_id".to_owned(), ViolationCode::Conflict)]);
    let elsewhere = stage.service().plan(&request().with_project("film")).await.unwrap_err();
    assert_eq!(elsewhere.iter().next().unwrap().code, ViolationCode::UnknownProject, "no books are kept there");
}

#[tokio::test]
async fn what_fal_counts_outweighs_the_catalogue_after_three_bills() {
    let (stage, books) = (Stage::new(), SqliteBooks::in_memory());
    let service = service(&stage, &books, Budget::default());
    for made in 0..3 {
        let plan = service.plan(&request().with_fresh(true)).await.unwrap();
        assert_eq!(plan.estimate, CostEstimate::Exact(usd("0.28")), "after {made}");
        let twice = fal_core::Output::new(crate::stage::output().payload, Some(10.into()));
        stage.script().result.push_back(Ok(twice));
        let ended = service.run(Generation::new(plan), &NoJournal).await.unwrap();
        let deviation = ended.deviation.unwrap();
        assert_eq!((deviation.expected, deviation.billed), (usd("0.28"), usd("0.56")), "an alarm");
    }
    assert_eq!(service.plan(&request()).await.unwrap().estimate, CostEstimate::Exact(usd("0.56")));
    let longer = service.plan(&request().with_duration_seconds(10)).await.unwrap();
    assert_eq!(longer.estimate, CostEstimate::Exact(usd("0.56")), "of another length nothing is known yet");
    let refused = service.plan(&request().with_max_cost(usd("0.28"))).await.unwrap_err();
    assert_eq!(refused.iter().next().unwrap().code, ViolationCode::OverBudget);
}

#[tokio::test]
async fn books_that_cannot_be_written_stop_a_video_only_where_somebody_relies_on_them() {
    let stage = Stage::new();
    std::fs::write(stage.folder.path().join("file"), "").unwrap();
    let books = SqliteBooks::at(stage.folder.path().join("file/books.sqlite"));
    let held = service(&stage, &books, within("1")).run(stage.planned().await, &NoJournal).await.unwrap_err();
    assert_eq!((held.failure.kind, held.failure.recovery), (FailureKind::Record, Recovery::Later));
    assert_eq!(stage.submits(), 0);
    let ended = service(&stage, &books, Budget::default()).run(held.generation, &NoJournal).await.unwrap();
    assert_eq!(ended.state, GenerationState::Completed);
}

#[tokio::test]
async fn an_alarm_is_part_of_what_is_recorded() {
    let (stage, journal) = (Stage::new(), Recording::default());
    let dear = fal_core::Output::new(crate::stage::output().payload, Some(6.into()));
    stage.script().result.push_back(Ok(dear));
    stage.service().run(stage.planned().await, &journal).await.unwrap();
    let Some(GenerationEvent::Settled { billed, deviation: Some(deviation) }) = journal.events().pop() else {
        panic!("{:?}", journal.names());
    };
    assert_eq!((billed, deviation.expected), (Some(usd("0.336")), usd("0.28")));
}

#[tokio::test]
async fn what_stands_still_before_a_submit_sets_nothing_aside() {
    let (stage, books) = (Stage::new(), SqliteBooks::in_memory());
    let service = service(&stage, &books, within("0.28"));
    let generation = service.begun(stage.planned().await);
    service.reserve(&generation).await.unwrap();
    assert_eq!(overall(&books).await, Ledger::new(Usd::ZERO, usd("0.28")));
    let stopped = tokio_util::sync::CancellationToken::new();
    stopped.cancel();
    let held = service.run_until(generation, &NoJournal, &stopped).await.unwrap_err();
    assert_eq!((held.failure.kind, overall(&books).await), (FailureKind::Stopped, Ledger::default()));
    service.run(held.generation, &NoJournal).await.unwrap();
    assert_eq!(overall(&books).await, Ledger::new(usd("0.28"), Usd::ZERO));
}

#[tokio::test]
async fn whenever_the_process_dies_the_video_that_was_there_is_taken_and_joins_its_project_once() {
    for trouble in [Trouble::DiesBefore, Trouble::DiesAfter] {
        let (stage, books) = (Stage::new(), SqliteBooks::in_memory());
        film(&books).await;
        let service = service(&stage, &books, within("0.56"));
        service.run(stage.planned().await, &NoJournal).await.unwrap();
        let asked = request().with_file_name("copy.mp4").with_project("film").with_scene("dawn");
        // As it is, without what the project would say of the picture.
        let mut plan = service.plan(&request().with_file_name("copy.mp4")).await.unwrap();
        (plan.project_id, plan.scene_id) = (asked.project_id, asked.scene_id);
        let planned = service.begun(Generation::new(plan));
        service.reserve(&planned).await.unwrap();
        let journal = Recording::with_trouble(1, trouble);
        tokio::select! {
            ended = service.run(planned.clone(), &journal) => panic!("{trouble:?}: {ended:?}"),
            () = journal.died.notified() => {}
        }
        let restored = journal.restored(&planned);
        let ended = service.run(restored, &journal).await.unwrap();
        assert_eq!((ended.state, ended.billed), (GenerationState::Completed, Some(Usd::ZERO)), "{trouble:?}");
        assert_eq!(ended.reused_request_id.as_deref(), Some("r-1"));
        assert_eq!(journal.names(), ["reused"]);
        assert_eq!(stage.files(), ["copy.mp4", "copy.mp4.json", "out.mp4", "out.mp4.json"], "{trouble:?}");
        let assets = books.assets(&"film".into()).await.unwrap();
        assert_eq!(assets.iter().map(|asset| asset.name.as_str()).collect::<Vec<_>>(), ["copy.mp4"], "{trouble:?}");
        assert_eq!(overall(&books).await, Ledger::new(usd("0.28"), Usd::ZERO), "{trouble:?}: nothing stays set aside");
        assert_eq!((stage.submits(), stage.script().uploaded.len()), (1, 1));
    }
}

#[tokio::test]
async fn a_fingerprint_tells_what_is_made_and_not_where_it_goes() {
    let (stage, books) = (Stage::new(), SqliteBooks::in_memory());
    let service = service(&stage, &books, Budget::default());
    let print = |request: GenerationRequest| {
        let service = service.clone();
        async move { service.fingerprint(&service.plan(&request).await.unwrap()).await.unwrap().unwrap() }
    };
    let asked = print(request()).await;
    let file = stage.folder.path().join("the same.png");
    std::fs::write(&file, png(64, 36)).unwrap();
    let mut from_file = request();
    from_file.image = ImageInput::Path(file);
    for same in [
        request().with_file_name("b.mp4"),
        request().with_fresh(true),
        request().with_max_cost(usd("1")),
        request().with_fallback_model("hailuo_02"),
        from_file,
    ] {
        assert_eq!(print(same.clone()).await, asked, "{same:?}");
    }
    let of_picture = |image| GenerationRequest::new(image, PROMPT);
    let url = |text: &str| of_picture(ImageInput::Url(text.to_owned()));
    let kling_pro = || request().with_model("kling_2.1_pro");
    let others = [
        asked,
        print(of_picture(ImageInput::Bytes { name: "lighthouse.png".to_owned(), bytes: png(64, 37).into() })).await,
        print(url("https://host.example/a.png")).await,
        print(url("https://host.example/b.png")).await,
        print(GenerationRequest::new(request().image, "slow zoom out of the lighthouse")).await,
        print(request().with_duration_seconds(10)).await,
        print(request().with_aspect_ratio("1:1", Fit::Crop)).await,
        print(request().with_aspect_ratio("1:1", Fit::Pad)).await,
        print(request().with_parameter("cfg_scale", 0.4)).await,
        print(kling_pro()).await,
        print(kling_pro().with_end_image(request().image)).await,
    ];
    let different: std::collections::BTreeSet<_> = others.iter().collect();
    assert_eq!(different.len(), others.len());
    let plan = stage.service().plan(&request()).await.unwrap();
    assert_eq!(stage.service().fingerprint(&plan).await.unwrap(), None, "no books are kept there");
}

//! What every implementation of [`Books`] has to do. Call [`check_books`] in a test of your own.

use std::sync::Arc;

use videogen_domain::{
    Asset, AssetId, Attachment, Budget, CostEstimate, Decision, Ledger, Limit, Project, ProjectId, Scene, SceneId,
    UnixMillis, Usd, VideoFacts,
};

use crate::{Bill, Booking, Books, BooksError, FinishedVideo};

/// The morning of 2026-11-26.
const MORNING: UnixMillis = UnixMillis(1_795_680_000_000);
const TOMORROW: UnixMillis = UnixMillis(MORNING.0 + 24 * 60 * 60 * 1000);

/// Checks everything; `make` makes empty books.
///
/// # Panics
/// When the books do not conform.
pub async fn check_books<B: Books + 'static>(make: impl Fn() -> B) {
    a_reservation_is_spent_once(&make()).await;
    a_reservation_is_given_back_once(&make()).await;
    another_reservation_takes_the_place_of_the_first(&make()).await;
    a_refusal_sets_nothing_aside(&make()).await;
    a_bill_is_booked_on_the_day_of_its_reservation(&make()).await;
    a_bill_is_found_by_its_request(&make()).await;
    what_was_released_and_billed_after_all_is_spent(&make()).await;
    only_the_latest_counts_are_learned(&make()).await;
    projects_are_kept(&make()).await;
    a_finished_video_joins_its_scene(&make()).await;
    a_finished_video_is_found_by_what_was_asked_for(&make()).await;
    a_video_that_was_paid_for_joins_another_project(&make()).await;
    callers_at_once_never_oversell(Arc::new(make())).await;
}

async fn a_reservation_is_spent_once(books: &impl Books) {
    let within = Budget { overall: Some(usd("1")), ..Budget::default() };
    for _ in 0..2 {
        let decision = books.reserve(&booking("b-1", "0.28"), &within).await.unwrap();
        assert_eq!(decision, Decision::Allowed { reserve: usd("0.28") });
        assert_eq!(overall(books).await, Ledger::new(Usd::ZERO, usd("0.28")), "however often it is asked for");
    }
    for _ in 0..2 {
        books.settle(&bill("b-1", "r-1", Some("0.27")), None).await.unwrap();
        assert_eq!(overall(books).await, Ledger::new(usd("0.27"), Usd::ZERO), "however often it is settled");
    }
    books.release("b-1", MORNING).await.unwrap();
    assert_eq!(overall(books).await, Ledger::new(usd("0.27"), Usd::ZERO), "what is spent is not released");
    let decision = books.reserve(&booking("b-1", "0.28"), &within).await.unwrap();
    assert_eq!(decision, Decision::Allowed { reserve: Usd::ZERO }, "what is paid for costs nothing more");
    books.reserve(&booking("b-2", "0.50"), &within).await.unwrap();
    books.settle(&bill("b-2", "r-2", None), None).await.unwrap();
    assert_eq!(overall(books).await, Ledger::new(usd("0.77"), Usd::ZERO), "an unknown bill is not nothing");
}

async fn a_reservation_is_given_back_once(books: &impl Books) {
    books.reserve(&booking("b-1", "0.28"), &Budget::default()).await.unwrap();
    books.reserve(&booking("b-2", "0.28"), &Budget::default()).await.unwrap();
    for _ in 0..2 {
        books.release("b-1", MORNING).await.unwrap();
        assert_eq!(overall(books).await, Ledger::new(Usd::ZERO, usd("0.28")));
    }
    books.release("unheard of", MORNING).await.unwrap();
    let decision = books.reserve(&booking("b-1", "0.28"), &Budget::default()).await.unwrap();
    assert_eq!(decision, Decision::Allowed { reserve: usd("0.28") }, "it may be asked for again");
    assert_eq!(overall(books).await, Ledger::new(Usd::ZERO, usd("0.56")));
}

async fn another_reservation_takes_the_place_of_the_first(books: &impl Books) {
    let within = Budget { overall: Some(usd("0.50")), ..Budget::default() };
    books.reserve(&booking("b-1", "0.28"), &within).await.unwrap();
    let dearer = Booking { endpoint_id: "o/dearer".to_owned(), ..booking("b-1", "0.49") };
    books.reserve(&dearer, &within).await.unwrap();
    assert_eq!(overall(books).await, Ledger::new(Usd::ZERO, usd("0.49")));
    let too_dear = booking("b-1", "0.51");
    assert!(matches!(books.reserve(&too_dear, &within).await.unwrap(), Decision::Refused(_)));
    assert_eq!(overall(books).await, Ledger::default(), "nothing stays set aside for what is refused");
}

async fn a_refusal_sets_nothing_aside(books: &impl Books) {
    let within = Budget { per_project: Some(usd("0.30")), ..Budget::default() };
    let film = Booking { project_id: Some("film".into()), ..booking("b-1", "0.28") };
    books.reserve(&film, &within).await.unwrap();
    let second = Booking { booking_id: "b-2".to_owned(), ..film.clone() };
    let Decision::Refused(refusal) = books.reserve(&second, &within).await.unwrap() else {
        panic!("two videos of $0.28 do not fit into $0.30");
    };
    assert_eq!((refusal.limit, refusal.left), (Limit::Project, usd("0.02")));
    let other = Booking { project_id: Some("other film".into()), ..second };
    assert!(matches!(books.reserve(&other, &within).await.unwrap(), Decision::Allowed { .. }));
    let ledgers = books.ledgers(Some(&"film".into()), MORNING).await.unwrap();
    assert_eq!(ledgers.project, Some(Ledger::new(Usd::ZERO, usd("0.28"))));
    assert_eq!((ledgers.day, ledgers.overall), (Ledger::new(Usd::ZERO, usd("0.56")), ledgers.day));
}

async fn a_bill_is_booked_on_the_day_of_its_reservation(books: &impl Books) {
    books.reserve(&booking("b-1", "0.28"), &Budget::default()).await.unwrap();
    let late = Bill { at: TOMORROW, ..bill("b-1", "r-1", Some("0.28")) };
    books.settle(&late, None).await.unwrap();
    let day = |at| async move { books.ledgers(None, at).await.unwrap().day };
    assert_eq!(day(MORNING).await, Ledger::new(usd("0.28"), Usd::ZERO));
    assert_eq!(day(TOMORROW).await, Ledger::default());
}

async fn a_bill_is_found_by_its_request(books: &impl Books) {
    let film = Booking { project_id: Some("film".into()), ..booking("b-1", "0.28") };
    books.reserve(&film, &Budget::default()).await.unwrap();
    books.accepted("b-1", "r-1").await.unwrap();
    books.accepted("unheard of", "r-9").await.unwrap();
    let adopted = Bill { booking_id: None, ..bill("", "r-1", Some("0.28")) };
    books.settle(&adopted, None).await.unwrap();
    let ledgers = books.ledgers(Some(&"film".into()), MORNING).await.unwrap();
    assert_eq!(ledgers.project, Some(Ledger::new(usd("0.28"), Usd::ZERO)), "it is known for which project it was");
    assert_eq!(ledgers.overall, Ledger::new(usd("0.28"), Usd::ZERO));

    let unknown = Bill { booking_id: None, ..bill("", "r-2", Some("0.49")) };
    for _ in 0..2 {
        books.settle(&unknown, None).await.unwrap();
        assert_eq!(overall(books).await, Ledger::new(usd("0.77"), Usd::ZERO), "a bill without booking counts once");
    }
}

async fn what_was_released_and_billed_after_all_is_spent(books: &impl Books) {
    books.reserve(&booking("b-1", "0.28"), &Budget::default()).await.unwrap();
    books.release("b-1", MORNING).await.unwrap();
    books.settle(&bill("b-1", "r-1", Some("0.28")), None).await.unwrap();
    assert_eq!(overall(books).await, Ledger::new(usd("0.28"), Usd::ZERO));
}

async fn only_the_latest_counts_are_learned(books: &impl Books) {
    use videogen_domain::{LearnedUnits, ModelRegistry};
    let models = ModelRegistry::builtin();
    let model = models.get("kling_2.1").unwrap();
    let parameters = serde_json::Map::from_iter([("duration".to_owned(), "5".into())]);
    let class = LearnedUnits::class_of(&parameters);
    let endpoint_id = model.endpoint_id().to_owned();
    let counts = [[10; LearnedUnits::KEPT], [5; LearnedUnits::KEPT]].concat();
    for (age, count) in counts.into_iter().enumerate() {
        let bill = Bill {
            booking_id: None,
            endpoint_id: endpoint_id.clone(),
            class: Some(class.clone()),
            billable_units: Some(count.into()),
            at: UnixMillis(MORNING.0 + age as i64),
            ..bill("", &format!("r-{age}"), Some("0.28"))
        };
        books.settle(&bill, None).await.unwrap();
    }
    let learned = books.learned_units(&[endpoint_id]).await.unwrap();
    assert_eq!(learned.estimate(model.as_ref(), &parameters), Some(CostEstimate::Exact(usd("0.28"))));
    let elsewhere = books.learned_units(&["o/other".to_owned()]).await.unwrap();
    assert_eq!(elsewhere, LearnedUnits::default());
}

async fn projects_are_kept(books: &impl Books) {
    let film = Project::new("film".into(), "The lighthouse", MORNING).unwrap();
    let trailer = Project::new("a trailer".into(), "The lighthouse, in short", MORNING).unwrap();
    books.create_project(&film).await.unwrap();
    books.create_project(&trailer).await.unwrap();
    assert!(matches!(books.create_project(&film).await, Err(BooksError::ProjectExists(_))));
    assert_eq!(books.projects().await.unwrap(), [film.clone(), trailer], "in their order");
    let id = ProjectId::from("film");
    let changed = books.add_scene(&id, scene("dawn"), None).await.unwrap();
    assert_eq!(books.project(&id).await.unwrap(), Some(changed.clone()));
    assert!(matches!(books.add_scene(&id, scene("dawn"), None).await, Err(BooksError::Project(_))));
    assert_eq!(books.project(&id).await.unwrap(), Some(changed), "a refused change changes nothing");
    let unknown = ProjectId::from("no film");
    assert_eq!(books.project(&unknown).await.unwrap(), None);
    assert!(matches!(books.add_scene(&unknown, scene("dawn"), None).await, Err(BooksError::NoProject(_))));
    assert_eq!(books.project_totals(&unknown).await.unwrap(), None);
}

async fn a_finished_video_joins_its_scene(books: &impl Books) {
    let film = Project::new("film".into(), "The lighthouse", MORNING).unwrap();
    books.create_project(&film).await.unwrap();
    books.add_scene(film.id(), scene("dawn"), None).await.unwrap();
    for attached in [Attachment::Shown { replaced: None }, Attachment::Unchanged] {
        let asset = asset("r-1", Some("dawn"));
        let attachment = books.settle(&bill("b-1", "r-1", Some("0.28")), Some(&asset)).await.unwrap();
        assert_eq!(attachment, attached);
    }
    let stray = asset("r-2", Some("a scene that is gone"));
    let attachment = books.settle(&bill("b-2", "r-2", None), Some(&stray)).await.unwrap();
    assert_eq!(attachment, Attachment::NoScene);
    let nowhere = Asset { project_id: "a project that is gone".into(), ..asset("r-3", None) };
    books.settle(&bill("b-3", "r-3", Some("0.28")), Some(&nowhere)).await.unwrap();

    let project = books.project(film.id()).await.unwrap().unwrap();
    assert_eq!(project.scene(&"dawn".into()).unwrap().shown(), Some(&AssetId::from("r-1")));
    assert_eq!(books.assets(film.id()).await.unwrap(), [asset("r-1", Some("dawn")), stray]);
    let totals = books.project_totals(film.id()).await.unwrap().unwrap();
    assert_eq!((totals.finished_scenes, totals.videos, totals.duration_ms), (1, 2, 5_042));
    assert_eq!((totals.known_cost, totals.unknown_costs), (usd("0.56"), 0));
    assert_eq!(totals.bytes, 2_000);

    for at in [MORNING, TOMORROW] {
        books.asset_deleted("r-1", "r-1.mp4", at).await.unwrap();
        books.asset_deleted("unheard of", "r-1.mp4", at).await.unwrap();
        assert_eq!(books.assets(film.id()).await.unwrap()[0].deleted_at, Some(MORNING), "it is deleted once");
    }
    let totals = books.project_totals(film.id()).await.unwrap().unwrap();
    assert_eq!((totals.bytes, totals.videos, totals.known_cost), (1_000, 2, usd("0.56")), "what it cost stays");
}

async fn a_finished_video_is_found_by_what_was_asked_for(books: &impl Books) {
    let video = |name: &str| FinishedVideo {
        fingerprint: "f".to_owned(),
        place: "/films".to_owned(),
        name: name.to_owned(),
        bytes: 1_000,
        content_hash: name.to_owned(),
    };
    assert_eq!(books.finished_videos("f").await.unwrap(), []);
    for name in ["first.mp4", "second.mp4", "first.mp4"] {
        let bill = Bill { finished: Some(video(name)), ..bill(name, name, Some("0.28")) };
        books.settle(&bill, None).await.unwrap();
    }
    assert_eq!(books.finished_videos("f").await.unwrap(), ["second.mp4", "first.mp4"].map(video), "the newest first");
    assert_eq!(books.finished_videos("g").await.unwrap(), []);
}

async fn a_video_that_was_paid_for_joins_another_project(books: &impl Books) {
    for id in ["film", "trailer"] {
        let mut project = Project::new(id.into(), "The lighthouse", MORNING).unwrap();
        project.add_scene(scene("opening"), None).unwrap();
        books.create_project(&project).await.unwrap();
    }
    let made = asset("r-1", Some("opening"));
    books.settle(&bill("b-1", "r-1", Some("0.28")), Some(&made)).await.unwrap();
    let shared = Asset { id: "b-2".into(), project_id: "trailer".into(), billed: Some(Usd::ZERO), ..made.clone() };
    for _ in 0..2 {
        books.attach(&shared).await.unwrap();
        assert_eq!(books.assets(&"trailer".into()).await.unwrap(), std::slice::from_ref(&shared));
    }
    let project = books.project(&"trailer".into()).await.unwrap().unwrap();
    assert_eq!(project.scene(&"opening".into()).unwrap().shown(), Some(&shared.id));
    let totals = books.project_totals(&"trailer".into()).await.unwrap().unwrap();
    assert_eq!((totals.videos, totals.known_cost), (1, Usd::ZERO));
    books.asset_deleted("r-1", "r-1.mp4", TOMORROW).await.unwrap();
    for id in ["film", "trailer"] {
        let deleted: Vec<_> = books.assets(&id.into()).await.unwrap().iter().map(|asset| asset.deleted_at).collect();
        assert_eq!(deleted, [Some(TOMORROW)], "both showed the one file");
    }
}

async fn callers_at_once_never_oversell(books: Arc<impl Books + 'static>) {
    let within = Budget { overall: Some(usd("5.00")), ..Budget::default() };
    let callers = (0..64).map(|number| {
        let books = Arc::clone(&books);
        tokio::spawn(async move {
            let decision = books.reserve(&booking(&format!("b-{number}"), "0.28"), &within).await.unwrap();
            if matches!(decision, Decision::Refused(_)) {
                return 0;
            }
            books.settle(&bill(&format!("b-{number}"), &format!("r-{number}"), Some("0.28")), None).await.unwrap();
            1
        })
    });
    let mut made = 0;
    for caller in callers.collect::<Vec<_>>() {
        made += caller.await.unwrap();
    }
    assert_eq!(made, 17, "$5.00 is enough for 17 videos of $0.28");
    assert_eq!(overall(books.as_ref()).await, Ledger::new(usd("4.76"), Usd::ZERO));
}

async fn overall(books: &impl Books) -> Ledger {
    books.ledgers(None, MORNING).await.unwrap().overall
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn booking(id: &str, estimate: &str) -> Booking {
    Booking {
        booking_id: id.to_owned(),
        project_id: None,
        model_id: "kling_2.1".to_owned(),
        endpoint_id: "o/kling".to_owned(),
        estimate: CostEstimate::Exact(usd(estimate)),
        at: MORNING,
    }
}

fn bill(booking_id: &str, request_id: &str, billed: Option<&str>) -> Bill {
    Bill {
        booking_id: Some(booking_id.to_owned()),
        request_id: request_id.to_owned(),
        project_id: None,
        model_id: "kling_2.1".to_owned(),
        endpoint_id: "o/kling".to_owned(),
        class: None,
        billable_units: None,
        billed: billed.map(usd),
        finished: None,
        at: MORNING,
    }
}

fn scene(id: &str) -> Scene {
    Scene::new(id.into(), "slow zoom in on the lighthouse").unwrap()
}

fn asset(id: &str, scene: Option<&str>) -> Asset {
    Asset {
        id: id.into(),
        project_id: "film".into(),
        scene_id: scene.map(SceneId::from),
        name: format!("{id}.mp4"),
        model_id: "kling_2.1".to_owned(),
        request_id: id.to_owned(),
        facts: VideoFacts { duration_ms: Some(5_042), ..VideoFacts::default() },
        bytes: 1_000,
        estimate: Some(usd("0.28")),
        billed: Some(usd("0.28")),
        created_at: MORNING,
        deleted_at: None,
    }
}
